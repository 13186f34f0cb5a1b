"""The service as a process of its own: started, asked, told to reload, stopped."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from model.registry import promote
from service.app import create_app
from tests.service.api.serving import PATIENCE, renamed_model, settings_for, wait_for

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="the signals of POSIX are tested")


@dataclass(frozen=True)
class Process:
    running: "subprocess.Popen[str]"
    client: httpx.Client
    log: list[str]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POQUAN_")}
    command = [sys.executable, "-m", "uvicorn", "service.app:create_app", "--factory", "--port", "0"]
    running = subprocess.Popen(
        command, env=environment | {"POQUAN_HOME": str(tmp_path / "home")}, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    log: list[str] = []
    reading = threading.Thread(target=log.extend, args=(running.stderr,))
    reading.start()
    try:
        wait_for(lambda: any("running on" in line for line in log))
        address = re.search(r"http://\S+", "".join(log))
        assert address is not None
        with httpx.Client(base_url=address.group(), timeout=PATIENCE) as client:
            wait_for(lambda: client.get("/readyz").status_code == 200)
            yield Process(running, client, log)
    finally:
        running.kill()
        running.wait()
        reading.join()
        running.stderr.close()


def test_a_hangup_brings_the_promoted_model_and_an_end_is_clean(process: Process, tmp_path: Path) -> None:
    promote(tmp_path / "home", renamed_model(tmp_path / "candidate", "mine-1"))
    process.running.send_signal(signal.SIGHUP)
    wait_for(lambda: process.client.get("/readyz").json()["model"] == "mine-1")
    assert process.client.post("/score", json={"text": "好看"}).json()["model"] == "mine-1"
    process.client.close()
    process.running.send_signal(signal.SIGTERM)
    assert process.running.wait(PATIENCE) in (0, -signal.SIGTERM)
    assert not [line for line in process.log if "Traceback" in line]


def test_a_hangup_with_a_broken_model_keeps_the_old_one_and_says_so(process: Process, tmp_path: Path) -> None:
    shipped = process.client.get("/readyz").json()["model"]
    promoted = promote(tmp_path / "home", renamed_model(tmp_path / "candidate", "mine-1"))
    (promoted / "manifest.json").unlink()
    process.running.send_signal(signal.SIGHUP)
    wait_for(lambda: any("was not loaded" in line for line in process.log))
    assert process.client.get("/readyz").json()["model"] == shipped


def test_settings_come_from_the_environment_unless_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POQUAN_MAX_COMMENTS", "7")
    assert create_app().state.live.settings.max_comments == 7
    assert create_app(settings_for(tmp_path, max_comments=8)).state.live.settings.max_comments == 8
