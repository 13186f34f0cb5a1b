"""What a route may ask of its application, as annotated dependencies."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from service.api.metrics import Metrics
from service.scoring import LiveModel
from service.settings import Settings


async def _live(request: Request) -> LiveModel:
    live: LiveModel = request.app.state.live
    return live


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.live.settings
    return settings


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


Live = Annotated[LiveModel, Depends(_live)]
Bounds = Annotated[Settings, Depends(_settings)]
Counts = Annotated[Metrics, Depends(_metrics)]
