"""Views: linear readings of the n-grams, each fitted to one question on one kind of label."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

F32 = NDArray[np.float32]


def fit_view(weighed: csr_matrix, targets: NDArray[Any], *, c: float, balanced: bool = True) -> tuple[F32, float]:
    """Fit a logistic regression to soft targets; give the weights ``(n_ngrams,)`` and the intercept.

    ``targets`` ``(n_texts,)`` are chances from 0 to 1, which scikit-learn's estimator does not take; ``c`` is its
    inverse penalty. ``balanced`` gives both sides the same total weight. L-BFGS, so the fit has no random part.
    """
    used = np.flatnonzero(np.bincount(weighed.indices, minlength=weighed.shape[1]))
    rows = weighed[:, used]
    columns = rows.T.tocsr()
    wanted = targets.astype(np.float32)
    weights: F32 = _balance(wanted) if balanced else np.ones(len(wanted), np.float32)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slopes = point[:-1].astype(np.float32)
        logits = (rows @ slopes + np.float32(point[-1])).astype(np.float32)
        errors = weights * (_sigmoid(logits) - wanted)
        total = (weights * (np.logaddexp(0, logits) - wanted * logits)).sum(dtype=np.float64)
        gradient = np.append(columns @ errors + point[:-1] / c, errors.sum(dtype=np.float64))
        return total + 0.5 / c * float(point[:-1] @ point[:-1]), gradient

    start = np.zeros(len(used) + 1)
    options = {"maxiter": 60, "maxcor": 8, "gtol": 1e-2}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    view = np.zeros(weighed.shape[1], np.float32)
    view[used] = found[:-1].astype(np.float32)
    return view, float(found[-1])


def _balance(targets: F32) -> F32:
    positive = targets > 0.5
    share = min(max(float(positive.mean()), 1e-6), 1 - 1e-6)
    weights: F32 = np.where(positive, 0.5 / share, 0.5 / (1 - share)).astype(np.float32)
    return weights


def _sigmoid(logits: F32) -> F32:
    chances: F32 = (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)
    return chances
