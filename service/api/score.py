"""`POST /score`: one comment, a list of them, or one a line."""

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Query
from fastapi.routing import APIRoute
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from model import Scorer
from service.api.body import body_form, read_body
from service.api.comments import Batch, read_json, read_ndjson
from service.api.metrics import Metrics
from service.api.results import Asked, Wanted, as_lines, told
from service.api.schema import SCORE_REQUEST, SCORE_RESPONSES
from service.scoring import LiveModel

LINES_AT_ONCE = 128
"""Comments of an NDJSON request that are scored, and sent back, together."""

SMALL = 4_096
"""Bytes of a body that is read at once and whose comments are scored with those of other requests."""

OnError = Annotated[
    Literal["fail", "skip"],
    Query(description="What a faulty comment does: fail the request, or be told apart while the others are scored."),
]
Explain = Annotated[bool, Query(description="Whether to add the words that decided; this takes several times longer.")]
Probabilities = Annotated[
    bool,
    Query(description="Whether to give the probability of every circle, aspect and stage, not only of those named."),
]


class Choice(NamedTuple):
    """What the query of a request chooses."""

    wanted: Wanted = Wanted()
    skip: bool = False


class PlainRoute(APIRoute):
    """A route that answers plain queries by itself, in a third of the time FastAPI takes to look at its parameters;
    FastAPI reads the others, documents all and tells what is not allowed."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        choice = plain_choice(scope["query_string"]) if scope["method"] == "POST" else None
        if choice is None:
            await super().handle(scope, receive, send)
            return
        response = await answer(Request(scope, receive, send), choice)
        await response(scope, receive, send)


router = APIRouter(tags=["score"], route_class=PlainRoute)


@router.post("/score", openapi_extra={"requestBody": SCORE_REQUEST}, responses=SCORE_RESPONSES)
async def score(
    request: Request, explain: Explain = False, probabilities: Probabilities = False, on_error: OnError = "fail"
) -> Response:
    """Polarity, circles, aspects and stage of each comment, with their probabilities and the version of the model."""
    return await answer(request, Choice(Wanted(explain, probabilities), on_error == "skip"))


@lru_cache(maxsize=64)
def plain_choice(query: bytes) -> Choice | None:
    """What a query chooses that names each parameter once and plainly; None for any other.

    >>> plain_choice(b"probabilities=true&on_error=skip")
    Choice(wanted=Wanted(explain=False, probabilities=True), skip=True)
    >>> plain_choice(b"probabilities=perhaps") is plain_choice(b"explain=true&explain=false") is None
    True
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    chosen = dict(pairs)
    flags = {"true": True, "false": False}
    explain, probabilities = (flags.get(chosen.pop(name, "false")) for name in ("explain", "probabilities"))
    skip = {"skip": True, "fail": False}.get(chosen.pop("on_error", "fail"))
    if chosen or explain is None or probabilities is None or skip is None or len(dict(pairs)) < len(pairs):
        return None
    return Choice(Wanted(explain, probabilities), skip)


async def answer(request: Request, choice: Choice) -> Response:
    """The reply to a request. Raises `Problem`, `NotReady` and `Busy`."""
    state: State = request.app.state
    live: LiveModel = state.live
    counts: Metrics = state.metrics
    scorer, bounds = live.scorer, live.settings
    form = body_form(request)
    body = await read_body(request, bounds.max_bytes)
    if form == "json":
        if len(body) <= SMALL and bounds.gather and not choice.wanted.explain:
            batch, alone = _good(body, bounds.max_comments, choice)
            asked = Asked(batch, choice.wanted.probabilities)
            version, rows = await state.gathering.do(asked, sum(map(len, batch.texts)))
        else:
            batch, alone, rows = await live.run(lambda: _told(scorer, body, bounds.max_comments, choice))
            version = scorer.version
        counts.scored.inc(len(rows))
        return Response(_document(batch, alone, rows, version, choice, counts), media_type="application/json")
    batch = await live.run(lambda: read_ndjson(body, bounds.max_comments))
    if not choice.skip:
        batch.require_all()
    lines = _lines(live, scorer, batch, choice.wanted, counts)
    first = await anext(lines, b"")  # an error in it can still be told by the status
    return StreamingResponse(_with_first(first, lines), media_type="application/x-ndjson")


def _good(body: bytes, max_comments: int, choice: Choice) -> tuple[Batch, bool]:
    """The comments of a JSON body, and whether it is one by itself; refused where a fault must not be skipped."""
    batch, alone = read_json(body, max_comments)
    if alone or not choice.skip:
        batch.require_all()
    return batch, alone


def _told(scorer: Scorer, body: bytes, max_comments: int, choice: Choice) -> tuple[Batch, bool, list[bytes]]:
    batch, alone = _good(body, max_comments, choice)
    return batch, alone, told(scorer, batch, choice.wanted)


def _document(batch: Batch, alone: bool, rows: list[bytes], version: str, choice: Choice, counts: Metrics) -> bytes:
    if alone:
        return rows[0]
    errors = b""
    if choice.skip:
        counts.refused.inc(len(batch.faults))
        errors = b',"errors":' + orjson.dumps(batch.faults)
    return b'{"model":%b,"results":[%b]%b}' % (orjson.dumps(version), b",".join(rows), errors)


async def _lines(
    live: LiveModel, scorer: Scorer, batch: Batch, wanted: Wanted, counts: Metrics
) -> AsyncIterator[bytes]:
    faults = batch.faults
    counts.refused.inc(len(faults))
    begun = 0
    for part in batch.slices(LINES_AT_ONCE):
        before = begun
        while begun < len(faults) and faults[begun]["index"] < part.indices[-1]:
            begun += 1
        rows = await live.run(lambda part=part: told(scorer, part, wanted), admitted=True)  # type: ignore[misc]
        counts.scored.inc(len(rows))
        yield as_lines(rows, part.indices, faults[before:begun], scorer.version)
    yield as_lines([], [], faults[begun:], scorer.version)


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for line in rest:
        yield line
