"""`poquan serve`: the HTTP service."""

import os
import socket
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.errors import ServiceError
from service.starting import swift_start

if TYPE_CHECKING:
    from service.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on, else POQUAN_HOST or 127.0.0.1.", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port, else POQUAN_PORT or 8000; 0 takes a free one.", show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
) -> None:
    """Start the HTTP service: POST /score, and the streams with all that is watched in them.

    Streams need one process: with several workers they are off, and only scoring is shared.

    Beyond this machine it listens only with a key that clients must send, from POQUAN_API_KEY.

    Examples:

    - `poquan serve --port 9000`
    - `POQUAN_API_KEY=… poquan serve --host 0.0.0.0 --workers 4`
    """
    # Requests and streams are what runs side by side; threads of the linear algebra below them would only wait for
    # each other. It is read when NumPy is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with swift_start():
        import uvicorn

        from service.settings import load_settings

        settings = load_settings(host=host, port=port)
        if settings.streams and workers == 1:
            _check_streams(settings)
    # The application is made in each process, from the environment.
    os.environ["POQUAN_HOST"], os.environ["POQUAN_PORT"] = settings.host, str(settings.port)
    door = _listen(settings)
    address = _address(settings.host, door.getsockname()[1])
    typer.echo(f"poquan listens on {address} (its interface: {address}/openapi.json); Ctrl-C stops it.", err=True)
    if settings.streams and workers > 1:
        os.environ["POQUAN_STREAMS"] = "false"
        typer.echo(f"With {workers} workers the streams are off: they need one process.", err=True)
    if workers > 1 and hasattr(os, "fork"):
        _share(settings.model_copy(update={"streams": False}), door, workers)
        return
    if workers == 1:
        with swift_start():
            from service.app import create_app

            config = uvicorn.Config(create_app(settings), **_QUIET)
        uvicorn.Server(config).run(sockets=[door])
        return
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config("service.app:create_app", factory=True, workers=workers, **_QUIET)
    Multiprocess(config, sockets=[door]).run()


_QUIET: Any = {"log_level": "warning", "access_log": False}


def _share(settings: "Settings", door: socket.socket, workers: int) -> None:
    """Load once and let forked processes answer."""
    import uvicorn

    with swift_start():
        from service.app import create_app, load_prepared
        from service.workers import Workers

    Workers(
        door,
        workers,
        load=lambda: load_prepared(settings),
        configure=lambda scorer: uvicorn.Config(create_app(settings, scorer), **_QUIET),
    ).run()


def _check_streams(settings: "Settings") -> None:
    """Raise a `ServiceError` where the streams cannot be owned, before a server begins that could not say so."""
    from service.notify.addresses import webhook_addresses
    from service.store.store import open_store

    webhook_addresses(settings.webhooks)
    open_store(settings.database).close()


def _listen(settings: "Settings") -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        door = socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=2048)
        # Connections inherit it: a reply sent in two parts must not wait for the receipt of the first.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise ServiceError(
            f"Port {settings.port} of {settings.host} cannot be listened on ({error.strerror or error}); "
            "is the service running already? Another port can be given with --port."
        ) from None
    door.set_inheritable(True)
    return door


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host.strip("[]") else f"http://{host}:{port}"
