import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.notify.retries import FIRST_WAIT, LONGEST_ASKED, LONGEST_WAIT, answered, wait


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert answered(status).error
    assert not answered(status).lasting


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 410, 413, 422])
def test_what_will_not_pass_is_not_tried_again(status: int) -> None:
    assert answered(status).lasting


@given(attempts=st.integers(1, 500), chance=st.floats(0, 1, exclude_max=True))
def test_a_wait_is_between_half_and_all_of_what_doubling_gives(attempts: int, chance: float) -> None:
    doubled = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
    assert doubled / 2 <= wait(attempts, None, 0, chance) <= doubled


def test_a_receiver_may_ask_for_seconds() -> None:
    assert wait(1, " 90 ", now=1000, chance=0.5) == 90


def test_a_receiver_may_name_a_time() -> None:
    assert wait(1, "Thu, 01 Jan 1970 00:10:00 GMT", now=300, chance=0.5) == 300


@pytest.mark.parametrize("asked", ["0", "-5", "Thu, 01 Jan 1970 00:00:01 GMT", "soon", "", "٣", "Thu, 99 Jan 1970"])
def test_no_receiver_makes_a_wait_shorter(asked: str) -> None:
    assert wait(5, asked, now=300, chance=0) == 16


@given(st.text() | st.integers().map(str))
def test_no_receiver_is_waited_for_beyond_a_day(asked: str) -> None:
    assert 0.5 <= wait(1, asked, now=1e9, chance=0.9) <= LONGEST_ASKED
