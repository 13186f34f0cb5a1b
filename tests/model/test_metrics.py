import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support, roc_auc_score

from model.metrics import Calibration, Ranking, bootstrap_weights, confusion

pairs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=40)


@given(pairs)
def test_confusion_figures_are_those_of_scikit_learn(rows: list[tuple[int, int, int]]) -> None:
    truth, said, weight = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    figures = confusion(truth, said, weight.astype(float), 3)
    _, recall, f1, _ = precision_recall_fscore_support(
        truth, said, labels=[0, 1, 2], sample_weight=weight, zero_division=np.nan
    )
    there = np.unique(truth)
    np.testing.assert_allclose(figures.recall[there], recall[there])
    np.testing.assert_allclose(figures.f1[there], f1[there])
    assert figures.accuracy == pytest.approx(accuracy_score(truth, said, sample_weight=weight))
    macro = f1_score(truth, said, labels=there, average="macro", sample_weight=weight)
    assert figures.macro_f1 == pytest.approx(macro)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 3)), min_size=2, max_size=40))
def test_auc_is_that_of_scikit_learn_also_with_ties_and_weights(rows: list[tuple[int, bool, int]]) -> None:
    score, positive, weight = map(np.array, zip(*rows, strict=True))
    auc = Ranking(score / 5, positive).auc(weight.astype(float))
    if positive.all() or not positive.any():
        assert np.isnan(auc)
    else:
        assert auc == pytest.approx(roc_auc_score(positive, score, sample_weight=weight))


def test_stated_probabilities_that_come_true_have_hardly_any_calibration_error() -> None:
    random = np.random.default_rng(0)
    stated = random.uniform(size=20_000)
    happened = random.uniform(size=20_000) < stated
    assert Calibration(stated, happened).error(np.ones(20_000)) < 0.01


def test_probabilities_stated_too_high_by_a_tenth_have_a_calibration_error_of_a_tenth() -> None:
    random = np.random.default_rng(0)
    true = random.uniform(0, 0.9, 20_000)
    happened = random.uniform(size=20_000) < true
    assert Calibration(true + 0.1, happened).error(np.ones(20_000)) == pytest.approx(0.1, abs=0.01)


def test_few_rows_do_not_look_miscalibrated_by_chance_alone() -> None:
    random = np.random.default_rng(0)
    errors = []
    for _ in range(200):
        stated = random.uniform(size=100)
        errors.append(Calibration(stated, random.uniform(size=100) < stated).error(np.ones(100)))
    assert np.median(errors) < 0.06  # without the correction about 0.13


def test_a_resample_takes_whole_groups_and_is_the_same_each_time() -> None:
    groups = np.array([0, 0, 1, 2, 2, 2])
    first, second = bootstrap_weights(groups, 2)
    assert len({first[0], first[1]}) == len({first[3], first[4], first[5]}) == 1
    assert first[0] + first[2] + first[3] == 3
    again = list(bootstrap_weights(groups, 2))
    np.testing.assert_array_equal(np.stack([first, second]), np.stack(again))
