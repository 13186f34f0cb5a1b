import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from service.monitor.comments import F64
from service.monitor.onset import LEAST, estimate_onset


def shift(before: float, after: float, place: int, n: int, seed: int = 0) -> F64:
    """Yes-or-no answers whose share changes at ``place``."""
    dice = np.random.default_rng(seed).random(n)
    return (dice < np.where(np.arange(n) < place, before, after)).astype(np.float64)


def test_the_shift_is_found_wherever_the_detector_put_it() -> None:
    signal = shift(0.1, 0.8, 200, 400)
    for told in (150, 200, 260):
        found = estimate_onset(signal, told)
        assert found is not None and abs(found.place - 200) <= 5


def test_the_interval_holds_the_true_place_nearly_always() -> None:
    held = 0
    for seed in range(60):
        found = estimate_onset(shift(0.15, 0.45, 150, 300, seed), 160)
        held += found is not None and found.low <= 150 <= found.high
    assert held >= 54


def test_a_slight_shift_is_less_sure_than_a_strong_one() -> None:
    slight, strong = estimate_onset(shift(0.2, 0.4, 150, 300), 150), estimate_onset(shift(0.1, 0.9, 150, 300), 150)
    assert slight is not None and strong is not None
    assert slight.high - slight.low > strong.high - strong.low


def test_it_looks_no_further_than_it_may() -> None:
    found = estimate_onset(shift(0.1, 0.9, 100, 400), 200, reach=20)
    assert found is not None and 180 <= found.place <= 220


def test_a_fall_is_no_rise() -> None:
    assert estimate_onset(shift(1.0, 0.0, 50, 100), 50, reach=10) is None


def test_a_rise_that_chance_may_have_made_has_no_onset() -> None:
    assert estimate_onset(np.array([0.3, 0.4] * 20 + [0.4, 0.3] * 20), 40) is None
    assert sum(estimate_onset(shift(0.3, 0.3, 0, 200, seed), 100) is not None for seed in range(60)) <= 20


def test_too_few_comments_have_no_onset() -> None:
    assert estimate_onset(np.array([0.0] * LEAST + [1.0] * (LEAST - 1)), LEAST) is None
    assert estimate_onset(np.zeros(0), 0) is None


@given(arrays(np.float64, st.integers(0, 60), elements=st.floats(0, 1)), st.integers(0, 60))
def test_the_place_lies_in_its_interval_and_in_the_signal(signal: F64, around: int) -> None:
    found = estimate_onset(signal, around)
    if found is not None:
        assert LEAST <= found.low <= found.place <= found.high <= len(signal) - LEAST
        assert signal[found.place :].mean() > signal[: found.place].mean()
