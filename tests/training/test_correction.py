import numpy as np
from scipy.sparse import csr_matrix

from model.heads import softmax
from training.correction import choose_strength, fit_correction

ROWS = csr_matrix(np.tile(np.array([[1, 0, 0], [0, 1, 0]], np.float32), (40, 1)))
TARGETS = np.tile(np.array([[1, 0, 0], [0, 0, 1]], np.float32), (40, 1))
NOTHING = np.zeros((80, 3), np.float32)
ONES = np.ones(80, np.float32)
FOLD = np.arange(80) // 2 % 4
ALL = np.ones(80, np.bool_)


def test_it_moves_the_logits_towards_the_labels_and_leaves_unseen_ngrams_alone() -> None:
    correction = fit_correction(ROWS, NOTHING, TARGETS, ONES, 10.0)
    assert (softmax(ROWS @ correction).argmax(1) == TARGETS.argmax(1)).all()
    assert not correction[2].any()


def test_what_the_base_says_already_needs_no_correction() -> None:
    right = np.log(TARGETS + 1e-4).astype(np.float32)
    assert np.abs(fit_correction(ROWS, right, TARGETS, ONES, 1.0)).max() < 0.01


def test_strength_zero_is_the_base() -> None:
    assert not fit_correction(ROWS, NOTHING, TARGETS, ONES, 0.0).any()


def test_labels_that_repay_it_are_followed_and_noise_is_not() -> None:
    assert choose_strength(ROWS, NOTHING, TARGETS, ONES, FOLD, ALL) >= 1
    noise = np.eye(3, dtype=np.float32)[np.random.default_rng(0).permutation(np.arange(80) % 3)]
    assert choose_strength(ROWS, NOTHING, noise, ONES, FOLD, ALL) <= 0.3


def test_labels_that_hold_or_not_are_each_judged_by_what_is_told() -> None:
    facets = np.tile(np.array([[1, np.nan, 0], [0, np.nan, np.nan]], np.float32), (40, 1))
    assert choose_strength(ROWS, NOTHING, facets, ONES, FOLD, ALL, exclusive=False) >= 1
    moved = fit_correction(ROWS, NOTHING, facets, ONES, 10.0, exclusive=False)
    assert moved[0, 0] > 0.5 > -0.5 > moved[1, 0]
    assert not moved[:, 1].any() and moved[1, 2] == 0


def test_no_strength_above_the_most_allowed_is_chosen() -> None:
    assert choose_strength(ROWS, NOTHING, TARGETS, ONES, FOLD, ALL, most=0.3) == 0.3
