"""Whether the service lives, whether it can answer, and what it counted."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from service.api.asked import Counts, Live
from service.api.schema import METRICS_RESPONSES, READY_RESPONSES

router = APIRouter(tags=["health"])


@router.get("/livez")
async def livez() -> dict[str, str]:
    """Answers as long as the process does."""
    return {"status": "alive"}


@router.get("/readyz", responses=READY_RESPONSES)
async def readyz(live: Live) -> dict[str, str]:
    """Answers 200 once a model is loaded and warm, 503 before, with the reason."""
    return {"status": "ready", "model": live.scorer.version}


@router.get("/metrics", responses=METRICS_RESPONSES, response_class=Response)
async def metrics(counts: Counts) -> Response:
    """The counters of this process in Prometheus' text format."""
    counts.refresh()
    return Response(generate_latest(counts.registry), media_type=CONTENT_TYPE_LATEST)
