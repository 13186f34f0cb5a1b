"""The command as a user runs it, and dumps made of the starter comments."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

import pytest

STARTER = Path(__file__).parents[2] / "corpora" / "starter"
COMMAND = (sys.executable, "-P", "-c", "from service.cli import main; main()")

Poquan = Callable[..., "subprocess.CompletedProcess[bytes]"]
DumpMaker = Callable[..., Path]


@pytest.fixture(scope="session")
def starter() -> Sequence[dict[str, str]]:
    """All starter comments, file by file."""
    files = sorted(STARTER.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


@pytest.fixture
def make_dump(tmp_path: Path, starter: Sequence[dict[str, str]]) -> DumpMaker:
    """Writes a csv of `rows` comments, the starter comments again and again, with an id each."""

    def make(rows: int, name: str = "comments.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "work", "platform", "content"])
            for number, comment in enumerate(islice(cycle(starter), rows)):
                writer.writerow([number, comment["work"], comment["platform"], comment["text"]])
        return path

    return make


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has set nothing but a home of their own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("POQUAN_")}
    return {**own, "POQUAN_HOME": str(tmp_path / "home"), "COLUMNS": "140"}


@pytest.fixture
def poquan(environment: dict[str, str]) -> Poquan:
    """Runs the command and gives what it printed and how it ended."""

    def run(*arguments: str | Path, stdin: bytes = b"", **more: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [*COMMAND, *map(str, arguments)], input=stdin, env=environment | more, capture_output=True, timeout=120
        )

    return run
