"""A real server on a free port, in a thread of the test."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from model.files import read_model, write_model
from model.scorer import DEFAULT
from service.app import create_app
from service.settings import Settings

PATIENCE = 60.0
"""Seconds a test waits for what must come."""


@dataclass(frozen=True)
class Service:
    app: FastAPI
    client: httpx.Client


def settings_for(home: Path, **changes: Any) -> Settings:
    chosen: dict[str, Any] = {"api_key": None, "model": None, "max_comments": 1000, "max_bytes": 2_000_000}
    return Settings(home=home, **chosen | changes)


@contextmanager
def serving(settings: Settings, *, ready: bool = True) -> Iterator[Service]:
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=PATIENCE) as client:
            if ready:
                wait_for(lambda: client.get("/readyz").status_code == 200)
            yield Service(app, client)
    finally:
        server.should_exit = True
        thread.join()


def wait_for(condition: Any, patience: float = PATIENCE) -> None:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < patience, "what the test waits for did not come"
        time.sleep(0.02)


def renamed_model(folder: Path, version: str) -> Path:
    """The shipped model under another version."""
    manifest, arrays = read_model(DEFAULT)
    return write_model(folder, manifest | {"version": version}, arrays, card=f"# {version}\n")
