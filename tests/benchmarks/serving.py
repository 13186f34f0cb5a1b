"""The scoring service under load: latency of single comments at a constant rate, throughput, start and memory.

One worker is held to one core and the load to the other. Single comments are sent when they are due, whether or not
the ones before were answered, and each latency counts from then. Large requests come from wrk as fast as they are
answered, or, where it is not installed, over sockets of our own.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import orjson
import psutil

from corpora.fetch import load
from tests.benchmarks.constant_rate import CONNECTIONS, Connection, at_rate, request_of

RATE, SECONDS = 1_000, 15
SIZE = 256
STARTS = 2  # in each of the rounds

_SET = "sentiment/waimai_10k.train"
_ROUNDS = 5
_WRK_SECONDS = 8
_LUA = """
local bodies, at = {}, 0
for line in io.lines("%s") do bodies[#bodies + 1] = line end
request = function()
  at = at %% #bodies + 1
  return wrk.format("POST", "/score?probabilities=true", {["Content-Type"] = "application/json"}, bodies[at])
end
"""


def report() -> str:
    """Give the tables."""
    texts = [row["text"] for row in load(_SET)]
    order = np.random.default_rng(0).permutation(len(texts))
    texts = [texts[place] for place in order]
    with tempfile.TemporaryDirectory() as folder:
        parts = [*_rounds(Path(folder), texts), _memory(Path(folder), texts)]
    return "\n\n".join(parts)


@dataclass(frozen=True)
class Service:
    """A running service: its process, address, and the seconds until it was ready."""

    process: subprocess.Popen[bytes]
    address: str
    port: int
    seconds: float


@contextmanager
def _service(home: Path, *options: str, core: int | None = None, **settings: str) -> Iterator[Service]:
    messages = home / f"messages-{time.monotonic_ns()}.txt"
    environment = {**os.environ, "POQUAN_HOME": str(home / f"home-{time.monotonic_ns()}"), **settings}
    command = [str(Path(sys.executable).with_name("poquan")), "serve", "--port", "0", *options]
    with messages.open("wb") as sink:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
    try:
        address = _address(process, messages)
        yield Service(process, address, urlsplit(address).port or 80, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(60)


def _address(process: subprocess.Popen[bytes], messages: Path) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if found := re.search(r"listens on (http://\S+)", messages.read_text(encoding="utf-8")):
            with suppress(httpx.HTTPError):
                if httpx.get(f"{found[1]}/readyz").is_success:
                    return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.005)
    raise RuntimeError(f"poquan serve was not ready: {messages.read_text(encoding='utf-8')[-500:]}")


def _cores() -> tuple[int, int]:
    """Give the core of the service and that of the load, one and the same where there is no other."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


@contextmanager
def _held_to(core: int) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _rounds(folder: Path, texts: Sequence[str]) -> tuple[str, str, str]:
    """Single comments, both ways, many together and starts in turn, so that what else the machine does meets them
    alike."""
    ways = {"on": "true", "off": "false"}
    found: dict[str, list[list[float]]] = {way: [] for way in ways}
    shares: dict[str, list[float]] = {way: [] for way in ways}
    behind: list[float] = []
    together: list[tuple[float, float]] = []
    starts: list[float] = []
    requests = [request_of("/score", orjson.dumps({"text": text})) for text in texts[:2_000]]
    bodies = _bodies(texts)
    (folder / "bodies.txt").write_bytes(b"\n".join(bodies))
    (folder / "many.lua").write_text(_LUA % (folder / "bodies.txt"), encoding="utf-8")
    for _ in range(_ROUNDS):
        for way, gather in ways.items():
            latencies, lags, share = _singly(folder, requests, gather)
            found[way].append(latencies)
            shares[way].append(share)
            behind += lags
        together.append(_together(folder, bodies))
        for _ in range(STARTS):
            with _service(folder) as service:
                starts.append(service.seconds)
    rows = []
    for way, rounds in found.items():
        cuts = np.asarray([np.quantile(each, [0.5, 0.99, 0.999]) * 1e3 for each in rounds])
        middle, low, high = np.median(cuts, axis=0), cuts.min(axis=0), cuts.max(axis=0)
        told = " | ".join(f"{m:.2f} ({a:.2f}-{b:.2f})" for m, a, b in zip(middle, low, high, strict=True))
        rows.append(f"| {way} | {told} | {statistics.median(shares[way]):.0%} |")
    single = "\n".join(
        [
            f"Single comments, {RATE:,} a second from {CONNECTIONS} connections for {SECONDS} s, one worker on one "
            f"core; ms from the time each was due, medians of {_ROUNDS} interleaved rounds (lowest-highest). The "
            f"sender was behind its plan by {np.quantile(behind, 0.99) * 1e3:.2f} ms at its 99th percentile, which "
            "the latencies hold.",
            "",
            "| micro-batching | p50 | p99 | p99.9 | of the core |",
            "| --- | ---: | ---: | ---: | ---: |",
            *rows,
        ]
    )
    rates = [rate for rate, _ in together]
    each = statistics.median(share / rate for rate, share in together) * 1e6
    many = (
        f"Requests of {SIZE} comments of {sum(map(len, texts)) / len(texts):.0f} characters with every probability "
        f"(`/score?probabilities=true`), one worker on one core, load from the other: "
        f"**{statistics.median(rates):,.0f} comments a second** ({min(rates):,.0f}-{max(rates):,.0f} in {_ROUNDS} "
        f"runs among the rounds above, wall clock); {each:.1f} us of the worker's processor time a comment, or "
        f"{1e6 / each:,.0f} a second of it; the worker had {statistics.median(share for _, share in together):.0%} of "
        "its core."
    )
    started = (
        "From the start of `poquan serve` to `/readyz`, streams open, on both cores: median "
        f"{statistics.median(starts):.2f} s of {len(starts)} ({min(starts):.2f}-{max(starts):.2f})."
    )
    return single, many, started


def _singly(folder: Path, requests: Sequence[bytes], gather: str) -> tuple[list[float], list[float], float]:
    """Give the latencies of single comments, how far the sender was behind its plan, in seconds, and the worker's share
    of its core."""
    served, loading = _cores()
    with _service(folder, core=served, POQUAN_GATHER=gather) as service, _held_to(loading):
        asyncio.run(at_rate(service.port, requests, RATE, 2.0))
        watched = psutil.Process(service.process.pid)
        before = sum(watched.cpu_times()[:2])
        latencies, lags = asyncio.run(at_rate(service.port, requests, RATE, SECONDS))
        return latencies, lags, (sum(watched.cpu_times()[:2]) - before) / SECONDS


def _together(folder: Path, bodies: Sequence[bytes]) -> tuple[float, float]:
    """Give the comments a second of requests of many, and the worker's share of its core; the first run warms."""
    served, loading = _cores()
    rate = share = 0.0
    with _service(folder, core=served) as service:
        watched = psutil.Process(service.process.pid)
        for _ in range(2):
            before, begun = sum(watched.cpu_times()[:2]), time.perf_counter()
            rate = _wrk(folder, service, loading) if shutil.which("wrk") else _plain(service, bodies, loading)
            share = (sum(watched.cpu_times()[:2]) - before) / (time.perf_counter() - begun)
    return rate, share


def _bodies(texts: Sequence[str]) -> list[bytes]:
    return [
        orjson.dumps({"comments": [{"id": str(begin + n), "text": text} for n, text in enumerate(part)]})
        for begin in range(0, len(texts) - SIZE, SIZE)
        if (part := texts[begin : begin + SIZE])
    ]


def _wrk(folder: Path, service: Service, core: int) -> float:
    command = ["wrk", "-t1", "-c4", f"-d{_WRK_SECONDS}s", "-s", str(folder / "many.lua"), service.address]
    with _held_to(core):
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec: +([\d.]+)", said)
    if found is None or "Non-2xx" in said:
        raise RuntimeError(f"wrk met errors: {said}")
    return float(found[1]) * SIZE


def _plain(service: Service, bodies: Sequence[bytes], core: int) -> float:
    async def send_all() -> float:
        connections = [await Connection.opened(service.port) for _ in range(4)]
        latencies: list[float] = []
        requests = [request_of("/score?probabilities=true", body) for body in bodies]
        begun = time.perf_counter()
        for number, request in enumerate(requests * 20):
            connections[number % 4].send(request, begun, latencies)
        while any(connection.due for connection in connections):
            await asyncio.sleep(0.01)
        return len(latencies) * SIZE / (time.perf_counter() - begun)

    with _held_to(core):
        return asyncio.run(send_all())


def _memory(folder: Path, texts: Sequence[str]) -> str:
    lines = [
        "Memory after traffic of all lengths, MB: private is what a process shares with no other, PSS counts shared "
        "pages in parts.",
        "",
        "| `--workers` | process | resident | PSS | private |",
        "| ---: | --- | ---: | ---: | ---: |",
    ]
    for workers in (1, 4):
        with _service(folder, "--workers", str(workers)) as service:
            for body in _bodies(texts):
                with httpx.Client() as client:  # a connection each, so that every worker has its share
                    headers = {"Content-Type": "application/json"}
                    client.post(f"{service.address}/score?probabilities=true", content=body, headers=headers)
            root = psutil.Process(service.process.pid)
            forked = root.children()
            lines.append(f"| {workers} | {'the one that loads' if forked else 'the worker'} | {_told([root])} |")
            if forked:
                lines.append(f"| | each worker, the largest | {_told(forked)} |")
    return "\n".join(lines)


def _told(processes: Sequence[psutil.Process]) -> str:
    sizes = [process.memory_full_info() for process in processes]
    return " | ".join(f"{max(getattr(size, kind) for size in sizes) / 1e6:.0f}" for kind in ("rss", "pss", "uss"))
