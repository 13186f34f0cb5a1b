"""`python -m tests.benchmarks [NAME ...]`: measure, and write `results/*.md`."""

from __future__ import annotations

import argparse
import logging
import os
import platform
import time
from datetime import date
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
_ALL = (
    "polarity",
    "facets",
    "own_circles",
    "mixes",
    "author_gender",
    "public",
    "memory",
    "labelling",
    "detection",
    "turns",
    "segments",
    "rises",
    "monitor_cost",
    "monitor_load",
    "speed",
    "serving",
)
_LIBRARIES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "jieba",
    "rjieba",
    "numba",
    "snownlp",
    "fasttext-wheel",
    "psutil",
    "river",
    "rensa",
    "sqlalchemy",
    "uvicorn",
    "uvloop",
    "httptools",
)


def main() -> None:
    """Run the benchmarks asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(_ALL)} (default: all)")
    names = parser.parse_args().names or _ALL
    if unknown := sorted(set(names) - set(_ALL)):
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(_ALL)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    RESULTS.mkdir(exist_ok=True)
    for name in names:
        begun = time.monotonic()
        body: str = import_module(f"tests.benchmarks.{name}").report()
        text = f"# Benchmark: {name}\n\n{_circumstances(name, time.monotonic() - begun)}\n\n{body}\n"
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
        print(text)


def _circumstances(name: str, seconds: float) -> str:
    libraries = ", ".join(f"{library} {_version(library)}" for library in _LIBRARIES)
    return (
        f"Made by `python -m tests.benchmarks {name}` on {date.today().isoformat()} in {seconds:.0f} s; "
        f"{_processor()}, {os.cpu_count()} cores; Python {platform.python_version()}, {libraries}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"


if __name__ == "__main__":
    main()
