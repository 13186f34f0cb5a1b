"""The HTTP service: `uvicorn service.app:create_app --factory`, or `poquan serve`."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from types import FrameType

import anyio
from fastapi import FastAPI
from starlette.middleware import Middleware

from model import Scorer
from service.api import (
    alert_schema,
    alerts,
    dead_letters,
    events,
    health,
    model,
    page,
    schema,
    score,
    segments,
    series,
    silences,
    stream_comments,
    stream_schema,
    streams,
)
from service.api.access import KeyRequired
from service.api.metrics import Metered, Metrics
from service.api.problem import HANDLED, CrashGuard, answer_problem
from service.api.results import prepare, told_together
from service.gathering import Gathering
from service.scoring import LiveModel, load_warm
from service.settings import Settings, load_settings
from service.streams.live import LiveStreams

NOUNS = (
    score,
    stream_comments,
    streams,
    series,
    segments,
    events,
    alerts,
    silences,
    dead_letters,
    model,
    health,
    page,
)
DESCRIPTION = "What audiences feel under films, series and short dramas, told comment by comment."


def create_app(settings: Settings | None = None, scorer: Scorer | None = None) -> FastAPI:
    """The application under these settings, or those of the environment. It loads its model when it starts, unless it
    is given a `scorer` to begin with."""
    settings = settings or load_settings()
    live = LiveModel(settings, scorer, prepare=prepare)
    owned = LiveStreams(settings, live)
    metrics = Metrics(live, owned)
    middleware = [Middleware(Metered, metrics=metrics), Middleware(CrashGuard)]
    if settings.api_key is not None:
        middleware.append(Middleware(KeyRequired, key=settings.api_key))
    app = FastAPI(
        title="poquan",
        version=version("poquan"),
        description=DESCRIPTION,
        docs_url=None,  # both pages fetch their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        middleware=middleware,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # looked for at every request; /metrics tells
        exception_handlers=dict.fromkeys(HANDLED, answer_problem),
    )
    app.state.live = live
    app.state.gathering = Gathering(live, lambda asked: told_together(live.scorer, asked))
    app.state.streams = owned
    app.state.metrics = metrics
    for noun in NOUNS:
        app.include_router(noun.router)
    shapes, with_key = (*schema.MODELS, *stream_schema.MODELS, *alert_schema.MODELS), settings.api_key is not None
    app.openapi = lambda: schema.document(app, with_key=with_key, shapes=shapes)  # type: ignore[method-assign]
    return app


def load_prepared(settings: Settings) -> Scorer:
    """The model of these settings with all that answers need of it, for processes that are to share it."""
    scorer = load_warm(settings)
    prepare(scorer)
    return scorer


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Own the streams; load the model beside the first requests, and again at every SIGHUP. Raises `StoreError`."""
    live: LiveModel = app.state.live
    owned: LiveStreams = app.state.streams
    async with owned.running(), anyio.create_task_group() as tasks:

        def load() -> None:
            tasks.start_soon(live.reload_or_log)

        if live.version is None:
            tasks.start_soon(live.reload_or_log)
        with _at_hangup(load), _at_the_end(owned.stop_telling):
            yield
        tasks.cancel_scope.cancel()


@contextmanager
def _at_hangup(action: Callable[[], None]) -> Iterator[None]:
    """Within it, SIGHUP calls `action`, where there is that signal and this thread may listen to it."""
    listens = hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread()
    loop = asyncio.get_running_loop()
    if listens:
        loop.add_signal_handler(signal.SIGHUP, action)
    try:
        yield
    finally:
        if listens:
            loop.remove_signal_handler(signal.SIGHUP)


@contextmanager
def _at_the_end(action: Callable[[], None]) -> Iterator[None]:
    """Within it, the signals that end the server also call `action`, where this thread may listen to them.

    A server waits for replies under way before it tells the application of its end; those that last until then must
    learn of it by themselves.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(action)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    listened = {number: handler for number, handler in before.items() if callable(handler)}
    for number in listened:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in listened.items():
            signal.signal(number, handler)
