"""The body of a request: its media type, its size, and the JSON in it."""

import gzip
import io
import json
import zlib
from typing import Any, Literal

import anyio.to_thread
import orjson
from starlette.requests import Request

from service.api.problem import Problem

Form = Literal["json", "ndjson"]

FORMS: dict[str, Form] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
}
TAKEN = "application/json, application/x-ndjson"


class NotJson(ValueError):
    """A text is no JSON; `reason` says what was met, `line` and `column` (from 1) where."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(f"{reason} at line {line}, column {column}")
        self.reason = reason
        self.line = line
        self.column = column


def body_form(request: Request) -> Form:
    """Which of the forms the Content-Type names. Raises a 415 `Problem` for any other type or charset."""
    header = request.headers.get("content-type", "")
    media_type, *parameters = [part.strip().lower() for part in header.split(";")]
    charsets = {part.removeprefix("charset=").strip('"') for part in parameters if part.startswith("charset=")}
    if media_type in FORMS and charsets <= {"utf-8", "utf8"}:
        return FORMS[media_type]
    given = f"The Content-Type is {header[:80]!r}" if header else "The request has no Content-Type"
    detail = f'{given}; this address takes {TAKEN}, in UTF-8. With curl: -H "Content-Type: application/json".'
    raise Problem(415, detail, kind="media-type", headers={"Accept": TAKEN})


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The bytes of the body, inflated where it came gzipped: at most `max_bytes` before and after.

    Raises a `Problem`: 413 when there are more, 415 for another Content-Encoding, 400 for a broken gzip stream.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        detail = f"The Content-Encoding is {coding[:80]!r}; this address takes gzip, or none."
        raise Problem(415, detail, kind="content-encoding", headers={"Accept-Encoding": "gzip, identity"})
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
    body = b"".join(chunks)
    return body if coding == "identity" else await anyio.to_thread.run_sync(_inflated, body, max_bytes)


def parse_json(data: bytes) -> Any:
    r"""The value of a JSON text in UTF-8; raises `NotJson`.

    Half of a surrogate pair (an emoji that another program cut in two) becomes U+FFFD, and NaN is let through, so
    that one such comment is no reason to refuse the others.

    >>> parse_json(b'{"text": "\\ud83d"}') == {"text": "\ufffd"}
    True
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(data.decode(), object_pairs_hook=_whole_values, parse_int=_exact_or_float)
        except UnicodeDecodeError as fault:
            before = data[: fault.start]
            line, column = before.count(b"\n") + 1, fault.start - before.rfind(b"\n")
            raise NotJson(f"byte 0x{data[fault.start]:02x}, which is not UTF-8,", line, column) from None
        except (ValueError, RecursionError):
            raise NotJson(error.msg, error.lineno, error.colno) from None


def whole_characters(text: str) -> str:
    """The text with every half of a surrogate pair replaced by U+FFFD, which UTF-8 can carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _whole_values(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: whole_characters(value) if isinstance(value, str) else value for key, value in pairs}


def _exact_or_float(digits: str) -> int | float:
    """A whole number as orjson reads it: exact within 64 bits, else a float."""
    if len(digits) <= 20 and -(2**63) <= (number := int(digits)) < 2**64:
        return number
    return float(digits)


def _inflated(body: bytes, max_bytes: int) -> bytes:
    try:
        whole = gzip.GzipFile(fileobj=io.BytesIO(body)).read(max_bytes + 1)
    except (OSError, EOFError, zlib.error):
        detail = (
            "The Content-Encoding is gzip, but the body is no whole gzip stream. Compress it again or send it plain."
        )
        raise Problem(400, detail, kind="not-gzip", title="The body is not gzip") from None
    if len(whole) > max_bytes:
        raise _too_large(max_bytes)
    return whole


def _too_large(max_bytes: int) -> Problem:
    detail = f"The body is larger than the {max_bytes} bytes one request may have. Split the comments over requests."
    return Problem(413, detail, kind="too-many-bytes", title="The body is too large", max_bytes=max_bytes)
