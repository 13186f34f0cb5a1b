"""The command as it runs: killed in the middle, stopped, started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.service.following.receiver import Answer, Line, Receiver

COMMAND = (sys.executable, "-P", "-c", "import typer; from service.commands.watch import watch; typer.run(watch)")
PATIENCE = 60.0

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(environment: dict[str, str], receiver: Receiver) -> Iterator[Start]:
    """Starts the command on a dump; what still runs at the end is stopped."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str | Path) -> "subprocess.Popen[bytes]":
        options = ["--stream", "剧", "--to", receiver.url, "--every", "0.1"]
        process = subprocess.Popen([*COMMAND, *map(str, arguments), *options], env=environment, stderr=subprocess.PIPE)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not come"
        time.sleep(0.005)


def append(path: Path, numbers: range) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{number},第{number}条\n" for number in numbers)


def has_taken(receiver: Receiver, count: int) -> bool:
    return len(receiver.taken) == count


def away_from(receiver: Receiver, most: int, _: list[Line]) -> Answer | None:
    """Answer nothing more once `most` comments were taken: what comes then is killed in the middle of a block."""
    return (503, {}) if len(receiver.taken) >= most else None


@pytest.mark.skipif(os.name != "posix", reason="killed by a signal of POSIX")
def test_kills_in_the_middle_lose_no_comment(tmp_path: Path, start: Start, receiver: Receiver) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("id,content\n", "utf-8")
    append(path, range(1000))
    running = start(path)
    wait_for(lambda: len(receiver.taken) == 1000 and any((tmp_path / "home" / "watch").glob("*.json")))
    sent = len(receiver.ids)
    for total in (3000, 5000, 7000):
        receiver.answer = partial(away_from, receiver, total - 1000)
        append(path, range(total - 2000, total))
        wait_for(partial(has_taken, receiver, total - 1000))
        running.send_signal(signal.SIGKILL)
        running.wait()
        receiver.answer = lambda lines: None
        running = start(path)
        wait_for(partial(has_taken, receiver, total))
    assert "999" not in receiver.ids[sent:], "a restart has sent what was acknowledged and noted"


@pytest.mark.skipif(os.name != "posix", reason="stopped by signals of POSIX")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopping_ends_with_a_line_of_what_was_sent(
    tmp_path: Path, start: Start, receiver: Receiver, stop: signal.Signals
) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("id,content\n1,好看\n2,\n", "utf-8")
    process = start(path)
    wait_for(lambda: len(receiver.taken) == 1 and any((tmp_path / "home" / "watch").glob("*.json")))
    process.send_signal(stop)
    _, printed = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Traceback" not in printed.decode()
    lines = printed.decode().splitlines()
    assert lines[-1] == "Stopped; in all 2 read, 1 sent: 1 accepted (0 late), 0 duplicates, 1 rejected."
    assert str(path) in lines[0]


def test_once_takes_its_address_from_the_settings(
    tmp_path: Path, environment: dict[str, str], receiver: Receiver
) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("名字,说的\n1,好看\n", "utf-8")
    port = receiver.url.rpartition(":")[2]
    own = environment | {"POQUAN_HOST": "0.0.0.0", "POQUAN_PORT": port, "POQUAN_API_KEY": "geheim"}
    options = ["--stream", "剧", "--once", "--text-column", "说的", "--platform", "豆瓣", "-q"]
    done = subprocess.run([*COMMAND, str(path), *options], env=own, capture_output=True, timeout=PATIENCE, check=True)
    assert done.stderr == b""
    assert receiver.headers[0]["Authorization"] == "Bearer geheim"
    assert receiver.requests[0][0]["platform"] == "douban"
