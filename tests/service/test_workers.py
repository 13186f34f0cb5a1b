"""`poquan serve --workers 2`: processes forked from one that has loaded the model."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from model.registry import promote
from tests.service.api.serving import PATIENCE, renamed_model, wait_for
from tests.service.conftest import COMMAND

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").is_file(), reason="looks at processes by /proc")

BODY = {"comments": [{"text": "带着爸妈二刷"}, {"text": "烂片，退票"}] * 100}


@dataclass(frozen=True)
class Shared:
    running: "subprocess.Popen[str]"
    address: str
    home: Path

    @property
    def workers(self) -> list[int]:
        pid = self.running.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def version(self) -> str:
        """The model that answers a new connection."""
        reply = httpx.get(f"{self.address}/readyz", timeout=PATIENCE)
        assert reply.status_code == 200, "a worker answers from its first moment"
        version: str = reply.json()["model"]
        return version


@contextmanager
def sharing(home: Path) -> Iterator[Shared]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POQUAN_")}
    running = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--workers", "2"],
        env=environment | {"POQUAN_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    try:
        address = re.search(r"http://\S+:\d+", running.stderr.readline())
        assert address is not None
        shared = Shared(running, address[0], home)
        shared.version()
        yield shared
    finally:
        running.send_signal(signal.SIGTERM)
        rest = running.communicate(timeout=PATIENCE)[1]
    assert "Traceback" not in rest


def private_memory(pid: int) -> float:
    """Megabytes a process shares with no other."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(found) for found in re.findall(r"^Private_\w+: +(\d+) kB", told, re.MULTILINE)) / 1024


def exists(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with sharing(tmp_path_factory.mktemp("shared")) as running:
        yield running


def test_workers_share_what_was_loaded(shared: Shared) -> None:
    for _ in range(10):
        assert httpx.post(f"{shared.address}/score?probabilities=true", json=BODY).status_code == 200
    assert max(map(private_memory, shared.workers)) < 60


def test_a_dead_worker_is_replaced(shared: Shared) -> None:
    first, second = shared.workers
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(shared.workers) == 2 and first not in shared.workers)
    assert second in shared.workers
    shared.version()


def test_a_hangup_brings_workers_with_the_promoted_model_and_no_request_fails(shared: Shared, tmp_path: Path) -> None:
    before = set(shared.workers)
    promote(shared.home, renamed_model(tmp_path / "candidate", "mine-1"))
    shared.running.send_signal(signal.SIGHUP)
    wait_for(lambda: shared.version() == "mine-1" and len(shared.workers) == 2 and not before & set(shared.workers))
    assert {shared.version() for _ in range(5)} == {"mine-1"}


def test_a_hangup_with_a_broken_model_leaves_the_workers(shared: Shared, tmp_path: Path) -> None:
    before, version = set(shared.workers), shared.version()
    promoted = promote(shared.home, renamed_model(tmp_path / "candidate", "broken-1"))
    (promoted / "manifest.json").unlink()
    shared.running.send_signal(signal.SIGHUP)
    with pytest.raises(AssertionError, match="did not come"):
        wait_for(lambda: set(shared.workers) != before, patience=2.0)
    assert shared.version() == version


def test_workers_end_with_the_process_that_forked_them(tmp_path: Path) -> None:
    with sharing(tmp_path) as shared:
        workers = shared.workers
        shared.running.kill()
        wait_for(lambda: not any(map(exists, workers)))
