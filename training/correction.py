"""A correction: what a user's own labels add to the logits of the base, n-gram by n-gram."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from model.heads import softmax

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

#: Inverse penalties tried; 0 leaves the base as it is.
STRENGTHS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0)


def choose_strength(
    weighed: csr_matrix,
    logits: F32,
    targets: F32,
    weights: F32,
    fold: NDArray[np.int64],
    judged: NDArray[np.bool_],
    most: float = STRENGTHS[-1],
) -> float:
    """Give the inverse penalty with the least loss on left-out folds of the training rows, the weaker on a tie.

    Only ``judged`` rows count in the comparison; nothing above ``most`` is tried.
    """
    losses = []
    for strength in (each for each in STRENGTHS if each <= most):
        chances = np.empty_like(logits)
        for left_out in np.unique(fold):
            rows, others = fold == left_out, fold != left_out
            moved = fit_correction(weighed[others], logits[others], targets[others], weights[others], strength)
            chances[rows] = softmax(logits[rows] + weighed[rows] @ moved)
        surprise = -(targets * np.log(chances + 1e-9)).sum(axis=1)
        losses.append(float(surprise[judged].mean(dtype=np.float64)))
        log.info("correction of strength %g: log loss %.4f on left-out folds", strength, losses[-1])
    return STRENGTHS[int(np.argmin(np.round(losses, 4)))]


def fit_correction(weighed: csr_matrix, logits: F32, targets: F32, weights: F32, strength: float) -> F32:
    """Fit ``(n_ngrams, 3)`` so that ``softmax(logits + weighed @ correction)`` meets soft targets; zero where unseen.

    Multinomial logistic loss with an L2 pull towards the base of inverse weight ``strength``; L-BFGS, no random part.
    """
    correction = np.zeros((weighed.shape[1], 3), np.float32)
    used = np.flatnonzero(np.bincount(weighed.indices, minlength=weighed.shape[1]))
    if strength == 0 or not len(used):
        return correction
    rows = weighed[:, used]
    columns = rows.T.tocsr()

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = point.reshape(-1, 3)
        chances = softmax((logits + rows @ moved.astype(np.float32)).astype(np.float32))
        surprise = -(targets * np.log(chances + 1e-9)).sum(axis=1)
        gradient = columns @ (weights[:, None] * (chances - targets)) + moved / strength
        total = float((weights * surprise).sum(dtype=np.float64)) + 0.5 / strength * float(point @ point)
        return total, gradient.ravel().astype(np.float64)

    options = {"maxiter": 60, "maxcor": 8, "gtol": 1e-2}
    found = minimize(loss, np.zeros(3 * len(used)), jac=True, method="L-BFGS-B", options=options).x
    correction[used] = found.reshape(-1, 3).astype(np.float32)
    return correction
