import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.values import hash_author
from service.api.body import parse_json
from service.api.comments import ndjson_rows, shown
from service.api.intake import AHEAD, LONGEST_NAME, hashed, read_comments
from service.streams.ids import content_id
from tests.service.api.test_comments import ANYTHING

NOW = 1_738_200_000.0
MEMBERS = ("text", "id", "time", "author", "thread", "platform", "gender", "likes", "parent", "work")
COMMENT = st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, ANYTHING) | {"text": st.text()})


@given(st.lists(COMMENT | ANYTHING, max_size=5))
def test_every_row_is_a_comment_that_can_be_kept_or_a_fault_that_can_be_sent(rows: list[Any]) -> None:
    intake = read_comments(parse_json(json.dumps(rows).encode()), NOW)
    assert len(intake.comments) + len(intake.faults) == len(rows)
    orjson.dumps(intake.faults, option=orjson.OPT_NON_STR_KEYS)


def read(**members: Any) -> Any:
    intake = read_comments([{"text": "好看"} | members], NOW)
    assert intake.faults == []
    return intake.comments[0]


@pytest.mark.parametrize(
    "time",
    [
        "2025-01-29T20:15:00+08:00",
        "2025-01-29T12:15:00Z",
        "2025-01-29 20:15:00",
        "2025年1月29日 20:15",
        1_738_152_900,
        1_738_152_900.0,
        "1738152900",
        1_738_152_900_000,
    ],
)
def test_a_time_is_read_as_sites_and_programs_write_it(time: Any) -> None:
    assert read(time=time).time == 1_738_152_900.0


def test_without_a_time_a_comment_came_when_it_arrived_and_still_is_the_same_when_it_is_sent_again() -> None:
    comment = read(author="42")
    assert comment.time == NOW
    assert comment.id == content_id("好看", None, hash_author("42"), None)
    assert read_comments([{"text": "好看", "author": "42"}], NOW + 5).comments[0].id == comment.id


def test_of_an_author_only_a_hash_is_kept() -> None:
    assert read(author=114514).author == read(author="114514").author == hash_author("114514")
    assert hashed(hash_author("114514")) == hash_author("114514"), "a hash is not hashed again"
    assert hashed("7312345678901234") == hash_author("7312345678901234"), "sixteen digits are an account's number"


def test_what_a_comment_says_of_itself_is_read_as_in_files() -> None:
    comment = read(id=7, thread=" t1 ", platform="微博", gender="女", likes="1.2万", parent=9, work="第九枚卫星")
    assert (comment.id, comment.thread, comment.platform, comment.gender, comment.likes) == (
        *("7", "t1", "weibo", "female"),
        12_000,
    )
    assert read(gender="保密").gender is None


def test_what_is_null_is_not_known() -> None:
    comment = read(id=None, time=None, author=None, thread=None, platform=None, gender=None, likes=None)
    assert (comment.author, comment.thread, comment.platform, comment.gender, comment.likes) == (*(None,) * 4, 0)


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("text", None, "leave the comment out"),
        ("id", "", "leave it out"),
        ("id", "x" * 501, "1 to 500 characters"),
        ("id", True, "send it as a string"),
        ("time", "昨天", "ISO 8601"),
        ("time", True, "ISO 8601"),
        ("time", NOW + AHEAD + 1, "more than 10 minutes in the future"),
        ("time", "1987-05-04T00:00:00Z", "before 1990"),
        ("author", ["a"], "the account's id"),
        ("thread", "t" * (LONGEST_NAME + 1), "the id of the post"),
        ("thread", {}, "the id of the post"),
        ("platform", "p" * 101, "at most 100 characters"),
        ("platform", 5, "such as weibo"),
        ("likes", -1, "from 0 to 10^12"),
        ("likes", "many", "from 0 to 10^12"),
        ("likes", 10**13, "from 0 to 10^12"),
    ],
)
def test_a_fault_names_index_field_value_and_remedy(field: str, value: Any, remedy: str) -> None:
    intake = read_comments([{"text": "好看"}, {"text": "好看", "id": "a"} | {field: value}], NOW)
    assert len(intake.comments) == 1
    [fault] = intake.faults
    assert (fault["index"], fault["field"], fault["value"]) == (1, field, shown(value))
    assert remedy in fault["message"]
    assert field == "id" or fault["id"] == "a"


def test_a_time_may_lie_ten_minutes_ahead() -> None:
    assert read(time=NOW + AHEAD).time == NOW + AHEAD
    [fault] = read_comments([{"text": "好看", "time": "2025-01-30T12:00:00+08:00"}], NOW).faults
    assert "'2025-01-30T12:00:00+08:00'" in fault["message"] and "set the clock" in fault["message"]


def test_a_broken_line_is_told_beside_the_good_ones() -> None:
    intake = read_comments(ndjson_rows(b'{"text": "a"}\n{"text"\n{"text": "b"}', 3), NOW)
    assert [comment.text for comment in intake.comments] == ["a", "b"]
    assert (intake.faults[0]["index"], intake.faults[0]["field"]) == (1, "line")
