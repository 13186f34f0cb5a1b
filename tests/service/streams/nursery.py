"""Services to be killed: each a process of its own, forked from one that has read the model, so that a start is quick.

On its standard input a line `URL N` starts a service on the database there, which kills itself at its N-th statement
that writes (0: never) and so within a transaction; with `URL -1` it has no model, so it accepts and watches nothing.
Its process id and port come back in a line; when it has ended, how.
"""

import os
import signal
import socket
import sys
from itertools import count
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import Connection, Engine, event

from model import Scorer
from service.app import create_app
from service.scoring import LiveModel, load_warm
from service.settings import Settings, load_settings


def main() -> None:
    home = Path(sys.argv[1])
    scorer = load_warm(load_settings(home=home))
    for line in sys.stdin:
        url, dies_at = line.split()
        if (child := os.fork()) == 0:
            serve(scorer, load_settings(home=home, database_url=url), int(dies_at))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)


def serve(scorer: Scorer, settings: Settings, dies_at: int) -> None:
    if dies_at > 0:
        die_within_a_transaction(dies_at)

    async def ready(self: LiveModel) -> None:
        self._scorer = scorer if dies_at >= 0 else None

    setattr(LiveModel, "reload_or_log", ready)  # noqa: B010
    door = socket.create_server(("127.0.0.1", 0))
    print(os.getpid(), door.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(create_app(settings), log_level="error")).run(sockets=[door])


def die_within_a_transaction(dies_at: int) -> None:
    statements = count(1)

    @event.listens_for(Engine, "before_cursor_execute")
    def die(connection: Connection, *_: Any) -> None:
        if connection.get_execution_options().get("writes") and next(statements) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
