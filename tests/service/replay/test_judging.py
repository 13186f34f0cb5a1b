from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.replay import changepoints
from service.replay.changepoints import steady_parts
from service.replay.judging import Episode, find_episodes, judge


def marks(*phases: tuple[int, float]) -> NDArray[np.bool_]:
    """So many comments, of which a share is negative, spread evenly, phase by phase."""
    return np.concatenate([np.diff(np.floor(np.arange(count + 1) * share + 1e-9)) > 0 for count, share in phases])


def episodes(*phases: tuple[int, float]) -> list[Episode]:
    negative = marks(*phases)
    return find_episodes(negative, np.arange(1, len(negative) + 1))


def test_a_rise_that_lasts_is_an_episode_with_its_shares() -> None:
    [episode] = episodes((400, 0.1), (200, 0.5), (400, 0.1))
    assert abs(episode.first - 401) <= 3 and abs(episode.last - 600) <= 3
    assert episode.before == pytest.approx(0.1, abs=0.01)
    assert episode.share == pytest.approx(0.5, abs=0.03)
    assert not episode.lasting


def test_a_rise_that_the_stream_ends_in_lasts() -> None:
    [episode] = episodes((400, 0.1), (200, 0.5))
    assert episode.lasting and episode.last == 600


@pytest.mark.parametrize(
    "phases",
    [
        [(900, 0.1)],
        [(400, 0.5), (400, 0.1)],  # a fall
        [(2_000, 0.1), (2_000, 0.17)],  # less than ten points
        [(400, 0.1), (8, 1.0), (400, 0.1)],  # a moment
        [(20, 0.0)],  # shorter than any part
    ],
)
def test_what_does_not_rise_by_ten_points_for_thirty_comments_is_no_episode(phases: list[tuple[int, float]]) -> None:
    assert episodes(*phases) == []


def test_two_steps_up_are_one_episode() -> None:
    [episode] = episodes((400, 0.1), (200, 0.4), (200, 0.8), (400, 0.1))
    assert abs(episode.first - 401) <= 3 and abs(episode.last - 800) <= 3


def test_a_second_rise_is_measured_against_the_calm_between() -> None:
    first, second = episodes((400, 0.3), (200, 0.7), (400, 0.1), (200, 0.35))
    assert second.before == pytest.approx(0.1, abs=0.02) and first.before == pytest.approx(0.3, abs=0.02)


def test_episodes_are_told_by_the_numbers_of_the_labelled_comments() -> None:
    negative = marks((300, 0.1), (300, 0.6))
    [episode] = find_episodes(negative, np.arange(600) * 10 + 5)
    assert abs(episode.first - 3_005) <= 30 and episode.last == 5_995


def test_nothing_labelled_has_no_episode() -> None:
    assert find_episodes(np.zeros(0, np.bool_), np.zeros(0, np.int64)) == []


def test_a_long_stream_is_divided_on_a_coarser_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changepoints, "_MOST_PLACES", 100)
    assert steady_parts(marks((500, 0.1), (500, 0.6)), 30).tolist() == [0, 500, 1_000]


@given(st.lists(st.booleans(), min_size=1, max_size=120), st.integers(1, 20))
def test_parts_are_the_likeliest_that_any_two_halves_could_be(chosen: list[bool], least: int) -> None:
    """No division into two beats the one found."""
    negative = np.array(chosen)
    found = _price(negative, steady_parts(negative, least).tolist())
    for middle in range(least, len(negative) - least + 1):
        assert found <= _price(negative, [0, middle, len(negative)]) + 1e-9


def _price(negative: NDArray[np.bool_], bounds: list[int]) -> float:
    price = (len(bounds) - 2) * np.log(max(len(negative), 2))
    for start, end in pairwise(bounds):
        share = negative[start:end].mean()
        for part in (share, 1 - share):
            price -= (end - start) * part * np.log(part) if part else 0.0
    return float(price)


RISES = [Episode(101, 200, 0.1, 0.4, False), Episode(501, 600, 0.1, 0.4, True)]


def test_the_first_alarm_within_an_episode_tells_its_delay() -> None:
    verdict = judge("a rule", [130, 150, 501], RISES)
    assert verdict.delays == (29, 0)
    assert verdict.mean_delay == 14.5
    assert verdict.false_alarms == 0


def test_alarms_outside_every_episode_are_false_and_find_none() -> None:
    verdict = judge("a rule", [100, 201, 300], RISES)
    assert (verdict.false_alarms, verdict.delays, verdict.mean_delay) == (3, (), None)


@given(st.lists(st.integers(1, 700), unique=True).map(sorted))
def test_every_alarm_is_false_or_in_an_episode(alarms: list[int]) -> None:
    verdict = judge("a rule", alarms, RISES)
    inside = [alarm for alarm in alarms if 101 <= alarm <= 200 or 501 <= alarm <= 600]
    assert verdict.false_alarms + len(inside) == len(alarms)
    assert len(verdict.delays) <= min(len(inside), 2)
