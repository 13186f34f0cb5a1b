"""`POST /score`: one comment, a list of them, or one a line."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from model import Scorer
from service.api.asked import Bounds, Counts, Live
from service.api.body import body_form, read_body
from service.api.comments import Batch, read_json, read_ndjson
from service.api.metrics import Metrics
from service.api.results import Wanted, as_lines, scored
from service.api.schema import SCORE_REQUEST, SCORE_RESPONSES
from service.scoring import LiveModel

router = APIRouter(tags=["score"])

LINES_AT_ONCE = 128
"""Comments of an NDJSON request that are scored, and sent back, together."""

OnError = Annotated[
    Literal["fail", "skip"],
    Query(description="What a faulty comment does: fail the request, or be told apart while the others are scored."),
]
Explain = Annotated[bool, Query(description="Whether to add the words that decided; this takes several times longer.")]
Probabilities = Annotated[
    bool,
    Query(description="Whether to give the probability of every circle, aspect and stage, not only of those named."),
]


@router.post("/score", openapi_extra={"requestBody": SCORE_REQUEST}, responses=SCORE_RESPONSES)
async def score(
    request: Request,
    live: Live,
    bounds: Bounds,
    counts: Counts,
    explain: Explain = False,
    probabilities: Probabilities = False,
    on_error: OnError = "fail",
) -> Response:
    """Polarity, circles, aspects and stage of each comment, with their probabilities and the version of the model."""
    scorer = live.scorer
    form = body_form(request)
    body = await read_body(request, bounds.max_bytes)
    wanted, skip = Wanted(explain, probabilities), on_error == "skip"
    if form == "json":
        reply = await live.run(lambda: _reply(scorer, body, bounds.max_comments, wanted, skip, counts))
        return Response(reply, media_type="application/json")
    batch = await live.run(lambda: read_ndjson(body, bounds.max_comments))
    if not skip:
        batch.require_all()
    lines = _lines(live, scorer, batch, wanted, counts)
    first = await anext(lines, b"")  # an error in it can still be told by the status
    return StreamingResponse(_with_first(first, lines), media_type="application/x-ndjson")


def _reply(scorer: Scorer, body: bytes, max_comments: int, wanted: Wanted, skip: bool, counts: Metrics) -> bytes:
    batch, alone = read_json(body, max_comments)
    if alone or not skip:
        batch.require_all()
    rows = scored(scorer, batch, wanted)
    counts.scored.inc(len(rows))
    if alone:
        return orjson.dumps(rows[0])
    document: dict[str, Any] = {"model": scorer.version, "results": rows}
    if skip:
        counts.refused.inc(len(batch.faults))
        document["errors"] = batch.faults
    return orjson.dumps(document)


async def _lines(
    live: LiveModel, scorer: Scorer, batch: Batch, wanted: Wanted, counts: Metrics
) -> AsyncIterator[bytes]:
    faults = batch.faults
    counts.refused.inc(len(faults))
    told = 0
    for part in batch.slices(LINES_AT_ONCE):
        before = told
        while told < len(faults) and faults[told]["index"] < part.indices[-1]:
            told += 1
        rows = await live.run(lambda part=part: scored(scorer, part, wanted), admitted=True)  # type: ignore[misc]
        counts.scored.inc(len(rows))
        yield as_lines(rows, faults[before:told], scorer.version)
    yield as_lines([], faults[told:], scorer.version)


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for line in rest:
        yield line
