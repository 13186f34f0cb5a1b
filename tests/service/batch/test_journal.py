import os
from pathlib import Path
from typing import Any

import pytest

from corpora.readers import RejectedRow
from service.batch.journal import Journal, Standing, check_same_run, identity
from service.batch.scoring import Labelled, Numbered
from service.batch.tally import MOST_AUDIENCES, AudienceCounts, Counts
from service.errors import ResumeError


def labelled(**changes: Any) -> Labelled:
    chunk: dict[str, Any] = {
        "rows": b"rows",
        "rejected": [Numbered(0, 3, [RejectedRow(2, Path("a.csv"), "empty", "")])],
        "consumed": 3,
        "read": 0.5,
        "comments": 2,
        "counts": [(("灯火", None), Counts(1, 0, 1))],
        "kinds": {"id": {"int"}},
        "audiences": [("灯火", AudienceCounts((2, 1, 0, 0, 0), (1, 0), ((2, 0), (0, 2))))],
    }
    return Labelled(**chunk | changes)


def test_a_journal_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    standing = Standing()
    standing.add(labelled())
    standing.add(labelled(kinds={"id": {"text"}}))
    journal = Journal({"model": "base-1"}, standing, part_bytes=8, rejected_bytes=2)
    journal.save(tmp_path / "j.json")
    back = Journal.load(tmp_path / "j.json")
    assert (back.run, back.part_bytes, back.rejected_bytes, back.complete) == ({"model": "base-1"}, 8, 2, False)
    assert (back.standing.consumed, back.standing.comments, back.standing.rejected) == (6, 4, 2)
    assert back.standing.first_reason == "a.csv, row 2: empty"
    assert back.standing.numbered == (0, 6)
    assert back.standing.tally.counts == {("灯火", None): Counts(2, 0, 2)}
    assert back.standing.audiences.counts == {"灯火": AudienceCounts((4, 2, 0, 0, 0), (2, 0), ((4, 0), (0, 4)))}
    assert back.standing.kinds == {"id": {"int", "text"}}
    assert [path.name for path in tmp_path.iterdir()] == ["j.json"]


def test_rejected_rows_of_text_are_numbered_behind_the_pieces_before_them_in_their_part() -> None:
    row = RejectedRow(2, Path("a.csv"), "empty", "")
    standing = Standing()
    pieces = [Numbered(0, 5, [row]), Numbered(0, 4, []), Numbered(0, 4, [row, row]), Numbered(0, None, [row])]
    assert [each.number for each in standing.add(labelled(rejected=pieces))] == [2, 11, 11, 2]
    assert [each.number for each in standing.add(labelled(rejected=[Numbered(0, 2, [row])]))] == [15]
    assert [each.number for each in standing.add(labelled(rejected=[Numbered(1, 2, [row])]))] == [2]
    assert standing.rejected == 6


def test_a_journal_stays_small_however_many_works_are_followed(tmp_path: Path) -> None:
    standing = Standing()
    crowd = AudienceCounts((99_999,) * 5, (99_999,) * 16, ((99_999,) * 12,) * 21)
    standing.add(labelled(audiences=[(str(work), crowd) for work in range(MOST_AUDIENCES + 1)]))
    Journal({}, standing).save(tmp_path / "j.json")
    assert (tmp_path / "j.json").stat().st_size < 100_000


@pytest.mark.parametrize("stored", ["", "{}", "[1]", '{"format": 99}'])
def test_a_journal_that_is_none_is_refused(tmp_path: Path, stored: str) -> None:
    path = tmp_path / "j.json"
    path.write_text(stored)
    with pytest.raises(ResumeError, match="--overwrite"):
        Journal.load(path)


def run_of(path: Path, model: str = "m-1", *, explain: bool = False, spooled: bool = False) -> dict[str, Any]:
    return identity(path, {"explain": explain}, model, spooled)


def test_the_same_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("content\n好\n")
    check_same_run(run_of(path), run_of(path))


def test_a_changed_input_model_or_option_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("content\n好\n")
    before = run_of(path)
    with pytest.raises(ResumeError, match="begun with the model m-1, not m-2"):
        check_same_run(before, run_of(path, model="m-2"))
    with pytest.raises(ResumeError, match="explain was False, not True"):
        check_same_run(before, run_of(path, explain=True))
    path.write_text("content\n坏\n")
    with pytest.raises(ResumeError, match="the input is not the same"):
        check_same_run(before, run_of(path))


def test_a_folder_is_the_same_only_with_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "a_comments.csv").write_text("content\n好\n")
    before = run_of(tmp_path)
    (tmp_path / "b_comments.csv").write_text("content\n好\n")
    with pytest.raises(ResumeError, match="input"):
        check_same_run(before, run_of(tmp_path))


def test_standard_input_is_the_same_when_its_bytes_are(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("content\n好\n")
    other.write_text("content\n好\n")
    os.utime(other, (1, 1))
    check_same_run(run_of(one, spooled=True), run_of(other, spooled=True))
