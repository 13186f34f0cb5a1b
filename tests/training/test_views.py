import numpy as np
from scipy.sparse import csr_matrix

from training.views import fit_view


def test_a_view_recovers_planted_weights() -> None:
    dice = np.random.default_rng(0)
    planted = np.array([2.0, -2.0, 1.0, 0.0])
    rows = dice.normal(size=(4000, 4)).astype(np.float32)
    chances = 1 / (1 + np.exp(-(rows @ planted)))
    view, intercept = fit_view(csr_matrix(rows), chances, c=100.0, balanced=False)
    np.testing.assert_allclose(view, planted, atol=0.1)
    assert abs(intercept) < 0.1


def test_an_ngram_no_row_holds_weighs_nothing() -> None:
    rows = csr_matrix(np.array([[1, 0, 0], [0, 1, 0]], np.float32))
    view, _ = fit_view(rows, np.array([1.0, 0.0]), c=1.0)
    assert view[0] > 0 > view[1]
    assert view[2] == 0
