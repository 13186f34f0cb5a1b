"""A real service, killed at fifty moments while it is loaded, comes to what one comes to that is never killed.

Half of the kills come from outside at any moment, half fall between two statements of a transaction.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from service.monitor.state import unpack
from tests.service.api.serving import PATIENCE, wait_for
from tests.service.streams.saying import comment, copied, mixed, stargazing

KILLS = 50
WITHOUT_MODEL = -1
BEGIN = 1_700_000_000.0

Request = tuple[str, list[dict[str, Any]]]

COMPARED = {
    "comments": "seq",
    "scores": "seq",
    "models": "id",
    "series": "stream, start, platform",
    "alerts": "id",
    "segments": "stream, id",
    "events": "id",
}


@dataclass
class Nursery:
    """Starts services one after the other; a service's `pid` is its process."""

    process: "subprocess.Popen[str]"
    pid: int = 0
    port: int = 0

    def start(self, database: Path, dies_at: int = 0) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"sqlite:///{database} {dies_at}\n")
        self.process.stdin.flush()
        self.pid, self.port = map(int, self.process.stdout.readline().split())

    def end(self) -> int:
        """How the service ended that was started last, once it has."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline().removeprefix("ended"))


@contextmanager
def nursery(home: Path) -> Iterator[Nursery]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POQUAN_")}
    command = [sys.executable, "-m", "tests.service.streams.nursery", str(home)]
    running = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment | {"OMP_NUM_THREADS": "1"}
    )
    try:
        yield Nursery(running)
    finally:
        assert running.stdin is not None and running.stdout is not None
        running.stdin.close()
        running.wait(PATIENCE)
        running.stdout.close()


@pytest.fixture(scope="module")
def requests() -> Sequence[Request]:
    """Three streams in turn: one turns, one has a copy-paste wave, one is joined by people no circle speaks of."""
    chance = random.Random(4)
    told = {
        "turn": [mixed(chance, 0.1 if place < 400 else 0.6) for place in range(600)],
        "wave": [
            copied(chance) if place > 400 and chance.random() < 0.3 else mixed(chance, 0.1) for place in range(600)
        ],
        "stars": [
            stargazing(chance) if place > 1600 and chance.random() < 0.3 else mixed(chance, 0.1)
            for place in range(2300)
        ],
    }
    sent: list[Request] = []
    for stream, texts in told.items():
        comments = [
            comment(
                number,
                text,
                BEGIN + 10 * number - (7200 if chance.random() < 0.02 else 0),  # some come late
                platform=chance.choice(("weibo", "douban")),
                thread=f"t{chance.randrange(40)}",
                likes=chance.randrange(20),
            )
            for number, text in enumerate(texts)
        ]
        while comments:
            some = chance.randint(5, 45)
            sent.append((stream, comments[:some]))
            comments = comments[some:]
    return sorted(sent, key=lambda request: float(request[1][0]["id"][1:]) / len(told[request[0]]))


def post(nursery: Nursery, request: Request) -> dict[str, Any]:
    stream, comments = request
    url = f"http://127.0.0.1:{nursery.port}/streams/{stream}/comments"
    reply = httpx.post(url, json={"comments": comments}, timeout=PATIENCE, trust_env=False)
    reply.raise_for_status()
    answer: dict[str, Any] = reply.json()
    return answer


def stop_when_all_is_watched(nursery: Nursery) -> None:
    url = f"http://127.0.0.1:{nursery.port}/streams/turn"
    wait_for(lambda: httpx.get(url, timeout=PATIENCE, trust_env=False).json().get("behind") == 0)
    stop(nursery)


def stop(nursery: Nursery) -> None:
    os.kill(nursery.pid, signal.SIGTERM)
    assert nursery.end() in (0, -signal.SIGTERM)


def load(nursery: Nursery, database: Path, requests: Sequence[Request]) -> None:
    """Have all accepted before any is watched, so that they are watched in batches as large as they can be."""
    nursery.start(database, WITHOUT_MODEL)
    for request in requests:
        post(nursery, request)
    stop(nursery)
    nursery.start(database)
    stop_when_all_is_watched(nursery)


def load_with_kills(nursery: Nursery, database: Path, requests: Sequence[Request], kills: int) -> set[str]:
    """What was acknowledged, each request sent until it was."""
    chance = random.Random(7)
    acknowledged: set[str] = set()
    waiting = list(reversed(requests))
    for life in range(kills):
        within = life % 2 == 0
        nursery.start(database, chance.randint(1, 60) if within else 0)
        left = len(waiting) // (kills - life)  # so that there is something to send until the last kill
        timer = threading.Timer(chance.uniform(0.05, 0.5), os.kill, (nursery.pid, signal.SIGKILL))
        if not within:
            timer.start()
        try:
            while True:
                request = waiting[-1] if left > 0 else requests[chance.randrange(len(requests) - len(waiting) or 1)]
                post(nursery, request)
                acknowledged.update(f"{request[0]} {each['id']}" for each in request[1])
                if left > 0:
                    waiting.pop()
                    left -= 1
        except (httpx.TransportError, httpx.HTTPStatusError):
            assert nursery.end() == -signal.SIGKILL
    nursery.start(database)
    for request in reversed(waiting):
        post(nursery, request)
        acknowledged.update(f"{request[0]} {each['id']}" for each in request[1])
    stop_when_all_is_watched(nursery)
    return acknowledged


def kept(database: Path) -> dict[str, Any]:
    """All that a store holds but the moments of the wall clock in it, states unpacked."""
    with closing(sqlite3.connect(database)) as connection:
        found: dict[str, Any] = {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchall()
            for table, key in COMPARED.items()
        }
        streams = "SELECT id, name, settings, watermark, last_seq, comments, late FROM streams ORDER BY id"
        found["streams"] = connection.execute(streams).fetchall()
        states = connection.execute("SELECT stream, state FROM snapshots ORDER BY stream").fetchall()
    found["states"] = {stream: exact(unpack(state)) for stream, state in states}
    return found


def exact(value: Any) -> Any:
    """A state with its numbers as bytes."""
    if isinstance(value, Mapping):
        return {name: exact(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [exact(each) for each in value]
    return (value.dtype.str, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value


def test_a_service_killed_fifty_times_comes_to_what_one_comes_to_that_is_not(
    tmp_path: Path, requests: Sequence[Request]
) -> None:
    with nursery(tmp_path / "home") as started:
        load(started, tmp_path / "calm.db", requests)
        acknowledged = load_with_kills(started, tmp_path / "killed.db", requests, KILLS)
    calm, killed = kept(tmp_path / "calm.db"), kept(tmp_path / "killed.db")

    names = {row[0]: row[1] for row in killed["streams"]}
    ids = [f"{names[row[1]]} {row[2]}" for row in killed["comments"]]
    assert acknowledged == set(ids) and len(ids) == len(acknowledged) == sum(len(sent) for _, sent in requests)
    for table, rows in calm.items():
        assert killed[table] == rows, table

    told = {row[3] for row in calm["alerts"]}
    assert {"backlash", "coordinated", "new_segment"} <= told, "the streams must show what could differ"
    assert any(row[-2] for row in calm["comments"]), "some comments must be late"
