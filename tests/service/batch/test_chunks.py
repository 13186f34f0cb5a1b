import json
from pathlib import Path

import pytest

from corpora.readers import RejectedRow, open_dump
from service.batch.chunks import Chunk, cut_chunks, rejected_line
from service.batch.tally import MOST_AUDIENCES, OTHERS


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "comments.csv"
    rows = ["platform,title,content", *(f"weibo,灯火,第{number}条" for number in range(7))]
    rows[4] = "weibo,灯火,"  # the fourth record has no text
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_chunks_hold_consecutive_rows_and_count_the_rejected_ones(dump: Path) -> None:
    chunks = list(cut_chunks(open_dump(dump), size=3, skip=0))
    assert [chunk.consumed for chunk in chunks] == [3, 3, 1]
    assert [len(chunk.texts) for chunk in chunks] == [3, 2, 1]
    assert chunks[0].texts == ["第0条", "第1条", "第2条"]
    assert chunks[0].groups == [("灯火", "weibo")] * 3
    assert [row.number for row in chunks[1].rejected] == [4]
    assert chunks[-1].read == 1


def test_the_chunks_after_a_skip_are_those_of_a_run_that_never_stopped(dump: Path) -> None:
    def texts(chunks: list[Chunk]) -> list[list[str]]:
        return [chunk.texts for chunk in chunks]

    whole = list(cut_chunks(open_dump(dump), size=3, skip=0))
    assert texts(list(cut_chunks(open_dump(dump), size=3, skip=3))) == texts(whole[1:])


def test_the_gender_of_a_comment_goes_with_it_as_far_as_it_is_declared(tmp_path: Path) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("content,gender\n好看,女\n难看,男\n一般,\n", "utf-8")
    assert next(cut_chunks(open_dump(path), size=9, skip=0)).genders == ["female", "male", None]


def test_a_run_that_goes_on_follows_the_works_it_followed_before(tmp_path: Path) -> None:
    path = tmp_path / "comments.csv"
    works = [f"第{number}部" for number in range(MOST_AUDIENCES)]
    rows = [*works, "多出一部", works[0], "又多一部"]
    path.write_text("\n".join(["title,content", *(f"{work},好看" for work in rows)]), "utf-8")
    whole = [work for chunk in cut_chunks(open_dump(path), size=10, skip=0) for work in chunk.works]
    assert whole == [*works, OTHERS, works[0], OTHERS]
    skipped = MOST_AUDIENCES
    rest = cut_chunks(open_dump(path), size=10, skip=skipped, works=whole[:skipped])
    assert [work for chunk in rest for work in chunk.works] == whole[skipped:]


def test_long_comments_make_short_chunks(tmp_path: Path) -> None:
    path = tmp_path / "comments.jsonl"
    path.write_text("\n".join(json.dumps({"text": "长" * 600_000}) for _ in range(4)), "utf-8")
    assert [chunk.consumed for chunk in cut_chunks(open_dump(path), size=1000, skip=0)] == [2, 2]


def test_a_rejected_row_is_one_json_line_even_with_half_an_emoji() -> None:
    line = rejected_line(RejectedRow(7, Path("a.csv"), "the text is empty", "好\ud83d"))
    assert line.endswith(b"\n")
    assert json.loads(line) == {"source": "a.csv", "row": 7, "reason": "the text is empty", "raw": "好?"}
