"""What a route may ask of its application, as annotated dependencies."""

from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import Request

from service.api.metrics import Metrics
from service.api.problem import Problem, name_problem
from service.api.stream_names import name_with_slash
from service.scoring import LiveModel
from service.settings import Settings
from service.store.streams import Stream
from service.streams.live import LiveStreams


async def _live(request: Request) -> LiveModel:
    live: LiveModel = request.app.state.live
    return live


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.live.settings
    return settings


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _streams(request: Request) -> LiveStreams:
    streams: LiveStreams = request.app.state.streams
    return streams


LARGEST = 2**63 - 1
"""The largest number a database can be asked for."""

Live = Annotated[LiveModel, Depends(_live)]
Bounds = Annotated[Settings, Depends(_settings)]
Counts = Annotated[Metrics, Depends(_metrics)]
Streams = Annotated[LiveStreams, Depends(_streams)]


async def stream_name(request: Request, stream: Annotated[str, Path(description="The stream's name.")]) -> str:
    """The stream's name. Raises a 422 `Problem` where none can be called so."""
    if refused := name_problem(name_with_slash(request.scope) or stream):
        raise refused
    return stream


StreamName = Annotated[str, Depends(stream_name)]


async def known_stream(name: StreamName, streams: Streams) -> Stream:
    """The stream of that name. Raises a 404 `Problem` where there is none."""
    found = await streams.ask(lambda store: store.stream(name))
    if found is None:
        detail = f"There is no stream called {name!r}; GET /streams lists those there are."
        raise Problem(404, detail, kind="no-stream", title="No such stream")
    return found


KnownStream = Annotated[Stream, Depends(known_stream)]
