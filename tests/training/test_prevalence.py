import numpy as np
import pytest
from numpy.typing import NDArray

from model.metrics import Floats
from model.shares import MixRates, estimate_shares
from training.prevalence import best_threshold, count_rates, fit_rates

Bools = NDArray[np.bool_]

SHARES = np.array([0.05, 0.1, 0.2])


def comments(truth: Bools, random: np.random.Generator, shift: float | Floats = 0.0) -> Floats:
    """Chances that are calibrated at `SHARES`: log odds of two normals three apart, moved by ``shift``."""
    score = random.normal(size=truth.shape) + 3 * truth + shift
    return np.asarray(1 / (1 + np.exp(-(3 * score - 4.5 + np.log(SHARES / (1 - SHARES))))))


@pytest.fixture(scope="module")
def rates() -> MixRates:
    random = np.random.default_rng(0)
    truth = random.uniform(size=(6_000, 3)) < SHARES
    titles = np.arange(6_000) % 50
    shift = random.normal(scale=0.1, size=50)[titles][:, None]
    return fit_rates(comments(truth, random, shift), truth, titles, titles % 10)


def test_planted_shares_lie_inside_their_intervals(rates: MixRates) -> None:
    random = np.random.default_rng(1)
    inside, ours, counted = [], [], []
    for _ in range(100):
        share = random.uniform(0, 0.5, 3)
        truth = random.uniform(size=(400, 3)) < share
        chances = comments(truth, random, random.normal(scale=0.1))
        found = estimate_shares(chances, rates)
        inside.append((found.low <= share) & (share <= found.high))
        ours.append(np.abs(found.value - truth.mean(axis=0)))
        counted.append(np.abs(chances.mean(axis=0) - truth.mean(axis=0)))
    assert np.mean(inside) >= 0.9
    assert np.mean(ours) < 0.5 * np.mean(counted)


def test_intervals_are_no_wider_than_they_need_be(rates: MixRates) -> None:
    random = np.random.default_rng(2)
    truth = random.uniform(size=(2_000, 3)) < 0.3
    found = estimate_shares(comments(truth, random), rates)
    assert (found.high - found.low < 0.25).all()


def test_the_same_comments_give_the_same_rates(rates: MixRates) -> None:
    random = np.random.default_rng(3)
    truth = random.uniform(size=(1_000, 3)) < 0.2
    given = comments(truth, random), truth, np.arange(1_000) % 10, np.zeros(1_000)
    once, again = fit_rates(*given), fit_rates(*given)
    assert all((once.as_arrays()[name] == each).all() for name, each in again.as_arrays().items())


def test_rates_count_the_comments_with_and_without_a_label() -> None:
    chances = np.array([[0.1], [0.2], [0.3], [0.8], [0.9]])
    counted = count_rates(chances, chances > 0.5)
    assert counted.without.sum() == pytest.approx(3 + 3.6)
    assert counted.having.sum() == pytest.approx(2 + 3.6)
    assert counted.edges.shape == (1, counted.having.shape[1] - 1)
    assert (np.diff(counted.edges) >= 0).all()


def test_the_best_threshold_parts_what_can_be_parted() -> None:
    chance = np.array([0.1, 0.2, 0.6, 0.8])
    assert best_threshold(chance, chance > 0.5) == pytest.approx(0.4)
    assert best_threshold(np.array([0.1, 0.7, 0.7, 0.9]), np.array([False, True, False, True])) == pytest.approx(0.4)


def test_too_few_titles_or_comments_are_refused() -> None:
    random = np.random.default_rng(4)
    truth = np.zeros((100, 3), bool)
    chances = comments(truth, random)
    with pytest.raises(ValueError, match="4 titles"):
        fit_rates(chances, truth, np.arange(100) % 4, np.zeros(100))
    with pytest.raises(ValueError, match="15 comments"):
        fit_rates(chances, truth, np.arange(100) % 50, np.arange(100))
