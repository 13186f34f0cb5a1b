"""Detectors: the sums are those of the formula, cuts make no difference, and false alarms are as rare as promised."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.monitor.comments import F64
from service.monitor.detectors import SIZES, Detectors

SIGNALS = 3


def fed(length: int, seed: int = 0) -> tuple[F64, F64, F64]:
    dice = np.random.default_rng(seed)
    shape = length, SIGNALS
    return dice.random(shape), np.where(dice.random(shape) < 0.7, dice.random(shape), 0.0), np.full(shape, 0.4)


def test_the_sums_and_the_cusum_are_those_of_the_formula() -> None:
    signals, weights, means = fed(50)
    course = Detectors(SIGNALS).update(signals, weights, means)
    for column in range(SIGNALS):
        sums, cusum = np.zeros(len(SIZES)), 0.0
        for row in range(50):
            weight = weights[row, column]
            gain = weight * (signals[row, column] / 0.4 - 1)
            sums = ((1 if weight > 0 else 0) + sums) * (1 + SIZES * gain)
            cusum = max(0.0, cusum + np.log1p(SIZES[2] * gain))
            assert np.isclose(course.evidence[row, column], sums.mean())
            assert np.isclose(course.cusum[row, column], cusum)


@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, 40), max_size=6), held=st.booleans())
def test_cuts_make_no_difference_to_the_last_bit(cuts: list[int], held: bool) -> None:
    whole, parted = Detectors(SIGNALS), Detectors(SIGNALS)
    for detectors in (whole, parted):
        detectors.update(*fed(8, seed=5))
        if held:
            detectors.hold(1, 0.5)
    signals, weights, means = fed(40, seed=1)
    expected = whole.update(signals, weights, means)
    bounds = [0, *sorted(cuts), 40]
    courses = [parted.update(signals[a:b], weights[a:b], means[a:b]) for a, b in pairwise(bounds)]
    assert np.array_equal(np.concatenate([course.evidence for course in courses]), expected.evidence)
    assert np.array_equal(np.concatenate([course.cusum for course in courses]), expected.cusum)
    for detectors in (whole, parted):
        detectors.end_block()
    assert all(np.array_equal(whole.state()[name], part) for name, part in parted.state().items())


def test_a_comment_of_weight_nothing_is_no_comment() -> None:
    signals, weights, means = fed(30)
    weights[:, 0] = 0
    course = Detectors(SIGNALS).update(signals, weights, means)
    assert not course.evidence[:, 0].any() and not course.cusum[:, 0].any()


def test_below_a_ceiling_the_way_back_is_as_short_as_the_way_up() -> None:
    detectors = Detectors(1)
    praise, blame = np.zeros((200, 1)), np.ones((200, 1))
    detectors.update(blame, np.ones((200, 1)), np.full((200, 1), 0.2))
    detectors.hold(0, 6.0)
    course = detectors.update(praise, np.ones((200, 1)), np.full((200, 1), 0.2))
    steps = 6.0 / -np.log1p(-SIZES[2])
    assert np.flatnonzero(course.cusum[:, 0] == 0)[0] + 1 == np.ceil(steps)


def test_false_alarms_are_as_rare_as_promised() -> None:
    # 2,000 quiet streams of 400 comments: an alarm in a thousand comments or fewer on average.
    patience, streams = 1_000.0, 2_000
    detectors = Detectors(streams)
    signals = (np.random.default_rng(3).random((400, streams)) < 0.1).astype(np.float64)
    course = detectors.update(signals, np.ones_like(signals), np.full_like(signals, 0.1))
    first = np.where((course.evidence >= patience).any(axis=0), (course.evidence >= patience).argmax(axis=0), 400)
    alarms = (first < 400).sum()
    assert alarms > 0 and first.sum() / alarms >= patience


def test_a_rise_is_told_soon() -> None:
    streams = 500
    signals = (np.random.default_rng(4).random((800, streams)) < 0.3).astype(np.float64)
    course = Detectors(streams).update(signals, np.ones_like(signals), np.full_like(signals, 0.1))
    delays = (course.evidence >= 10_000).argmax(axis=0) + 1
    assert delays.mean() < 60
