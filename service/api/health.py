"""Whether the service lives, whether it can answer, and what it counted."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from service.api.asked import Counts, Live, Streams
from service.api.schema import METRICS_RESPONSES, READY_RESPONSES
from service.scoring import NotReady

router = APIRouter(tags=["health"])


@router.get("/livez")
async def livez() -> dict[str, str]:
    """Answers as long as the process does."""
    return {"status": "alive"}


@router.get("/readyz", responses=READY_RESPONSES)
async def readyz(live: Live, streams: Streams) -> dict[str, str]:
    """Answers 200 once a model is loaded and warm and the streams, unless they are off, are open; 503 before."""
    if streams.settings.streams and not streams.is_open:
        raise NotReady("The streams are not open.")
    return {"status": "ready", "model": live.scorer.version}


@router.get("/metrics", responses=METRICS_RESPONSES, response_class=Response)
async def metrics(counts: Counts) -> Response:
    """The counters of this process in Prometheus' text format."""
    await counts.refresh()
    return Response(generate_latest(counts.registry), media_type=CONTENT_TYPE_LATEST)
