"""A comment as the service takes it over HTTP: one line of NDJSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from corpora.comment import Comment
from corpora.readers import Row
from service.streams.ids import content_id

REQUEST_COMMENTS = 500
"""Most comments in a request."""
REQUEST_BYTES = 1_000_000
"""Most bytes in a request, but for a comment that is longer by itself: half of what the service takes by default."""

_TIMELESS = float("inf")


@dataclass(frozen=True, slots=True)
class Message:
    """A comment to be sent: its line, its time in seconds since 1970 (infinite where none is known), its origin."""

    line: bytes
    time: float
    source: Path
    number: int


def message(row: Row) -> Message:
    """Make the line of a comment; what is not known is left out, and an id that is missing is made of the content."""
    comment = row.comment
    line = orjson.dumps({name: value for name, value in _members(comment) if value is not None})
    return Message(
        bytes(memoryview(line)),  # a copy: what orjson gives keeps some 4 KiB, however short it is
        comment.time.timestamp() if comment.time is not None else _TIMELESS,
        row.source,
        row.number,
    )


def requests(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """Divide messages, in their order, into what one request each can carry."""
    start = size = 0
    for place, each in enumerate(messages):
        if place > start and (place - start == REQUEST_COMMENTS or size + len(each.line) + 1 > REQUEST_BYTES):
            yield messages[start:place]
            start, size = place, 0
        size += len(each.line) + 1
    if start < len(messages):
        yield messages[start:]


def _members(comment: Comment) -> Iterator[tuple[str, object]]:
    seconds = comment.time.timestamp() if comment.time is not None else None
    yield "id", comment.id or content_id(comment.text, seconds, comment.author, comment.thread)
    yield "text", comment.text
    yield "time", comment.time
    yield "author", comment.author
    yield "thread", comment.thread
    yield "platform", comment.platform
    yield "gender", comment.gender
    yield "likes", comment.likes
    yield "work", comment.work
