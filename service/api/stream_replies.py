"""Requests and replies of what has to do with streams, as `/openapi.json` tells of them."""

from typing import Any

from service.api.schema import Responses, Shape, problems, ref
from service.api.stream_schema import StreamComment, StreamComments, StreamReceipt

_OFF = "The streams are off in this process, or their database cannot be used; the detail says why."
_NO_STREAM = "There is no such stream."
_PARAMETER = "A parameter, or the stream's name, is not allowed."

STREAM_COMMENTS = {
    "comments": [
        {
            "id": "5203",
            "text": "跟预告片完全是两部电影，想退票",
            "time": "2025-01-29T20:15:00+08:00",
            "platform": "douban",
            "author": "114514",
            "likes": 12,
        },
        {"id": "5204", "text": "笑点很密，全家都喜欢", "time": "2025-01-29T20:15:07+08:00", "platform": "weibo"},
    ]
}
STREAM_LINES = '{"id": "5205", "text": "后半段太拖了", "time": 1738152960}\n{"text": "二刷了，值"}\n'

COMMENTS_REQUEST: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": ref(StreamComment, StreamComments),
            "examples": {"several": {"summary": "Several comments", "value": STREAM_COMMENTS}},
        },
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One StreamComment a line."},
            "examples": {"lines": {"summary": "One comment a line", "value": STREAM_LINES}},
        },
    },
}


def body_of(shape: type[Shape], example: Any, *, required: bool = True) -> dict[str, Any]:
    """The `requestBody` of an operation that takes one JSON object."""
    content = {"application/json": {"schema": ref(shape), "example": example}}
    return {"requestBody": {"required": required, "content": content}}


def replies(shape: type[Shape], text: str, **problem_kinds: str) -> Responses:
    """The replies of an operation: a shape, and problems beside those that every one may meet."""
    content = {"application/json": {"schema": ref(shape)}}
    kinds = {"s422": _PARAMETER, "s503": _OFF} | problem_kinds
    return {200: {"description": text, "content": content}, **problems(**kinds)}


def stream_replies(shape: type[Shape], text: str, **problem_kinds: str) -> Responses:
    """The same of an operation on a stream that must be there."""
    return replies(shape, text, **({"s404": _NO_STREAM} | problem_kinds))


COMMENTS_RESPONSES = replies(
    StreamReceipt,
    "The comments are on disk.",
    s400="The body is not JSON or not whole.",
    s413="More comments than POQUAN_MAX_COMMENTS or bytes than POQUAN_MAX_BYTES; the limit stands in the problem.",
    s415="The body is neither JSON nor NDJSON.",
    s422="No comment can be used, or the stream cannot be called that; errors names index and field.",
    s503="Too many comments wait to be watched (Retry-After says when to come again), the streams are off in this "
    "process, or their database cannot be used. Nothing was kept: send the comments again.",
)

EVENTS_RESPONSES: Responses = {
    200: {
        "description": "Server-sent events: `id` numbers them, `event` is alert.pending, alert.firing or "
        "alert.resolved, `data` a JSON object with `id`, `event`, `stream`, `comment` (its place), `time` and `alert`. "
        "A comment line comes every 15 seconds when there is nothing to tell.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    **problems(s404=_NO_STREAM, s422=_PARAMETER, s503=_OFF),
}
NO_CONTENT: Responses = {204: {"description": "It is gone."}, **problems(s404=_NO_STREAM, s422=_PARAMETER, s503=_OFF)}
