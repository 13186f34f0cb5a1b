"""`poquan label` end to end: rows a second by kind of file and number of processes, the cost of each part, memory."""

from __future__ import annotations

import csv
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import orjson
from threadpoolctl import threadpool_limits

from corpora.fetch import load
from corpora.readers import open_dump
from model import Scorer
from service.batch.chunks import cut_chunks
from service.batch.columns import plan_layout
from service.batch.forms import Form
from service.batch.scoring import Labeller, count_audiences
from service.batch.tally import count_polarities
from tests.benchmarks.memory import watch_memory

ROWS = 600_000
RUNS = 5
_SETS = {"waimai": "sentiment/waimai_10k.train", "online_shopping": "sentiment/online_shopping_10_cats.train"}
_COLUMNS = ("id", "text", "time", "likes", "work")
_SAMPLE = 100_000  # rows by which the parts are measured
_MEMORY = (200_000, 1_000_000)  # rows
_POQUAN = str(Path(sys.executable).with_name("poquan"))

Paths = Mapping[str, Path]


@dataclass(frozen=True)
class _Spent:
    seconds: float
    processor: float


def report(rows: int = ROWS, runs: int = RUNS) -> str:
    """Give the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {f"{name}.{kind}": folder / f"{name}.{kind}" for name in _SETS for kind in ("csv", "jsonl")}
        lengths = {name: _write(files, name, rows) for name in _SETS}
        parts = [_end_to_end(files, lengths, folder, rows, runs)]
        parts += [_by_part(files), _memory(folder)]
    return "\n\n".join(parts)


def _write(files: Paths, name: str, rows: int) -> float:
    """Write the set's comments again and again as csv and as JSON lines; give their mean length."""
    texts = [row["text"] for row in load(_SETS[name])]
    with (
        files[f"{name}.csv"].open("w", encoding="utf-8", newline="") as table,
        files[f"{name}.jsonl"].open("wb") as lines,
    ):
        writer = csv.writer(table)
        writer.writerow(_COLUMNS)
        for values in _records(texts, rows):
            writer.writerow(values)
            lines.write(orjson.dumps(dict(zip(_COLUMNS, values, strict=True))) + b"\n")
    return sum(map(len, texts)) / len(texts)


def _records(texts: Iterable[str], rows: int) -> Iterator[tuple[object, ...]]:
    for number, text in enumerate(islice(cycle(texts), rows)):
        yield number, text, f"2024-01-01 10:{number // 60 % 60:02}:{number % 60:02}", number % 17, f"片{number % 3}"


def _end_to_end(files: Paths, lengths: Mapping[str, float], folder: Path, rows: int, runs: int) -> str:
    ways: dict[tuple[str, str], list[str]] = {}
    for name in _SETS:
        source, target = str(files[f"{name}.csv"]), str(folder / "out.csv")
        ways[name, "csv to csv, naive pipeline"] = [
            sys.executable,
            "-m",
            "tests.benchmarks.naive_labelling",
            source,
            target,
        ]
        for jobs in (1, 2):
            command = [_POQUAN, "label", source, "-o", target, "--quiet", "--overwrite", "--jobs", str(jobs)]
            ways[name, f"csv to csv, {jobs} job{'s' * (jobs > 1)}"] = command
        source, target = str(files[f"{name}.jsonl"]), str(folder / "out.jsonl")
        command = [_POQUAN, "label", source, "-o", target, "--quiet", "--overwrite", "--jobs", "2"]
        ways[name, "jsonl to jsonl, 2 jobs"] = command
    spent: dict[tuple[str, str], list[_Spent]] = {way: [] for way in ways}
    for _ in range(runs):
        for way, command in ways.items():
            spent[way].append(_run(command))
    lines = [
        f"{rows:,} rows from the start of the command to its end, medians of {runs} interleaved runs; the naive "
        "pipeline is csv.DictReader, Scorer.score of 1,000 texts and csv.writer in one process. The ratio is that of "
        "the wall-clock times within a run.",
        "",
        "| set | characters | way | rows/s | lowest-highest | processor, us a row | times the naive pipeline |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for (name, how), each in spent.items():
        rates = [rows / one.seconds for one in each]
        naively = spent[name, "csv to csv, naive pipeline"]
        ratio = statistics.median(theirs.seconds / ours.seconds for ours, theirs in zip(each, naively, strict=True))
        cost = statistics.median(one.processor for one in each) / rows * 1e6
        lines.append(
            f"| {name} | {lengths[name]:.0f} | {how} | {statistics.median(rates):,.0f} | "
            f"{min(rates):,.0f}-{max(rates):,.0f} | {cost:.1f} | {ratio:.2f} |"
        )
    return "\n".join(lines)


def _run(command: list[str]) -> _Spent:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True)
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return _Spent(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _by_part(files: Paths) -> str:
    lines = [
        f"What a row costs by part, us of processor time, in one process, medians of {RUNS} runs over {_SAMPLE:,} "
        "rows. The first is done by the process that reads the file, the others where the comments are scored.",
        "",
        "| file | cutting the file | reading | scoring | counting | writing |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    with threadpool_limits(1):
        scorer = Scorer.load()
        for name, file in files.items():
            costs = _part_costs(scorer, file)
            lines.append(f"| {name} | " + " | ".join(f"{statistics.median(cost):.1f}" for cost in costs) + " |")
    return "\n".join(lines)


def _part_costs(scorer: Scorer, file: Path) -> list[list[float]]:
    form = Form("csv" if file.suffix == ".csv" else "jsonl")
    dump = open_dump(file)
    layout = plan_layout(dump.columns, explain=False)
    labeller = Labeller(scorer, dump.reader, layout, form, explain=False)
    costs: list[list[float]] = [[] for _ in range(5)]
    for run in range(RUNS + 1):
        spent, rows = [0.0] * 5, 0
        chunks = cut_chunks(dump, 1000, skip=0)
        while rows < _SAMPLE:
            with _timed(spent, 0):
                chunk = next(chunks)
            with _timed(spent, 1):
                batch, _ = labeller.read(chunk)
            with _timed(spent, 2):
                scores = scorer.score(batch.texts)
            with _timed(spent, 3):
                count_polarities(zip(batch.works, batch.platforms, strict=True), scores.polarity)
                list(count_audiences(batch, chunk.followed, scores.facets))
            with _timed(spent, 4):
                labeller.encoded(batch, scores)
            rows += chunk.consumed
        for cost, seconds in zip(costs, spent, strict=True):
            if run:  # the first warms
                cost.append(seconds / rows * 1e6)
    return costs


@contextmanager
def _timed(spent: list[float], part: int) -> Iterator[None]:
    begun = time.process_time()
    yield
    spent[part] += time.process_time() - begun


def _memory(folder: Path) -> str:
    lines = [
        "Memory of all processes together while a csv is labelled in 2 jobs, sampled four times a second; PSS counts a "
        "shared page once.",
        "",
        "| rows | peak PSS, MB | peak RSS, sum, MB |",
        "| ---: | ---: | ---: |",
    ]
    for rows in _MEMORY:
        files = {f"waimai.{kind}": folder / f"memory.{kind}" for kind in ("csv", "jsonl")}
        _write(files, "waimai", rows)
        command = [_POQUAN, "label", str(files["waimai.csv"]), "-o", str(folder / "out.csv"), "--quiet", "--overwrite"]
        peaks = watch_memory(subprocess.Popen([*command, "--jobs", "2"]))
        lines.append(f"| {rows:,} | {peaks['pss']:.0f} | {peaks['rss']:.0f} |")
    return "\n".join(lines)
