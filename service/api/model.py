"""`/model`: what answers, how well it was measured, and how to put another in its place."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.api.asked import Counts, Live
from service.api.problem import Problem
from service.api.schema import MODEL_RESPONSES, RELOAD_RESPONSES
from service.scoring import ReloadFailed

router = APIRouter(tags=["model"])


@router.get("/model", responses=MODEL_RESPONSES, response_model=None)
async def card(request: Request, live: Live) -> Response | dict[str, Any]:
    """The model card: version, measured quality and Markdown text. `Accept: text/markdown` gives the text alone."""
    scorer = live.scorer
    accepted = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    if "text/markdown" in accepted:
        return PlainTextResponse(scorer.card, media_type="text/markdown", headers={"Vary": "Accept"})
    return {"version": scorer.version, "metrics": scorer.manifest.get("metrics", {}), "card": scorer.card}


@router.post("/model/reload", responses=RELOAD_RESPONSES)
async def reload(live: Live, counts: Counts) -> dict[str, Any]:
    """Load the current model; it answers from now on, and no request is lost. Only this process loads it."""
    previous = live.version
    try:
        scorer = await live.reload()
    except ReloadFailed as failure:
        counts.reloads.labels("failed").inc()
        goes_on = f" The model {previous} goes on answering." if previous else ""
        detail = f"{failure}{goes_on}"
        raise Problem(409, detail, kind="not-reloaded", title="The model was not reloaded") from failure
    counts.reloads.labels("loaded").inc()
    return {"model": scorer.version, "previous": previous, "changed": scorer.version != previous}
