"""A folder is read as one dump."""

from pathlib import Path

import pytest

from corpora.errors import NotADump
from corpora.readers import RejectedRow, Row, open_dump


def test_comment_files_are_found_at_any_depth_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name, text in (
        ("b/my_comments.csv", "乙"),
        ("a/deep/COMMENTS-1.csv", "甲"),
        ("a/contents.csv", "帖"),
        ("n.csv", "丙"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"text\n{text}\n", "utf-8")
    rows = [row for row in open_dump(tmp_path).rows() if isinstance(row, Row)]
    assert [row.comment.text for row in rows] == ["甲", "乙"]
    assert rows[0].source == tmp_path / "a/deep/COMMENTS-1.csv"


def test_a_file_that_cannot_be_read_does_not_lose_the_others(tmp_path: Path) -> None:
    (tmp_path / "a_comments.csv").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "b_comments.csv").write_text("text\n好\n", "utf-8")
    (tmp_path / "c_comments.csv").write_bytes(b"")
    (tmp_path / "d_comments.csv.rejected.jsonl").write_text('{"text": "x"}\n', "utf-8")
    bad, good = open_dump(tmp_path).rows()
    assert isinstance(bad, RejectedRow)
    assert (bad.number, bad.source) == (0, tmp_path / "a_comments.csv")
    assert isinstance(good, Row)


def test_a_folder_without_comments_is_no_dump(tmp_path: Path) -> None:
    with pytest.raises(NotADump, match="no file in it is named"):
        open_dump(tmp_path)
