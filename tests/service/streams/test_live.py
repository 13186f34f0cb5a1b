"""The command with streams: one process owns them, says so in a sentence, and lets its listeners go at its end."""

import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.service.api.serving import PATIENCE, wait_for
from tests.service.conftest import COMMAND, Poquan


@contextmanager
def served(environment: Mapping[str, str], log: Path, *options: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """The running command and its address; what it says goes to `log`."""
    with log.open("wb") as said:
        running = subprocess.Popen([*COMMAND, "serve", "--port", "0", *options], env=environment, stderr=said)
    try:
        wait_for(lambda: b"listens on" in log.read_bytes() or running.poll() is not None)
        address = re.search(r"http://[\d.:]+", log.read_text("utf-8"))
        assert address is not None, log.read_text("utf-8")
        yield running, address.group()
    finally:
        running.kill()
        running.wait()


def test_a_second_service_on_the_same_database_ends_with_a_sentence(
    environment: dict[str, str], tmp_path: Path, poquan: Poquan
) -> None:
    with served(environment, tmp_path / "log") as (running, address):
        wait_for(lambda: ready(address))
        refused = poquan("serve", "--port", "0")
        assert refused.returncode == 2
        [sentence] = refused.stderr.decode().splitlines()
        assert f"is owned by another poquan (process {running.pid})" in sentence
        assert "POQUAN_DATABASE_URL" in sentence
        assert httpx.get(f"{address}/streams", trust_env=False).json() == {"streams": [], "next": None}


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("POQUAN_DATABASE_URL", "mysql://a@b/c", "'mysql' are not kept"),
        ("POQUAN_WEBHOOKS", "ftp://example.org", "only http://… and https://… are told"),
    ],
)
def test_streams_that_cannot_be_owned_end_the_command_with_a_sentence(
    poquan: Poquan, setting: str, value: str, told: str
) -> None:
    refused = poquan("serve", "--port", "0", **{setting: value})
    assert refused.returncode == 2
    [sentence] = refused.stderr.decode().splitlines()
    assert sentence.startswith("poquan: ") and told in sentence


def test_several_workers_say_that_streams_are_off(environment: dict[str, str], tmp_path: Path) -> None:
    with served(environment, tmp_path / "log", "--workers", "2") as (running, address):
        wait_for(lambda: ready(address))
        wait_for(lambda: b"need one process" in (tmp_path / "log").read_bytes())
        assert "With 2 workers the streams are off: they need one process." in (tmp_path / "log").read_text("utf-8")
        assert httpx.get(f"{address}/streams", trust_env=False).json()["type"] == "urn:poquan:problem:streams-off"
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) in (0, -signal.SIGTERM)


def test_at_its_end_the_service_lets_listeners_go_and_keeps_all(environment: dict[str, str], tmp_path: Path) -> None:
    with served(environment, tmp_path / "log") as (running, address):
        wait_for(lambda: ready(address))
        with httpx.stream("GET", f"{address}/events", timeout=PATIENCE, trust_env=False) as listening:
            lines = listening.iter_lines()
            next(lines)
            sent = httpx.post(f"{address}/streams/a/comments", json={"text": "好看", "id": "1"}, trust_env=False)
            assert sent.json()["accepted"] == 1
            running.send_signal(signal.SIGTERM)
            assert set(lines) <= {"", ":"}
        assert running.wait(PATIENCE) in (0, -signal.SIGTERM)
        assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
    with served(environment, tmp_path / "log") as (_, address):
        wait_for(lambda: ready(address))
        again = httpx.post(f"{address}/streams/a/comments", json={"text": "好看", "id": "1"}, trust_env=False)
        assert again.json()["duplicates"] == 1


def ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=PATIENCE, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
