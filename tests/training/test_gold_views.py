import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from training.gold_views import fit_gold_views

F32 = NDArray[np.float32]

_SIDES = np.repeat([0, 1, 2], 10)  # the n-grams that speak for each polarity
_PRAISE = np.where(_SIDES == 2, 1, -1).astype(np.float32)[:, None]


@pytest.fixture(scope="module")
def comments() -> tuple[csr_matrix, F32]:
    """600 comments of three n-grams each, mostly of their own polarity, and their targets."""
    dice = np.random.default_rng(0)
    polarity = dice.integers(0, 3, 600)
    counts = np.zeros((600, len(_SIDES)), np.float32)
    for row, side in enumerate(polarity):
        counts[row, dice.choice(len(_SIDES), 3, replace=False, p=np.where(side == _SIDES, 0.08, 0.01))] = 1
    return csr_matrix(counts), np.eye(3, dtype=np.float32)[polarity]


def test_each_view_speaks_for_its_own_polarity(comments: tuple[csr_matrix, F32]) -> None:
    rows, targets = comments
    [views] = fit_gold_views(rows, targets, _PRAISE, [np.arange(600)])
    assert views.shape == (30, 3)
    assert (views.argmax(axis=1) == _SIDES).mean() > 0.9


def test_a_public_view_speaks_where_the_labels_are_silent(comments: tuple[csr_matrix, F32]) -> None:
    rows, targets = comments
    unseen = np.isin(np.arange(30), [0, 20])  # two n-grams only other comments hold
    known = np.flatnonzero(np.asarray(rows[:, unseen].sum(axis=1)).ravel() == 0)
    [views] = fit_gold_views(rows, targets, _PRAISE, [known])
    assert views[20, 2] > 0 > views[0, 2]


def test_each_choice_of_rows_gets_the_views_it_would_get_alone(comments: tuple[csr_matrix, F32]) -> None:
    rows, targets = comments
    half = np.arange(600) < 300
    together = fit_gold_views(rows, targets, _PRAISE, [half, ~half])
    [alone] = fit_gold_views(rows, targets, _PRAISE, [~half])
    assert np.array_equal(together[1], alone)
    assert not np.array_equal(together[0], alone)
