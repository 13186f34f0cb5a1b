"""A thousand streams at two thousand comments a second through the running service, as crawlers would send them.

The service runs in a process of its own on a fresh SQLite file, the load comes from this one. Requests are sent when
their time has come, whether or not the ones before were answered, and every latency counts from that time: a service
that falls behind is not asked more gently. A fifth of the streams turn in the middle; how late their alerts arrive on
`/events` is counted from when the comment was due with which they fire. The comments of a stream are those of one film
after another, as the corpus has them, so that circles truly change in the others too: many alerts fire within the same
minutes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import psutil

from corpora.fetch import load

log = logging.getLogger(__name__)

STREAMS, TURNING = 1_000, 200
RATE = 2_000  # comments a second
SECONDS = float(os.environ.get("POQUAN_LOAD_SECONDS") or 600)
FEWEST, MOST = 2, 20  # comments of a request

_BEFORE, _AFTER = 0.1, 0.7  # shares of negative comments, by their stars
_TURN = (0.4, 0.6)  # of the whole time: when the turns begin
_CONNECTIONS = 200
_EVERY = 1.0  # seconds between two looks at the service
_SEED = 20


@dataclass(slots=True)
class Load:
    """What was sent and what came of it; times are of the monotonic clock, latencies in seconds."""

    due: list[float] = field(default_factory=list)  # of each request
    latencies: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)  # of the sender behind its own plan
    sent: int = 0
    accepted: int = 0
    failures: list[str] = field(default_factory=list)
    fired: list[tuple[str, str, int, float]] = field(default_factory=list)  # alertname, stream, comment, arrival
    behind: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)  # MB
    cpu: float = 0.0  # seconds
    sender_cpu: float = 0.0  # seconds
    took: float = 0.0
    drained: float = 0.0  # seconds until all was watched
    counted: int = 0  # by GET /streams
    watched: int = 0  # in the store


def report(seconds: float = SECONDS) -> str:
    """Send, and give the table."""
    with tempfile.TemporaryDirectory() as folder:
        with _service(Path(folder)) as (process, address):
            load_ = asyncio.run(_run(psutil.Process(process.pid), address, seconds))
        with closing(sqlite3.connect(Path(folder) / "poquan.db")) as database:
            load_.watched = database.execute("SELECT count(*) FROM scores").fetchone()[0]
            alarms = [
                (alertname, stream, arrival - load_.due[_request_of(database, comment)])
                for alertname, stream, comment, arrival in load_.fired
            ]
    return _table(load_, alarms, seconds)


def _table(done: Load, alarms: list[tuple[str, str, float]], seconds: float) -> str:
    turned = {stream for alertname, stream, _ in alarms if alertname == "backlash" and _turns(_number(stream))}
    rows = [
        ("requests", f"{len(done.due):,} of {FEWEST} to {MOST} comments, from {_CONNECTIONS} connections at most"),
        ("comments sent, accepted", f"{done.sent:,}, {done.accepted:,}"),
        ("counted by `GET /streams`, watched", f"{done.counted:,}, {done.watched:,}"),
        ("requests that failed", f"{len(done.failures)} {done.failures[:3] or ''}"),
        ("comments a second, taken", f"{done.accepted / done.took:,.0f}"),
        ("sender behind its plan, ms", _spread(done.lags)),
        ("acceptance latency, ms", _spread(done.latencies)),
        ("turning streams whose alert fired", f"{len(turned)} of {TURNING}"),
        (f"latency of all {len(alarms)} alerts that fired, ms", _spread([latency for *_, latency in alarms])),
        ("comments that waited to be watched", f"mean {np.mean(done.behind):,.0f}, most {max(done.behind):,.0f}"),
        ("all watched after the last request, s", f"{done.drained:.1f}"),
        ("CPU of the service, of the sender, cores", f"{done.cpu / done.took:.2f}, {done.sender_cpu / done.took:.2f}"),
        ("RSS of the service, MB", f"{done.memory[0]:.0f} before, {max(done.memory):.0f} at most"),
    ]
    return "\n".join(
        [
            f"{STREAMS:,} streams, {RATE:,} comments a second for {seconds:.0f} s over HTTP, sender and service on the "
            f"same machine. {TURNING} streams turn from {_BEFORE:.0%} to {_AFTER:.0%} negative comments (by stars). "
            "A stream's comments are those of one film after another, so that circles change in the others too. "
            "Latencies count from when a request was due.",
            "",
            "| | |",
            "| --- | --- |",
            *(f"| {name} | {told} |" for name, told in rows),
        ]
    )


def _spread(latencies: list[float]) -> str:
    if not latencies:
        return "none"
    middle, late, most = np.quantile(latencies, [0.5, 0.99, 1]) * 1e3
    return f"median {middle:,.0f}, p99 {late:,.0f}, most {most:,.0f}"


@contextmanager
def _service(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run `poquan serve` on a free port; give its process and address."""
    command = [str(Path(sys.executable).with_name("poquan")), "serve", "--port", "0"]
    messages = home / "messages.txt"
    with messages.open("wb") as sink:
        environment = {**os.environ, "POQUAN_HOME": str(home)}
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)
    try:
        yield process, _address(process, messages)
    finally:
        process.terminate()
        process.wait(60)


def _address(process: subprocess.Popen[bytes], messages: Path) -> str:
    for _ in range(600):
        said = messages.read_text(encoding="utf-8")
        if found := re.search(r"listens on (http://\S+)", said):
            with suppress(httpx.HTTPError):
                if httpx.get(f"{found[1]}/readyz").is_success:
                    return found[1]
        if process.poll() is not None:
            raise RuntimeError(f"poquan serve ended with exit code {process.returncode}: {said[-500:]}")
        time.sleep(0.1)
    raise RuntimeError(f"poquan serve was not ready within a minute: {said[-500:]}")


async def _run(process: psutil.Process, address: str, seconds: float) -> Load:
    done = Load()
    async with (
        httpx.AsyncClient(base_url=address, timeout=60) as client,
        httpx.AsyncClient(base_url=address, timeout=None) as listener,
    ):
        done.memory.append(process.memory_info().rss / 1e6)
        before, own, begun = sum(process.cpu_times()[:2]), time.process_time(), time.monotonic()
        listening = asyncio.create_task(_listen(listener, done))
        looking = asyncio.create_task(_look(client, process, done))
        await _send_all(_Doors(address), done, seconds)
        done.took, done.cpu = time.monotonic() - begun, sum(process.cpu_times()[:2]) - before
        done.sender_cpu = time.process_time() - own
        while await _behind(client):
            await asyncio.sleep(0.1)
        done.drained = time.monotonic() - begun - done.took
        await asyncio.sleep(_EVERY)  # for the last events
        listening.cancel()
        looking.cancel()
        done.counted = await _count(client)
    return done


async def _send_all(doors: _Doors, done: Load, seconds: float) -> None:
    """Send every request when it is due; requests come as they like (a Poisson process), streams at random."""
    rng = np.random.default_rng(_SEED)
    streams = _Streams(rng, seconds)
    sending: set[asyncio.Task[None]] = set()
    begun = time.monotonic() + 0.5
    offset = 0.0
    for number in count():
        offset += float(rng.exponential((FEWEST + MOST) / 2 / RATE))
        if offset > seconds:
            break
        name, body = streams.request(number, offset, int(rng.integers(FEWEST, MOST + 1)))
        done.due.append(begun + offset)
        if (early := begun + offset - time.monotonic()) > 0:
            await asyncio.sleep(early)
        done.lags.append(time.monotonic() - done.due[-1])
        task = asyncio.create_task(_send(doors, done, number, name, body))
        sending.add(task)
        task.add_done_callback(sending.discard)
    await asyncio.gather(*sending)


async def _send(doors: _Doors, done: Load, number: int, name: str, body: list[Mapping[str, Any]]) -> None:
    done.sent += len(body)
    try:
        status, reply = await doors.post(f"/streams/{name}/comments", orjson.dumps({"comments": body}))
    except (OSError, EOFError) as error:
        done.failures.append(repr(error))
        return
    if status != 200:
        done.failures.append(f"{status}: {reply[:80]!r}")
        return
    done.latencies.append(time.monotonic() - done.due[number])
    done.accepted += orjson.loads(reply)["accepted"]


class _Doors:
    """Connections that are kept open, as many as are needed at once up to a bound.

    Plain HTTP/1.1, as a client library takes more of the machine than the service it measures.
    """

    def __init__(self, address: str) -> None:
        self._host, _, port = address.removeprefix("http://").partition(":")
        self._port = int(port)
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._places = asyncio.Semaphore(_CONNECTIONS)

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Give the status and body of the answer; closed connections are passed over."""
        head = f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
        message = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
        async with self._places:
            while self._free:
                with suppress(OSError, EOFError):
                    return await self._exchange(*self._free.pop(), message)
            return await self._exchange(*await asyncio.open_connection(self._host, self._port), message)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes
    ) -> tuple[int, bytes]:
        writer.write(message)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None
        reply = await reader.readexactly(int(length[1]))
        self._free.append((reader, writer))
        return int(head.split(b" ", 2)[1]), reply


class _Streams:
    """What each stream says: real comments, none twice in a stream while the pools last."""

    def __init__(self, rng: np.random.Generator, seconds: float) -> None:
        starred = [row for row in load("film/starred.test") if row.get("star")]
        self._others = [row for row in starred if row["star"] > 2]
        self._negative = [row for row in starred if row["star"] <= 2]
        self._rng = rng
        self._turns = rng.uniform(*_TURN, STREAMS) * seconds
        self._at = rng.integers(0, len(starred), (STREAMS, 2))

    def request(self, number: int, offset: float, size: int) -> tuple[str, list[Mapping[str, Any]]]:
        """Give a random stream's name and its next comments."""
        stream = int(self._rng.integers(STREAMS))
        turned = _turns(stream) and offset >= self._turns[stream]
        negative = self._rng.random(size) < (_AFTER if turned else _BEFORE)
        return f"stream-{stream}", [
            {
                "id": f"{number}-{place}",
                "text": self._next(stream, side),
                "author": f"{number}-{place}",
                "platform": "douban",
            }
            for place, side in enumerate(negative.tolist())
        ]

    def _next(self, stream: int, negative: bool) -> str:
        pool, side = (self._negative, 1) if negative else (self._others, 0)
        self._at[stream, side] += 1
        text: str = pool[self._at[stream, side] % len(pool)]["text"]
        return text


def _turns(stream: int) -> bool:
    return stream < TURNING


def _number(stream: str) -> int:
    return int(stream.rpartition("-")[2])


async def _listen(client: httpx.AsyncClient, done: Load) -> None:
    async with client.stream("GET", "/events", params={"after": 0}) as reply:
        async for line in reply.aiter_lines():
            if line.startswith("data:"):
                told = orjson.loads(line[5:])
                if told["event"] == "alert.firing":
                    labels, comment = told["alert"]["labels"], told["alert"]["detected"]["comment"]
                    done.fired.append((labels["alertname"], told["stream"], comment, time.monotonic()))


async def _look(client: httpx.AsyncClient, process: psutil.Process, done: Load) -> None:
    while True:
        done.behind.append(await _behind(client))
        done.memory.append(process.memory_info().rss / 1e6)
        log.info("%d accepted, %d wait, %.0f MB", done.accepted, done.behind[-1], done.memory[-1])
        await asyncio.sleep(_EVERY)


async def _behind(client: httpx.AsyncClient) -> float:
    told = (await client.get("/metrics")).text
    found = re.search(r"^poquan_stream_comments_behind (\S+)$", told, re.MULTILINE)
    assert found is not None
    return float(found[1])


async def _count(client: httpx.AsyncClient) -> int:
    """Give how many comments all streams have."""
    comments, after = 0, ""
    while True:
        page = (await client.get("/streams", params={"after": after, "limit": 1_000})).json()
        comments += sum(stream["comments"] for stream in page["streams"])
        if page["next"] is None:
            return int(comments)
        after = page["next"]


def _request_of(database: sqlite3.Connection, comment: int) -> int:
    """Give the number of the request that brought a comment, which its id begins with."""
    (id_,) = database.execute("SELECT id FROM comments WHERE seq = ?", (comment,)).fetchone()
    return int(id_.partition("-")[0])
