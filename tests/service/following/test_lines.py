"""Appended lines: each record is given once, when it is whole, and only what is new is read."""

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.readers import ReadOptions, RejectedRow, Row
from service.following import lines as following_lines
from service.following.followed import Rewritten
from service.following.growing import SETTLED, LineStream
from service.following.lines import FollowedLines

HEADER = "id,content,likes\n"


def append(path: Path, text: str, encoding: str = "utf-8") -> None:
    with path.open("ab") as file:
        file.write(text.encode(encoding))


def opened(path: Path, before: FollowedLines | None = None, **options: str) -> FollowedLines:
    """A file that is followed, from where an earlier process has left it."""
    mark = before.mark() if before is not None else None
    return FollowedLines("it", path, ReadOptions(**options), mark)  # type: ignore[arg-type]


def texts(followed: FollowedLines) -> list[str]:
    rows = list(followed.news())
    assert all(isinstance(row, Row) for row in rows), rows
    return [row.comment.text for row in rows if isinstance(row, Row)]


def test_only_the_appended_rows_are_given(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    append(path, HEADER + "1,头一条,0\n2,第二条,5\n")
    followed = opened(path)
    assert texts(followed) == ["头一条", "第二条"]
    assert texts(followed) == []
    append(path, "3,第三条,7\n")
    (row,) = followed.news()
    assert isinstance(row, Row)
    assert (row.comment.id, row.comment.text, row.comment.likes, row.number) == ("3", "第三条", 7, 3)


def test_a_restart_goes_on_behind_the_row_given_last(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    append(path, HEADER + "1,头一条,0\n2,第二条,5\n3,第三条,5\n")
    followed = opened(path)
    rows = followed.news()
    next(rows), next(rows)
    assert texts(opened(path, followed)) == ["第三条"]


@pytest.mark.parametrize("half", ["3,第", "3,第三条", '3,"第三条,\n还有', '3,"第三条,\n还有一行",2'])
def test_a_half_written_csv_record_waits_for_its_end(tmp_path: Path, half: str) -> None:
    whole = '3,"第三条,\n还有一行",2\n' if '"' in half else "3,第三条,2\n"
    path = tmp_path / "c.csv"
    append(path, HEADER + "1,头一条,0\n" + half)
    followed = opened(path)
    assert texts(followed) == ["头一条"]
    assert followed.unfinished
    append(path, whole.removeprefix(half))
    assert texts(followed) == ["第三条,\n还有一行" if '"' in half else "第三条"]
    assert not followed.unfinished


def test_a_character_cut_in_two_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    whole = json.dumps({"content": "破圈了"}, ensure_ascii=False).encode() + b"\n"
    append(path, '{"content": "好看"}\n')
    path.write_bytes(path.read_bytes() + whole[:15])
    followed = opened(path)
    assert texts(followed) == ["好看"]
    with path.open("ab") as file:
        file.write(whole[15:])
    assert texts(followed) == ["破圈了"]


def test_a_closed_object_needs_no_newline(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    append(path, '{"content": "好看"}\n{"content": "一般"}')
    followed = opened(path)
    assert texts(followed) == ["好看", "一般"]
    append(path, '\n{"content": "难看"}\n')
    assert texts(followed) == ["难看"]


def test_a_last_line_that_has_long_stood_without_its_newline_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    append(path, HEADER + "1,头一条,0\n2,第二条,1")
    followed = opened(path)
    assert texts(followed) == ["头一条"]
    then = path.stat().st_mtime - SETTLED - 1
    os.utime(path, (then, then))
    assert texts(followed) == ["第二条"]


def test_a_rotated_file_is_told_even_when_it_is_longer_than_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    append(path, HEADER + "1,头一条,0\n")
    followed = opened(path)
    assert texts(followed) == ["头一条"]
    path.rename(tmp_path / "c.csv.1")
    append(path, HEADER + "".join(f"{number},新的一条,0\n" for number in range(50)))
    with pytest.raises(Rewritten):
        list(followed.news())


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    append(path, '{"content": "好看"}\n{"content": "一般"}\n')
    followed = opened(path)
    list(followed.news())
    path.write_text('{"content": "好看"}\n', "utf-8")
    with pytest.raises(Rewritten):
        list(followed.news())


def test_a_copy_in_its_place_that_goes_on_is_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    append(path, HEADER + "1,头一条,0\n")
    followed = opened(path)
    list(followed.news())
    copy = tmp_path / "copy"
    copy.write_bytes(path.read_bytes())
    append(copy, "2,第二条,0\n")
    copy.replace(path)
    assert texts(followed) == ["第二条"]


@pytest.mark.parametrize("restarted", [False, True])
def test_the_encoding_is_told_by_the_first_chinese_that_comes(tmp_path: Path, restarted: bool) -> None:
    path = tmp_path / "c.csv"
    append(path, HEADER + "1,666,0\n")
    followed = opened(path)
    list(followed.news())
    append(path, "2,国语配音真不错,3\n", "gb18030")
    followed = opened(path, followed) if restarted else followed
    assert texts(followed) == ["国语配音真不错"]
    append(path, "3,ok,0\n4,配乐也好,0\n", "gb18030")
    assert texts(followed) == ["ok", "配乐也好"]


def test_a_broken_row_is_rejected_under_its_number_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    append(path, HEADER + "1,头一条,0\n")
    followed = opened(path)
    list(followed.news())
    append(path, "2,\n3,第三条,0\n")
    broken, good = followed.news()
    assert isinstance(broken, RejectedRow)
    assert (broken.number, good.number) == (2, 3)


def test_what_was_read_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.csv"
    append(path, HEADER + "".join(f"{number},说得好,0\n" for number in range(6000)))
    followed = opened(path)
    list(followed.news())
    append(path, "x,新来的,0\n")
    given: list[bytes] = []
    readline = LineStream.readline

    def recorded(self: LineStream, size: int | None = -1) -> bytes:
        given.append(readline(self, size))
        return given[-1]

    monkeypatch.setattr(LineStream, "readline", recorded)
    assert texts(followed) == ["新来的"]
    assert [line for line in given if line] == [HEADER.encode(), "x,新来的,0\n".encode()]


def test_a_file_that_has_become_another_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    append(path, '{"content": "好看"}\n')
    followed = opened(path)
    list(followed.news())
    path.write_text('[{"content": "好看"},\n{"content": "一般"}]', "utf-8")
    with pytest.raises(Rewritten):
        list(followed.news())


def as_csv(comments: list[str]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["id", "likes", "content"])
    for number, text in enumerate(comments):
        writer.writerow([number, 1, text])
    return file.getvalue().encode()


def as_json_lines(comments: list[str]) -> bytes:
    lines = [
        json.dumps({"id": str(number), "content": text}, ensure_ascii=False) for number, text in enumerate(comments)
    ]
    return "".join(f"{line}\n" for line in lines).encode()


# No comma: a line of a quoted text that has as many as the header is taken for a record by the reader itself.
WORDS = st.text('好看"\n\r;\t 破圈', min_size=1, max_size=8).map(lambda text: f"剧{text}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    comments=st.lists(WORDS, min_size=1, max_size=6),
    write=st.sampled_from([as_csv, as_json_lines]),
    cuts=st.lists(st.floats(0, 1), max_size=5),
    restarts=st.booleans(),
)
def test_wherever_the_writing_pauses_every_record_is_given_once_and_whole(
    tmp_path: Path, comments: list[str], write: Callable[[list[str]], bytes], cuts: list[float], restarts: bool
) -> None:
    content = write(comments)
    first = content.index(b"\n") + 1
    path = tmp_path / "it"
    path.write_bytes(content[:first])
    followed = opened(path)
    found = texts(followed)
    for end in sorted({first + round(cut * (len(content) - first)) for cut in (*cuts, 1.0)}):
        path.write_bytes(content[:end])
        followed = opened(path, followed) if restarts else followed
        found += texts(followed)
    assert found == comments


def test_the_module_says_which_header_goes_before_a_piece() -> None:
    assert following_lines.header_of(b"\xef\xbb\xbf\r\nid,content\r\n1,2\r\n") == b"\xef\xbb\xbf\r\nid,content\r\n"
    assert following_lines.header_of(b'id,5" screen\n1,2\n') == b'id,5" screen\n'
