"""Files that are written anew: what was given is passed over while it is the same."""

import json
import os
from pathlib import Path

from corpora.readers import ReadOptions, RejectedRow, Row
from corpora.readers.dump import open_parts
from corpora.readers.stored import StoredFile
from service.following.growing import SETTLED
from service.following.wholes import FollowedWhole


def write(path: Path, *texts: str, closed: bool = True) -> None:
    items = [{"comment_id": str(number), "content": text} for number, text in enumerate(texts)]
    whole = json.dumps(items, ensure_ascii=False, indent=4)
    path.write_text(whole if closed else whole.rstrip("\n ]") + ",\n    {", "utf-8")


def opened(path: Path, before: FollowedWhole | None = None) -> FollowedWhole:
    (part,) = open_parts(StoredFile(path), ReadOptions())
    return FollowedWhole("it", part, before.mark() if before is not None else None)


def texts(followed: FollowedWhole) -> list[str]:
    return [row.comment.text for row in followed.news() if isinstance(row, Row)]


def test_of_an_array_that_has_grown_the_new_items_are_given(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write(path, "头一条", "第二条")
    first = opened(path)
    assert texts(first) == ["头一条", "第二条"]
    write(path, "头一条", "第二条", "第三条")
    assert texts(opened(path, first)) == ["第三条"]


def test_where_what_was_given_has_changed_all_is_given_again(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write(path, "头一条", "第二条")
    first = opened(path)
    texts(first)
    write(path, "别的一条", "第二条", "第三条")
    second = opened(path, first)
    assert texts(second) == ["别的一条", "第二条", "第三条"]
    write(path, "别的一条")
    assert texts(opened(path, second)) == ["别的一条"]


def test_a_restart_in_the_middle_gives_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write(path, "头一条", "第二条", "第三条")
    first = opened(path)
    next(first.news())
    assert texts(opened(path, first)) == ["第二条", "第三条"]


def test_an_array_that_is_being_written_waits_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write(path, "头一条", "第二条", closed=False)
    first = opened(path)
    assert [type(row) for row in first.news()] == [Row, Row]
    assert first.unfinished
    write(path, "头一条", closed=False)  # written from its start once more, and not yet as far as before
    second = opened(path, first)
    assert list(second.news()) == []
    write(path, "头一条", "第二条", "第三条")
    third = opened(path, second)
    assert texts(third) == ["第三条"]
    assert not third.unfinished


def test_an_array_that_was_never_closed_is_told_of_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write(path, "头一条", closed=False)
    followed = opened(path)
    list(followed.news())
    then = path.stat().st_mtime - SETTLED - 1
    os.utime(path, (then, then))
    (row,) = followed.news()
    assert isinstance(row, RejectedRow)


def test_a_file_that_has_not_changed_since_the_mark_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write(path, "头一条")
    first = opened(path)
    texts(first)
    again = opened(path, first)
    path_of_part = path.rename(tmp_path / "away")
    write(path, "头一条")
    stamp = path_of_part.stat()
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    path.chmod(0o200)
    assert list(again.news()) == []
