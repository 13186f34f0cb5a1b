"""`POST /streams/{stream}/comments`: comments into a stream, which is made where there is none."""

import time
from collections.abc import Callable, Coroutine
from typing import Any

import anyio.to_thread
import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from service.api.asked import Bounds, Counts, StreamName, Streams, stream_name
from service.api.body import Form, body_form, read_body
from service.api.comments import json_rows, ndjson_rows
from service.api.intake import Intake, read_comments
from service.api.metrics import Metrics
from service.api.parameters import ONLY_KNOWN, only_known
from service.api.problem import Problem
from service.api.stream_replies import COMMENTS_REQUEST, COMMENTS_RESPONSES
from service.store.intake import Incoming, Receipt

_LONG = 32_768
"""Bytes of a body that are read in a thread: of fewer, the way to the thread and back is the longer part."""


class _Direct(APIRoute):
    """The route as documented, its dependencies asked by hand: to have them found out costs what ten comments do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return _answer


router = APIRouter(tags=["streams"], dependencies=[ONLY_KNOWN], route_class=_Direct)


async def _answer(request: Request) -> Response:
    await only_known(request)
    name = await stream_name(request, request.path_params["stream"])
    state = request.app.state
    told = await post_comments(request, name, state.streams, state.live.settings, state.metrics)
    return Response(orjson.dumps(told), media_type="application/json")


@router.post(
    "/streams/{stream}/comments", openapi_extra={"requestBody": COMMENTS_REQUEST}, responses=COMMENTS_RESPONSES
)
async def post_comments(
    request: Request, name: StreamName, streams: Streams, bounds: Bounds, counts: Counts
) -> dict[str, Any]:
    """Take comments into a stream, in the order of their times. What is accepted is on disk when the answer comes.

    Sending a comment again changes nothing, so whoever got no answer sends all again. Faulty comments are left out and
    told in `errors`.
    """
    _ = streams.store
    form = body_form(request)
    body = await read_body(request, bounds.max_bytes)
    if len(body) > _LONG:
        intake = await anyio.to_thread.run_sync(_read, form, body, bounds.max_comments)
    else:
        intake = _read(form, body, bounds.max_comments)
    if intake.faults:
        counts.streams.comments.labels("rejected").inc(len(intake.faults))
        if not intake.comments:
            raise _none_usable(name, intake)
    receipt = await streams.accept(Incoming(name, intake.comments, bounds.lateness))
    _count(counts, receipt)
    return _told(name, receipt, intake)


def _read(form: Form, body: bytes, max_comments: int) -> Intake:
    rows = json_rows(body, max_comments)[0] if form == "json" else ndjson_rows(body, max_comments)
    return read_comments(rows, time.time())


def _told(name: str, receipt: Receipt, intake: Intake) -> dict[str, Any]:
    return {
        "stream": name,
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "late": receipt.late,
        "rejected": len(intake.faults),
        "errors": intake.listed,
    }


def _none_usable(name: str, intake: Intake) -> Problem:
    first = intake.faults[0]
    detail = f"None of {len(intake.faults)} comments can be used; at index {first['index']}: {first['message']}"
    told = _told(name, Receipt(0, 0, 0, None), intake)
    return Problem(422, detail, kind="bad-comments", title="Comments cannot be used", **told)


def _count(counts: Metrics, receipt: Receipt) -> None:
    for outcome, number in (
        ("accepted", receipt.accepted),
        ("duplicate", receipt.duplicates),
        ("late", receipt.late),
    ):
        counts.streams.comments.labels(outcome).inc(number)
