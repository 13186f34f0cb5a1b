"""The comments of a request: checked by hand in one loop, the faulty ones told apart from the good."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.api.body import NotJson, parse_json, whole_characters
from service.api.problem import Problem

SHOWN = 80
"""Most characters of a faulty value that a reply repeats."""

LISTED = 100
"""Most faults that a refusal lists."""

Id = str | int

MISSING = object()


@dataclass(slots=True)
class Batch:
    """The good comments of a request as columns of one length, and the faults of the others.

    `indices` are places in the request, from 0; `faults` are objects with `index`, `field`, `value`, `message` and,
    where it could be read, `id`.
    """

    texts: list[str] = field(default_factory=list)
    ids: list[Id | None] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def slices(self, size: int) -> Iterator["Batch"]:
        """The good comments again, `size` at a time and without the faults."""
        for start in range(0, len(self), size):
            part = slice(start, start + size)
            yield Batch(self.texts[part], self.ids[part], self.indices[part])

    def require_all(self) -> None:
        """Raise a 422 `Problem` that lists the faults, if there are any."""
        if not self.faults:
            return
        first, total = self.faults[0], len(self) + len(self.faults)
        detail = (
            f"{len(self.faults)} of {total} comments cannot be scored; at index {first['index']}: {first['message']}"
        )
        if total > 1:
            detail += " Correct what errors lists, or send ?on_error=skip to score the others."
        title = "Comments cannot be scored"
        raise Problem(422, detail, kind="bad-comments", title=title, errors=self.faults[:LISTED])


def read_json(body: bytes, max_comments: int) -> tuple[Batch, bool]:
    """The comments of a JSON body, and whether it is one comment by itself. Raises a `Problem` as `json_rows` does."""
    rows, alone = json_rows(body, max_comments)
    return check_comments(rows), alone


def read_ndjson(body: bytes, max_comments: int) -> Batch:
    """The comments of an NDJSON body, one a line; empty lines count for nothing. Raises a 413 `Problem`."""
    return check_comments(ndjson_rows(body, max_comments))


def json_rows(body: bytes, max_comments: int) -> tuple[list[Any], bool]:
    """What stands where comments should in a JSON body, and whether it is one comment by itself.

    Raises a `Problem`: 400 for a body that is no JSON, 413 for too many comments, 422 for JSON of another shape.
    """
    try:
        document = parse_json(body)
    except NotJson as error:
        detail = f"The body is not JSON: {error}."
        raise Problem(
            400, detail, kind="not-json", title="The body is not JSON", line=error.line, column=error.column
        ) from None
    if not isinstance(document, dict):
        remedy = 'put the list into an object: {"comments": [...]}' if isinstance(document, list) else SHAPES
        raise _shape("body", document, f"The body must be an object; {remedy}.")
    if "comments" not in document:
        if "text" not in document:
            raise _shape("text", document, f"The body has neither text nor comments; {SHAPES}.")
        return [document], True
    comments = document["comments"]
    if "text" in document:
        raise _shape("text", document["text"], "The body has text beside comments; send one of the two.")
    if not isinstance(comments, list):
        raise _shape("comments", comments, 'comments must be a list of objects such as {"text": "好看"}.')
    require_room(len(comments), max_comments)
    return comments, False


def ndjson_rows(body: bytes, max_comments: int) -> Iterator[Any]:
    """What stands in the lines of an NDJSON body; empty lines count for nothing. Raises a 413 `Problem`.

    A line that is no JSON becomes an object of its own, which `fault` tells of.
    """
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line and not line.isspace()]
    require_room(len(lines), max_comments)
    return (_parsed(number, line) for number, line in lines)


def require_room(count: int, max_comments: int) -> None:
    """Raise a 413 `Problem` when a request has more than `max_comments`."""
    if count > max_comments:
        detail = f"The request has {count} comments; one request may have {max_comments}. Split them over requests."
        raise Problem(
            413, detail, kind="too-many-comments", title="Too many comments", max_comments=max_comments, comments=count
        )


def check_comments(comments: Iterable[Any]) -> Batch:
    """The comments as a `Batch`; one whose text or id cannot be used becomes a fault.

    >>> batch = check_comments([{"text": "好看", "id": "a"}, {"text": None}])
    >>> batch.texts, batch.faults[0]["index"], batch.faults[0]["field"], batch.faults[0]["value"]
    (['好看'], 1, 'text', 'null')
    """
    batch = Batch()
    for index, comment in enumerate(comments):
        if type(comment) is dict:
            text, name = comment.get("text"), comment.get("id")
            if type(text) is str and (name is None or type(name) is str or type(name) is int):
                batch.texts.append(text)
                batch.ids.append(name)
                batch.indices.append(index)
                continue
        batch.faults.append(fault(index, comment))
    return batch


def fault(index: int, comment: Any) -> dict[str, Any]:
    """What is wrong with a comment whose text or id cannot be used."""
    if isinstance(comment, _Unreadable):
        return told(index, None, "line", comment.line.decode(errors="replace"), comment.reason)
    if not isinstance(comment, dict):
        return told(index, None, "comment", comment, 'A comment must be an object such as {"text": "好看"}.')
    name = comment.get("id")
    known = name if type(name) is int or type(name) is str else None
    if "text" not in comment:
        return told(index, known, "text", MISSING, "text is missing; every comment needs one, which may be empty.")
    if not isinstance(comment["text"], str):
        message = f"text must be a string, not {_sort(comment['text'])}; leave the comment out or send an empty text."
        return told(index, known, "text", comment["text"], message)
    message = f"id must be a string or a whole number below 2^64, not {_sort(name)}; send it as a string."
    return told(index, None, "id", name, message)


def told(index: int, name: Id | None, where: str, value: Any, message: str) -> dict[str, Any]:
    """A fault as a reply lists it; `value` may be `MISSING`."""
    found = {"index": index, "field": where, "value": None if value is MISSING else shown(value), "message": message}
    return found if name is None else {"id": name} | found


SHAPES = 'send {"text": "..."} or {"comments": [{"text": "..."}]}'


@dataclass(frozen=True, slots=True)
class _Unreadable:
    line: bytes
    reason: str


def _parsed(number: int, line: bytes) -> Any:
    try:
        return parse_json(line)
    except NotJson as error:
        return _Unreadable(line, f"Line {number} is not JSON: {error.reason} at column {error.column}.")


def _shape(where: str, value: Any, message: str) -> Problem:
    errors: Sequence[dict[str, Any]] = [{"index": None, "field": where, "value": shown(value), "message": message}]
    return Problem(422, message, kind="body-shape", title="The body has another shape", errors=errors)


def shown(value: Any) -> str:
    """A faulty value as JSON, cut to what a person needs to find it again.

    >>> shown("片" * 100) == '"' + "片" * 79 + "…", shown(["好看"]), shown(True)
    (True, '[…]', 'true')
    """
    if isinstance(value, list | dict):
        return ("[…]" if isinstance(value, list) else "{…}") if value else ("[]" if isinstance(value, list) else "{}")
    text = json.dumps(whole_characters(value[:SHOWN]) if isinstance(value, str) else value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _sort(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list():
            return "a list"
    return "an object"
