"""Baselines: from the prior to the stream's own share, and never from an episode."""

import numpy as np
import pytest

from service.monitor.baseline import Baselines, Prior

PRIOR = Prior(0.2, strength=10, learn=20, margin=0.01, least=0.05)


def learned(baselines: Baselines, shares: float, comments: int, *, at_zero: bool = True) -> None:
    """Take in some comments of one share; those before that waited enter with them."""
    state = {name: column.copy() for name, column in baselines.state().items()}
    state["waiting_total"] += shares * comments
    state["waiting_count"] += comments
    if at_zero:
        for name in ("total", "count"):
            state[name] += state[f"waiting_{name}"]
            state[f"waiting_{name}"][:] = 0
    baselines.restore(state)


def test_before_the_first_comment_the_prior_stands() -> None:
    baselines = Baselines([PRIOR])
    assert baselines.mean == pytest.approx(0.2) and not baselines.learned[0]
    assert baselines.bound[0] > 0.3  # little is known yet


def test_the_stream_outweighs_the_prior_and_the_bound_comes_near() -> None:
    baselines = Baselines([PRIOR])
    learned(baselines, 0.4, 1_000)
    assert baselines.mean == pytest.approx((10 * 0.2 + 400) / 1_010) and baselines.learned[0]
    assert 0.41 < baselines.bound[0] < 0.43


def test_comments_of_a_possible_change_wait_until_the_detector_is_back_at_zero() -> None:
    baselines = Baselines([PRIOR])
    learned(baselines, 0.2, 100)
    before = baselines.mean.copy()
    learned(baselines, 1.0, 50, at_zero=False)
    assert np.array_equal(baselines.mean, before) and baselines.waiting_count[0] == 50
    learned(baselines, 0.0, 1)
    assert baselines.mean > before and baselines.waiting_count[0] == 0


def test_an_episode_is_dropped_or_becomes_the_new_normal() -> None:
    baselines = Baselines([PRIOR, PRIOR])
    learned(baselines, 1.0, 50, at_zero=False)
    baselines.drop_waiting(0)
    baselines.restart(1)
    assert baselines.mean.tolist() == pytest.approx([0.2, (2 + 50) / 60])


def test_what_waits_twice_as_long_as_all_before_is_doubted() -> None:
    baselines = Baselines([PRIOR])
    learned(baselines, 0.2, 30)
    learned(baselines, 0.3, 80, at_zero=False)
    assert not baselines.outwaited[0]
    learned(baselines, 0.3, 1, at_zero=False)
    assert baselines.outwaited[0]


def test_a_fixed_prior_is_the_bound_itself() -> None:
    baselines = Baselines([Prior(0.3, strength=1, learn=0, fixed=True)])
    learned(baselines, 0.9, 500)
    assert baselines.bound[0] == baselines.mean[0] == 0.3 and baselines.learned[0]


def test_a_share_below_the_least_is_no_matter() -> None:
    baselines = Baselines([PRIOR])
    learned(baselines, 0.0, 10_000)
    assert baselines.bound[0] == 0.05
