"""What watching costs beside scoring: the time of a comment, and the memory of a stream.

Time: the streams of the corpora in batches, each batch scored and then watched, so that a machine that is busy with
something else slows both alike; the store's part from an engine over a SQLite file; and a thousand streams that come
with a few comments each, as a step of the engine watches them. Memory: processes of their own,
each with the model loaded, in which streams are known, or watched.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
from threadpoolctl import threadpool_limits

from corpora.fetch import load
from model import Scorer
from service.monitor.comments import ScoredComments
from service.monitor.dependence import Dependence
from service.monitor.duplicates import NearDuplicates
from service.monitor.panel import Panel
from service.monitor.readings import Readings
from service.monitor.segments import Segments
from service.monitor.state import pack
from service.monitor.stream import StreamMonitor
from service.settings import Settings
from service.store.comments import NewComment
from service.store.intake import Incoming
from service.store.store import Store, open_store
from service.streams.engine import Engine
from tests.benchmarks.streamed import scored_rows

STREAMS = ("beishangniliu-2018", "bilibili-newyear-2020")
SIZES = (11, 256, 1_000)  # the first as many as a small request has
RUNS = 15
MOST = 12_000  # comments of a stream
_LEAST_BATCHES = 400

KNOWN, EACH = 10_000, 30
_REQUESTS = 500  # accepted together
#: Comments a stream was fed, and how many such streams are held at once to measure one.
HELD = {0: 400, 100: 400, 2_000: 150, 10_000: 60}

#: Streams that are watched in turn, what each had before, the comments of a step, and how many of a stream at once.
MANY, HAD, STEP = 1_000, 160, 2_000
TOGETHER = (1, 2, 5, 10, 20)
_STEPS = 7

_LATENESS = float(Settings.model_fields["lateness"].default)

#: Seconds of CPU of all threads, and of the clock.
Seconds = tuple[float, float]

_PARTS: dict[str, tuple[type, str]] = {
    "reading": (Readings, "of"),
    "copies": (NearDuplicates, "enter"),
    "dependence": (Dependence, "update"),
    "segments": (Segments, "take"),
    "panels": (Panel, "update"),
}
_STORE: dict[str, tuple[type, str]] = {
    "accept": (Store, "accept"),
    "read": (Store, "pending"),
    "record": (Store, "record"),
    "step": (Engine, "step"),
}


def report() -> str:
    """Measure; give the tables."""
    scorer = Scorer.load()
    with threadpool_limits(1):  # idle threads of the linear algebra would be counted for whatever runs next
        times = [_times(scorer), _many(scorer)]
    return "\n\n".join([*times, _known(), _hot()])


def _times(scorer: Scorer) -> str:
    head = ("stream", "batch", "clock", "scoring", "monitor", "monitor / scoring", *_PARTS, "signals and rest")
    head += ("store: accept", "store: read", "store: record", "whole step")
    lines = [
        f"Microseconds a comment, of CPU and of the clock, one thread; medians of {RUNS} interleaved runs, in each "
        "of which every batch was scored and then watched. A whole step reads, scores, watches, sums up and records.",
        "",
        "| " + " | ".join(head) + " |",
        "| --- | ---: | --- " + "| ---: " * (len(head) - 3) + "|",
    ]
    parts: dict[tuple[str, int], ScoredComments] = {}
    for name in STREAMS:
        scored = scored_rows(scorer, list(load(f"streams/{name}"))[:MOST])
        parts |= {(name, size): scored[: size * _LEAST_BATCHES] for size in SIZES}
    runs: dict[tuple[str, int], list[dict[str, Seconds]]] = {part: [] for part in parts}
    for _ in range(RUNS):
        for (name, size), some in parts.items():
            runs[name, size].append(_run(scorer, some, size))
    for (name, size), some in parts.items():
        for clock, kind in enumerate(("CPU", "clock")):
            of = runs[name, size]
            cost = {part: median(run[part][clock] for run in of) / len(some) * 1e6 for part in of[0]}
            ratio = median(run["monitor"][clock] / run["scoring"][clock] for run in of)
            rest = cost["monitor"] - sum(cost[part] for part in _PARTS)
            numbers = [cost["scoring"], cost["monitor"], ratio, *(cost[part] for part in _PARTS), rest]
            told = [*(f"{number:.2f}" for number in numbers), *(f"{cost[part]:.1f}" for part in _STORE)]
            lines.append(f"| {name} | {size:,} | {kind} | " + " | ".join(told) + " |")
    return "\n".join(lines)


def _run(scorer: Scorer, scored: ScoredComments, size: int) -> dict[str, Seconds]:
    """Give what each part of the work took over all comments, in batches of ``size``."""
    batches = [scored[start : start + size] for start in range(0, len(scored), size)]
    monitor = StreamMonitor("stream", scored.names.circles)
    with _timed(_PARTS) as spent:
        for batch in batches:
            _add(spent, "scoring", lambda batch=batch: scorer.score(batch.text))  # type: ignore[misc]
            _add(spent, "monitor", lambda batch=batch: monitor.update(batch))  # type: ignore[misc]
    with _timed(_STORE) as kept, _engine() as engine:
        for number, batch in enumerate(batches):
            engine.store.accept([_request("stream", batch, number)], time.time())
            engine.step(scorer, size)
    return {**spent, **kept}


def _many(scorer: Scorer) -> str:
    """Measure steps of many streams, each with a few comments in it."""
    scored = scored_rows(scorer, list(load("film/starred.test")))
    dice = np.random.default_rng(20)
    monitors = [StreamMonitor(f"stream {number}", scored.names.circles) for number in range(MANY)]
    counted = count()

    def step(together: int, comments: int) -> float:
        """Give the seconds of CPU of a step, in which each stream met has so many comments."""
        some = scored[dice.integers(0, len(scored), comments)]
        numbers = [next(counted) for _ in range(comments)]
        batch = replace(some, seq=np.array(numbers) + 1, author=[f"{number:016x}" for number in numbers])
        owners = np.repeat(dice.permutation(MANY)[: comments // together], together).tolist()
        begun = time.process_time()
        readings = Readings.of(batch)
        for start in range(0, comments, together):
            monitors[owners[start]].take(readings[start : start + together])
        return time.process_time() - begun

    for _ in range(HAD // 20):
        step(20, 20 * MANY)
    lines = [
        f"{MANY:,} streams of {HAD} comments and more in turn, {STEP:,} comments a step, one thread: microseconds "
        f"of CPU of the monitor, medians of {_STEPS} steps.",
        "",
        "| comments of a stream in a step | a stream | a comment |",
        "| ---: | ---: | ---: |",
    ]
    for together in TOGETHER:
        comments = min(STEP, MANY * together)
        took = median(step(together, comments) for _ in range(_STEPS)) / comments * 1e6
        lines.append(f"| {together} | {took * together:.0f} | {took:.1f} |")
    return "\n".join(lines)


def _add(spent: dict[str, Seconds], part: str, work: Callable[[], object]) -> None:
    cpu, clock = time.process_time(), time.perf_counter()
    try:
        work()
    finally:
        before = spent[part]
        spent[part] = before[0] + time.process_time() - cpu, before[1] + time.perf_counter() - clock


@contextmanager
def _timed(methods: dict[str, tuple[type, str]]) -> Iterator[dict[str, Seconds]]:
    """Within it, note what the calls of these methods take."""
    spent: dict[str, Seconds] = defaultdict(lambda: (0.0, 0.0))
    with ExitStack() as undone:
        for part, (owner, name) in methods.items():
            undone.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, _noting(getattr(owner, name), spent, part))
        yield spent


def _noting(method: Callable[..., Any], spent: dict[str, Seconds], part: str) -> Callable[..., Any]:
    def noted(*args: Any, **options: Any) -> Any:
        given = []
        _add(spent, part, lambda: given.append(method(*args, **options)))
        return given[0]

    return noted


@contextmanager
def _engine() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'poquan.db'}")
        try:
            yield Engine(store, most_hot=int(Settings.model_fields["hot_streams"].default))
        finally:
            store.close()


def _request(stream: str, batch: ScoredComments, number: int) -> Incoming:
    columns = zip(batch.time.tolist(), batch.text, batch.author, batch.platform, batch.likes.tolist(), strict=True)
    comments = [
        NewComment(f"{number}-{place}", moment, text, author, None, platform, None, likes)
        for place, (moment, text, author, platform, likes) in enumerate(columns)
    ]
    return Incoming(stream, comments, _LATENESS)


def _known() -> str:
    """Measure the memory of many streams that are known, most of them parked."""
    idle, filled, kept, hot = _alone(_fill)
    return "\n".join(
        [
            f"Memory of {KNOWN:,} known streams of {EACH} comments each, {hot:,} of them still in memory, beyond an "
            "engine with the model loaded; after it kept every state, too.",
            "",
            "| | idle, MB | beyond it, MB | after keeping states, MB |",
            "| --- | ---: | ---: | ---: |",
            *(
                f"| {kind} | {idle[place]:.0f} | {filled[place] - idle[place]:.0f} | {kept[place] - idle[place]:.0f} |"
                for place, kind in enumerate(("RSS", "PSS"))
            ),
        ]
    )


def _fill() -> tuple[Seconds, Seconds, Seconds, int]:
    scorer = Scorer.load()
    rows = list(load("film/unstarred"))[: _REQUESTS * EACH]
    scored = scored_rows(scorer, rows)
    with _engine() as engine:
        _work_through(engine, scorer, scored, range(1))
        idle = _memory()
        _work_through(engine, scorer, scored, range(1, KNOWN))
        filled = _memory()
        engine.park()
        return idle, filled, _memory(), engine.hot


def _work_through(engine: Engine, scorer: Scorer, scored: ScoredComments, streams: range) -> None:
    for start in range(0, len(streams), _REQUESTS):
        requests = [
            _request(f"stream {number}", scored[number % _REQUESTS * EACH :][:EACH], number)
            for number in streams[start : start + _REQUESTS]
        ]
        engine.store.accept(requests, time.time())
        while engine.step(scorer):
            pass


def _hot() -> str:
    """Measure what a stream takes that is watched, by how many comments it had."""
    lines = [
        "A stream in memory, each comment by another author: memory beyond a process with the model loaded, and its "
        "state as it is kept in the store.",
        "",
        "| comments | kB in memory (RSS) | kB kept |",
        "| ---: | ---: | ---: |",
    ]
    for comments, streams in HELD.items():
        taken, stored = _alone(_hold, comments, streams)
        lines.append(f"| {comments:,} | {taken / streams / 1e3:,.0f} | {stored / 1e3:,.0f} |")
    return "\n".join(lines)


def _hold(comments: int, streams: int) -> tuple[float, int]:
    """Give the bytes that some streams of as many comments take together, and the size of the state of one."""
    scorer = Scorer.load()
    scored = scored_rows(scorer, list(load("streams/bilibili-newyear-2020"))[: max(comments, 1)])
    names = scored.names.circles
    _watched(scored[:comments], StreamMonitor("first", names), 0)
    before = _memory()[0]
    monitors = [StreamMonitor(f"stream {number}", names) for number in range(streams)]
    for number, monitor in enumerate(monitors, 1):
        _watched(scored[:comments], monitor, number)
    return (_memory()[0] - before) * 1e6, len(pack(monitors[0].state()))


def _watched(scored: ScoredComments, monitor: StreamMonitor, number: int) -> None:
    for start in range(0, len(scored), 256):
        batch = scored[start : start + 256]
        authors = [f"{number:06x}{start + place:010x}" for place in range(len(batch))]  # as long as real ones
        monitor.update(replace(batch, author=authors))


def _memory() -> tuple[float, float]:
    """Give RSS and PSS of this process in MB."""
    gc.collect()
    full = psutil.Process().memory_full_info()
    return full.rss / 1e6, getattr(full, "pss", float("nan")) / 1e6


def _alone(work: Callable[..., Any], *args: Any) -> Any:
    """Do something in a fresh process."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(work, args)
