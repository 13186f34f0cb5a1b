"""`poquan review` as a user runs it."""

import csv
import json
from pathlib import Path

import pytest

from tests.service.conftest import DumpMaker, Poquan


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_queue_mixes_doubtful_and_random_comments(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    done = poquan("review", make_dump(600), "-o", tmp_path / "queue.csv", "--count", "60")
    assert done.returncode == 0, done.stderr.decode()
    rows = read(tmp_path / "queue.csv")
    assert len(rows) == 60
    assert sum(row["why"] == "random" for row in rows) >= 6
    assert any(row["why"].startswith("circle: ") for row in rows)
    assert {row["polarity"] for row in rows} <= {"negative", "neutral", "positive"}
    shown = done.stderr.decode()
    assert "60 of 600 comments" in shown
    assert "make train" in shown


def test_the_same_dump_gives_the_same_bytes(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    dump = make_dump(300)
    for name in ("a.csv", "b.csv"):
        assert poquan("review", dump, "-o", tmp_path / name, "--count", "40").returncode == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize("name", ["first.csv", "first.jsonl", "first.json"])
def test_a_second_round_leaves_out_the_first(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path, name: str) -> None:
    dump, first, second = make_dump(150), tmp_path / name, tmp_path / "second.csv"
    poquan("review", dump, "-o", first, "--count", "40")
    done = poquan("review", dump, "-o", second, "--count", "40", "--except", first)
    assert done.returncode == 0, done.stderr.decode()
    earlier = first.read_text("utf-8")
    assert len(read(second)) == 40
    assert not [row["text"] for row in read(second) if row["text"] in earlier]


def test_label_studio_gets_its_interface_beside_the_tasks(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    done = poquan("review", make_dump(100), "-o", tmp_path / "queue.json", "--count", "10")
    assert done.returncode == 0, done.stderr.decode()
    assert len(json.loads((tmp_path / "queue.json").read_bytes())) == 10
    assert "亲子家庭" in (tmp_path / "queue.config.xml").read_text("utf-8")


def test_a_queue_that_is_there_is_kept_unless_overwriting_is_asked_for(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path
) -> None:
    dump, queue = make_dump(50), tmp_path / "queue.csv"
    queue.write_text("my corrections", "utf-8")
    done = poquan("review", dump, "-o", queue)
    assert done.returncode == 2
    assert "--overwrite" in done.stderr.decode()
    assert queue.read_text("utf-8") == "my corrections"
    assert poquan("review", dump, "-o", queue, "--overwrite", "--count", "5").returncode == 0
    assert len(read(queue)) == 5


def test_nothing_is_left_where_the_dump_cannot_be_read(poquan: Poquan, tmp_path: Path) -> None:
    dump = tmp_path / "dump.csv"
    dump.write_text("", "utf-8")
    done = poquan("review", dump, "-o", tmp_path / "queue.csv")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [dump]


def test_more_for_each_circle_than_fits_is_refused(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    done = poquan("review", make_dump(50), "-o", tmp_path / "queue.csv", "--per-circle", "50")
    assert done.returncode == 2
    assert "--count" in done.stderr.decode()


def test_help_says_what_the_random_share_is_for(poquan: Poquan) -> None:
    shown = " ".join(poquan("review", "--help").stdout.decode().split())
    assert "drawn at random" in shown
    assert "poquan review comments.csv -o queue.csv" in shown
