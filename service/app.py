"""The HTTP service: `uvicorn service.app:create_app --factory`, or `poquan serve`."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version

import anyio
from fastapi import FastAPI
from starlette.middleware import Middleware

from service.api import health, model, page, schema, score
from service.api.access import KeyRequired
from service.api.metrics import Metered, Metrics
from service.api.problem import HANDLED, CrashGuard, answer_problem
from service.scoring import LiveModel
from service.settings import Settings, load_settings

DESCRIPTION = "What audiences feel under films, series and short dramas, told comment by comment."


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application under these settings, or those of the environment. It loads its model when it starts."""
    settings = settings or load_settings()
    live = LiveModel(settings)
    metrics = Metrics(live)
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
        exception_handlers=dict.fromkeys(HANDLED, answer_problem),
    )
    app.state.live = live
    app.state.metrics = metrics
    for noun in (score, model, health, page):
        app.include_router(noun.router)
    app.openapi = lambda: schema.document(app, with_key=settings.api_key is not None)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model beside the first requests, and again at every SIGHUP."""
    live: LiveModel = app.state.live
    async with anyio.create_task_group() as tasks:

        def load() -> None:
            tasks.start_soon(live.reload_or_log)

        load()
        with _at_hangup(load):
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
