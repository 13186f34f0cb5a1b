"""What a second process or thread adds to scoring, beside what it adds to a loop that reads no memory."""

from __future__ import annotations

import hashlib
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle, islice
from typing import Any

from model import Scorer

Texts = Sequence[str]


def side_by_side(texts: Texts, runs: int) -> str:
    """Two processes, then two threads, against one: wall clock, for that is what is shared. A loop that reads no memory
    tells what the machine's second core adds at the time."""
    scorer, many = Scorer.load(), list(islice(cycle(texts), 40_000))
    halves = [many[::2], many[1::2]]
    threads = ThreadPoolExecutor(2)
    rates: dict[str, list[float]] = {"one process": [], "two threads": [], "two processes": []}
    gains: dict[str, list[float]] = {"two processes": [], "two threads": [], "loop": []}
    for _ in range(runs):
        one = len(many) / _clock(lambda: scorer.score(many))
        threaded = len(many) / _clock(lambda: list(threads.map(scorer.score, halves)))
        two = len(many) / _together([partial(scorer.score, half) for half in halves])
        again = len(many) / _clock(lambda: scorer.score(many))
        for name, rate in zip(rates, ((one + again) / 2, threaded, two), strict=True):
            rates[name].append(rate)
        gains["two processes"].append(2 * two / (one + again))
        gains["two threads"].append(2 * threaded / (one + again))
        gains["loop"].append(2 * _clock(_loop) / _together([_loop, _loop]))
    lines = [f"| {name} | {statistics.median(rate):,.0f} |" for name, rate in rates.items()]
    told = {name: f"{statistics.median(gain):.2f} ({min(gain):.2f}-{max(gain):.2f})" for name, gain in gains.items()}
    return "\n".join(
        [
            "| | comments/s, wall clock |",
            "| --- | ---: |",
            *lines,
            "",
            f"Two processes are {told['two processes']} times one, two threads {told['two threads']} times; two "
            f"processes of a loop that reads no memory are {told['loop']} times one. Medians of {runs} interleaved "
            "runs, lowest and highest.",
        ]
    )


def _clock(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _loop() -> None:
    hashlib.pbkdf2_hmac("sha256", b"", b"", 200_000)


def _together(works: Sequence[Callable[[], object]]) -> float:
    """Give the seconds that some work takes in processes of their own, side by side."""
    context = multiprocessing.get_context("fork")
    ready, done = (context.Barrier(len(works) + 1) for _ in range(2))
    workers = [context.Process(target=_work, args=(work, ready, done)) for work in works]
    for worker in workers:
        worker.start()
    ready.wait()
    took = _clock(done.wait)
    for worker in workers:
        worker.join()
    return took


def _work(work: Callable[[], object], ready: Any, done: Any) -> None:
    work()  # as the one process has: the pages it shares with its parent are copied when first written to
    ready.wait()
    work()
    done.wait()
