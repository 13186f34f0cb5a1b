"""One record becomes one comment, whatever its columns and values are."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.comment import Comment
from corpora.readers import ReadOptions, Row, open_dump
from corpora.readers.columns import USUAL_NAMES


def test_a_comment_that_was_read_is_one_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,likes\n好,5\n", "utf-8")
    (row,) = open_dump(tmp_path / "a.csv").rows()
    assert isinstance(row, Row)
    assert type(row.comment) is Comment
    assert row.comment == Comment("好", likes=5)
    assert {row.comment} == {Comment("好", likes=5)}
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.comment.text = "坏"  # type: ignore[misc]


def test_what_the_file_says_of_the_platform_stands_above_the_option(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,平台\n好,知乎\n行,\n", "utf-8")
    rows = open_dump(tmp_path / "a.csv", ReadOptions(platform="douban")).rows()
    assert [row.comment.platform for row in rows if isinstance(row, Row)] == ["zhihu", "douban"]


def test_a_time_that_cannot_be_read_does_not_cost_the_comment(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,time\n好,前天\n", "utf-8")
    (row,) = open_dump(tmp_path / "a.csv").rows()
    assert isinstance(row, Row)
    assert row.comment == Comment("好")
    assert row.fields["time"] == "前天"


def test_times_without_a_zone_are_of_the_zone_given(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,time\n好,2024-07-01 12:00\n", "utf-8")
    hours = []
    for zone in ("Asia/Shanghai", "America/New_York", "UTC"):
        (row,) = open_dump(tmp_path / "a.csv", ReadOptions(timezone=zone)).rows()
        assert isinstance(row, Row)
        assert row.comment.time is not None
        hours.append(row.comment.time.hour)
    assert hours == [4, 16, 12]


names = st.sampled_from(sorted({*USUAL_NAMES, "昵称", "user_link", "avatar", "sign", "rpid", "mid", "star"}))
values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just({"uid": 1, "uname": "甲"})
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(names, values, max_size=8), max_size=5))
def test_no_columns_and_values_break_the_reading(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]
) -> None:
    import json

    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    records = [{"评论内容": "好"}, *records]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    dump = open_dump(path)
    rows = list(dump.rows())
    assert [row.number for row in rows] == list(range(1, len(records) + 1))
    assert {name for row in rows if isinstance(row, Row) for name in row.fields} <= set(dump.columns)
    assert "甲" not in str(rows)
