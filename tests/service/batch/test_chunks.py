import json
from pathlib import Path

import pytest

from corpora.readers import RejectedRow, open_dump
from service.batch import chunks as chunks_module
from service.batch.chunks import Chunk, cut_chunks, rejected_line


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "comments.csv"
    path.write_text("\n".join(["title,content", *(f"灯火,第{number}条" for number in range(7))]), "utf-8")
    return path


def texts(dump: Path, chunks: list[Chunk]) -> list[list[str]]:
    reader = open_dump(dump).reader
    return [[text for piece in chunk.pieces for text in reader.read(piece)[0].texts] for chunk in chunks]


def test_chunks_hold_consecutive_rows(dump: Path) -> None:
    chunks = list(cut_chunks(open_dump(dump), size=3, skip=0))
    assert [chunk.consumed for chunk in chunks] == [3, 3, 1]
    assert texts(dump, chunks) == [["第0条", "第1条", "第2条"], ["第3条", "第4条", "第5条"], ["第6条"]]
    assert chunks[-1].read == 1


def test_the_chunks_after_a_skip_are_those_of_a_run_that_never_stopped(dump: Path) -> None:
    whole = list(cut_chunks(open_dump(dump), size=3, skip=0))
    for done in range(4):
        skip = sum(chunk.consumed for chunk in whole[:done])
        assert list(cut_chunks(open_dump(dump), size=3, skip=skip)) == whole[done:]


@pytest.fixture
def small_files(tmp_path: Path) -> Path:
    for number in range(5):
        (tmp_path / f"{number}_comments.csv").write_text("content\n好看\n难看\n", "utf-8")
    return tmp_path


def test_small_files_share_a_chunk(small_files: Path) -> None:
    assert [chunk.consumed for chunk in cut_chunks(open_dump(small_files), size=5, skip=0)] == [4, 4, 2]
    assert [chunk.consumed for chunk in cut_chunks(open_dump(small_files), size=1000, skip=0)] == [10]


def test_a_chunk_holds_few_pieces_since_each_may_be_one_long_comment(
    small_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks_module, "_MOST_PIECES", 2)
    assert [chunk.consumed for chunk in cut_chunks(open_dump(small_files), size=1000, skip=0)] == [4, 4, 2]


def test_long_comments_make_short_chunks(tmp_path: Path) -> None:
    path = tmp_path / "comments.jsonl"
    path.write_text("\n".join(json.dumps({"text": "长" * 600_000}, ensure_ascii=False) for _ in range(4)), "utf-8")
    assert [chunk.consumed for chunk in cut_chunks(open_dump(path), size=1000, skip=0)] == [2, 2]


def test_a_rejected_row_is_one_json_line_even_with_half_an_emoji() -> None:
    line = rejected_line(RejectedRow(7, Path("a.csv"), "the text is empty", "好\ud83d"))
    assert line.endswith(b"\n")
    assert json.loads(line) == {"source": "a.csv", "row": 7, "reason": "the text is empty", "raw": "好?"}
