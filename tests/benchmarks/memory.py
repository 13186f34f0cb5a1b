"""A million comments through `poquan label`: rows a second and the memory of the whole process tree."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import threading
import time
from itertools import cycle, islice
from pathlib import Path

import orjson
import psutil

import corpora

ROWS = 1_000_000
_EVERY = 0.25


def report(rows: int = ROWS) -> str:
    """Label a csv of ``rows`` repeated starter comments; give the table."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "comments.csv", Path(folder) / "labelled.csv"
        _write(source, rows)
        begun = time.monotonic()
        with (Path(folder) / "messages.txt").open("wb") as messages:
            command = [str(Path(sys.executable).with_name("poquan")), "label", str(source), "-o", str(target)]
            process = subprocess.Popen(command, stdout=messages, stderr=messages)
            peaks = watch_memory(process)
        seconds = time.monotonic() - begun
        if process.returncode:
            said = (Path(folder) / "messages.txt").read_text(encoding="utf-8")
            raise RuntimeError(f"poquan label ended with exit code {process.returncode}: {said[-500:]}")
        with target.open(encoding="utf-8-sig", newline="") as stream:
            labelled = sum(1 for _ in csv.reader(stream)) - 1
        size = source.stat().st_size / 1e6
    return "\n".join(
        [
            f"`poquan label` on a csv of {rows:,} comments ({size:.0f} MB): the starter comments, repeated, each with "
            "an id of its own. Memory is that of all its processes together, sampled four times a second; RSS counts "
            "shared pages once in every process, PSS once in all.",
            "",
            "| rows in | rows out | seconds | rows/s | peak RSS, sum, MB | peak PSS, MB | largest process, RSS, MB | "
            "peak RSS at a quarter of the time, MB |",
            "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            f"| {rows:,} | {labelled:,} | {seconds:.0f} | {rows / seconds:,.0f} | {peaks['rss']:.0f} | "
            f"{peaks['pss']:.0f} | {peaks['largest']:.0f} | {peaks['early']:.0f} |",
        ]
    )


def _write(file: Path, rows: int) -> None:
    starter = Path(corpora.__file__).parent / "starter"
    comments = [
        orjson.loads(line) for part in sorted(starter.glob("*.jsonl")) for line in part.read_bytes().splitlines()
    ]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "platform", "work", "content"])
        for number, row in enumerate(islice(cycle(comments), rows)):
            writer.writerow([number, row["platform"], row["work"], row["text"]])


def watch_memory(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Sample the process tree until it ends; give its peaks in MB (``pss`` is nan where the system has none)."""
    samples: list[tuple[float, float, float]] = []
    ended = threading.Event()

    def sample() -> None:
        root = psutil.Process(process.pid)
        while not ended.wait(_EVERY):
            samples.append(_memory(root))

    watcher = threading.Thread(target=sample)
    watcher.start()
    process.wait()
    ended.set()
    watcher.join()
    rss, pss, largest = zip(*samples, strict=True)
    peaks = {"rss": max(rss), "pss": max(pss), "largest": max(largest), "early": max(rss[: len(rss) // 4 + 1])}
    return {name: value / 1e6 for name, value in peaks.items()}


def _memory(root: psutil.Process) -> tuple[float, float, float]:
    """Give RSS and PSS of a process and its children, and the largest RSS, in bytes."""
    rss, pss = [0.0], [0.0]
    try:
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0, 0.0, 0.0
    for process in family:
        try:
            full = process.memory_full_info()
        except psutil.Error:  # it ended while we looked
            continue
        rss.append(full.rss)
        pss.append(getattr(full, "pss", float("nan")))
    return sum(rss), sum(pss), max(rss)
