"""Labellings that are killed, stopped, or run out of disk, and go on."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.service.conftest import COMMAND, DumpMaker, Poquan

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the signals and limits of POSIX are tested")

ROWS = 24_000
SMALL = ("--batch-size", "200")


@pytest.fixture
def big_dump(make_dump: DumpMaker) -> Path:
    """A csv whose every thousandth row is rejected."""
    path = make_dump(ROWS)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for number in range(1000, ROWS, 1000):
        lines[number] = f"{number - 1},,,\r\n"
    path.write_text("".join(lines), "utf-8")
    return path


def start(environment: dict[str, str], *arguments: str | Path) -> "subprocess.Popen[bytes]":
    """A labelling that notes its progress after every chunk, not every two seconds, so that kills come between."""
    program = f"import service.batch.outputs as outputs; outputs._SECONDS_BETWEEN_SAVES = 0.0; {COMMAND[-1]}"
    return subprocess.Popen(
        [*COMMAND[:-1], program, "label", *map(str, arguments)],
        env=environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def consumed(target: Path) -> int:
    """Rows that the journal of a run has noted."""
    journal = target.with_name(target.name + ".progress.json")
    return int(json.loads(journal.read_bytes())["consumed"]) if journal.exists() else 0


def wait_for_progress(target: Path, running: "subprocess.Popen[bytes]", after: int = 0) -> None:
    """Return once more than `after` rows are noted, or the run has ended."""
    end = time.monotonic() + 60
    while consumed(target) <= after and running.poll() is None:
        assert time.monotonic() < end, f"no row after {after} was noted within a minute"
        time.sleep(0.005)


def children_of(process: int) -> Sequence[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(number) for number in found.stdout.split()]


def alive(process: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


@pytest.mark.parametrize("form", ["csv", "jsonl.gz", "parquet"])
def test_a_run_killed_again_and_again_ends_like_one_that_never_was(
    poquan: Poquan, environment: dict[str, str], big_dump: Path, tmp_path: Path, form: str
) -> None:
    whole, target = tmp_path / f"whole.{form}", tmp_path / f"out.{form}"
    assert poquan("label", big_dump, "-o", whole, *SMALL, "--summary", tmp_path / "whole.json").returncode == 0
    moments = random.Random(form)
    noted = [0]
    for _ in range(3):
        running = start(environment, big_dump, "-o", target, "--resume", *SMALL, "-j", "2")
        wait_for_progress(target, running, after=noted[-1])
        time.sleep(moments.uniform(0, 0.05))
        running.kill()
        running.communicate()
        noted.append(consumed(target))
    assert 0 < noted[1] < noted[2] < noted[3] < ROWS
    done = poquan("label", big_dump, "-o", target, "--resume", *SMALL, "-j", "1", "--summary", tmp_path / "out.json")
    assert done.returncode == 0, done.stderr.decode()
    assert target.read_bytes() == whole.read_bytes()
    rejected = [path.with_name(path.name + ".rejected.jsonl").read_bytes() for path in (target, whole)]
    assert rejected[0] == rejected[1]
    assert len(rejected[0].splitlines()) == ROWS // 1000 - 1
    summaries = [json.loads((tmp_path / name).read_text("utf-8")) for name in ("out.json", "whole.json")]
    resumed, unkilled = ({**summary, "seconds": None} for summary in summaries)
    assert resumed == unkilled
    assert resumed["total"]["audience"]
    assert sum(work["comments"] for work in resumed["works"]) == resumed["comments"]
    assert not list(tmp_path.glob("out*.part")) + list(tmp_path.glob("out*.progress.json"))


def test_no_scoring_process_outlives_a_killed_run(environment: dict[str, str], big_dump: Path, tmp_path: Path) -> None:
    running = start(environment, big_dump, "-o", tmp_path / "out.csv", "-j", "2")
    wait_for_progress(tmp_path / "out.csv", running)
    workers = children_of(running.pid)
    assert workers
    running.kill()
    running.communicate()
    end = time.monotonic() + 30
    while any(map(alive, workers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def test_a_scoring_process_that_dies_ends_the_run_with_one_sentence(
    poquan: Poquan, environment: dict[str, str], big_dump: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    running = start(environment, big_dump, "-o", target, "-j", "2", *SMALL)
    wait_for_progress(target, running)
    os.kill(children_of(running.pid)[0], signal.SIGKILL)
    message = running.communicate()[1].decode()
    assert running.returncode == 2
    assert "exit code -9" in message.splitlines()[-1]
    assert "Traceback" not in message
    assert poquan("label", big_dump, "-o", target, "--resume", *SMALL).returncode == 0


def test_ctrl_c_says_how_to_go_on(poquan: Poquan, environment: dict[str, str], big_dump: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    running = start(environment, big_dump, "-o", target)
    wait_for_progress(tmp_path / "out.csv", running)
    os.killpg(running.pid, signal.SIGINT)
    message = running.communicate()[1].decode()
    assert running.returncode == 130
    assert message.splitlines()[-1] == f"Stopped; go on with: poquan label {big_dump} -o {target} --resume"
    assert "Traceback" not in message
    assert poquan("label", big_dump, "-o", target, "--resume").returncode == 0
    assert len(target.read_bytes().splitlines()) == ROWS - ROWS // 1000 + 2


def test_a_stopped_run_does_not_go_on_with_other_options_or_another_input(
    poquan: Poquan, environment: dict[str, str], big_dump: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    running = start(environment, big_dump, "-o", target)
    wait_for_progress(tmp_path / "out.csv", running)
    running.kill()
    running.communicate()
    forgotten = poquan("label", big_dump, "-o", target)
    assert (forgotten.returncode, b"--resume" in forgotten.stderr) == (2, True)
    other = poquan("label", big_dump, "-o", target, "--resume", "--work", "灯火")
    assert other.returncode == 2
    assert "work was None, not '灯火'" in other.stderr.decode()
    for option in ("--explain", "--probabilities"):
        more = poquan("label", big_dump, "-o", target, "--resume", option)
        assert more.returncode == 2
        assert f"{option[2:]} was False, not True" in more.stderr.decode()
    with big_dump.open("a") as file:
        file.write("99999,,,more\n")
    changed = poquan("label", big_dump, "-o", target, "--resume")
    assert changed.returncode == 2
    assert "the input is not the same" in changed.stderr.decode()


def test_a_full_disk_ends_with_one_sentence_and_can_be_gone_on_from(
    poquan: Poquan, environment: dict[str, str], big_dump: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    limited = f"ulimit -f 400; exec {COMMAND[0]} -P -c '{COMMAND[3]}' label '{big_dump}' -o '{target}'"
    done = subprocess.run(["bash", "-c", limited], env=environment, capture_output=True, check=False, timeout=120)
    message = done.stderr.decode()
    assert done.returncode == 2, message
    assert "cannot be written" in message.splitlines()[-1]
    assert "--resume" in message.splitlines()[-1]
    assert "Traceback" not in message
    assert not target.exists()
    assert poquan("label", big_dump, "-o", target, "--resume").returncode == 0
    assert len(target.read_bytes().splitlines()) == ROWS - ROWS // 1000 + 2


def test_a_full_standard_output_ends_with_one_sentence(poquan: Poquan, make_dump: DumpMaker) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    command = f"{COMMAND[0]} -P -c '{COMMAND[3]}' label '{make_dump(50)}' -o - > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=120)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(make_dump: DumpMaker) -> None:
    command = f"{COMMAND[0]} -P -c '{COMMAND[3]}' label '{make_dump(5000)}' -o - | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=120)
    assert done.stdout.startswith(b"id,work,")
    assert b"Traceback" not in done.stderr
    assert b"Error" not in done.stderr
