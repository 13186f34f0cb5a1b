"""Counts, times, ids and names as platforms write them."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.values import hash_author, read_count, read_gender, read_id, read_platform, read_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2023, 12, 23, 4, 0, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (17, 17), ("17", 17), (" 17 ", 17), ("1.2万", 12_000), ("10万+", 100_000), ("10+", 10), ("1,024", 1024),
        ("3w", 30_000), ("2.5k", 2500), ("1.5亿", 150_000_000), (3.0, 3),
        ("", None), (None, None), ("赞", None), (True, None), (-1, None), (float("nan"), None), ("²", None), ([], None),
    ],
)  # fmt: skip
def test_counts(written: object, count: int | None) -> None:
    assert read_count(written) == count


@pytest.mark.parametrize(
    "written",
    [
        "2023-12-23 12:00:00", "2023-12-23 12:00", "2023/12/23 12:00", "2023-12-23T12:00:00", "2023-12-23T04:00:00Z",
        "2023-12-23 12:00:00+08:00", "2023年12月23日 12:00", "2023年12月23日 12时00分", "2023.12.23 12:00",
        " 2023-12-23 12:00:00.000 ", "Sat Dec 23 12:00:00 +0800 2023", "Sat Dec 23 04:00:00 +0000 2023",
        1703304000, "1703304000", 1703304000000, "1703304000000", 1703304000.0, "1703304000.0", 1703304000000000,
        datetime(2023, 12, 23, 12), datetime(2023, 12, 23, 13, tzinfo=timezone(timedelta(hours=9))),
    ],
)  # fmt: skip
def test_one_moment_in_many_ways_of_writing(written: object) -> None:
    assert read_time(written, SHANGHAI) == NOON


@pytest.mark.parametrize("written", ["2023-12-23", "2023/12/23", "20231223", "2023年12月23日", date(2023, 12, 23)])
def test_a_date_alone_is_its_first_minute(written: object) -> None:
    assert read_time(written, SHANGHAI) == datetime(2023, 12, 22, 16, tzinfo=UTC)


def test_months_and_days_need_no_leading_zero() -> None:
    assert read_time("2024/3/5 8:05", UTC) == datetime(2024, 3, 5, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["", "昨天", "3小时前", "12-23 12:00", None, 0, "0", -5, True, "2023-13-45", float("inf"), 10**400, "9" * 400, []],
)
def test_what_names_no_moment_is_none(written: object) -> None:
    assert read_time(written, SHANGHAI) is None


@given(st.datetimes(datetime(1990, 1, 2), datetime(2090, 1, 1)))
def test_every_moment_survives_its_unix_time(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC, microsecond=0)
    seconds = int(moment.timestamp())
    assert read_time(seconds, SHANGHAI) == read_time(str(seconds), SHANGHAI) == moment


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans() | st.datetimes())
def test_no_value_breaks_a_reader(value: object) -> None:
    moment = read_time(value, SHANGHAI)
    assert moment is None or moment.utcoffset() == timedelta(0)
    count = read_count(value)
    assert count is None or count >= 0
    assert read_id(value) != ""
    hashed = hash_author(value)
    assert hashed is None or len(hashed) == 16


@given(st.integers(min_value=2**53, max_value=2**80))
def test_long_ids_stay_exact(number: int) -> None:
    assert read_id(number) == read_id(f" {number} ") == str(number)


def test_an_account_hashes_like_the_crawler_does() -> None:
    assert hash_author("abc") == "ba7816bf8f01cfea"  # SHA-256 of "abc" is a published test vector
    assert hash_author("") is None


def test_genders_and_platforms_have_one_name() -> None:
    assert [read_gender(value) for value in ("m", "女", "保密", "", 1)] == ["male", "female", None, None, None]
    assert [read_platform(value) for value in ("微博", "B站", "Weibo", " ", None)] == [
        "weibo",
        "bilibili",
        "weibo",
        None,
        None,
    ]
