"""A correction: what a user's own labels add to the logits of the base, n-gram by n-gram.

Polarities exclude each other (softmax); facets hold or not, each by itself (sigmoid), and a comment whose label does
not tell a facet (nan) says nothing of it.
"""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from model.heads import sigmoid, softmax

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
    *,
    exclusive: bool = True,
) -> float:
    """Give the inverse penalty with the least loss on left-out folds of the training rows, the weaker on a tie.

    Only ``judged`` rows count in the comparison; nothing above ``most`` is tried.
    """
    losses = []
    for strength in (each for each in STRENGTHS if each <= most):
        losses_of_rows = np.empty(len(logits), np.float64)
        for left_out in np.unique(fold):
            rows, others = fold == left_out, fold != left_out
            known = weighed[others], logits[others], targets[others], weights[others]
            moved = fit_correction(*known, strength, exclusive=exclusive)
            losses_of_rows[rows] = _surprise(logits[rows] + weighed[rows] @ moved, targets[rows], exclusive).sum(axis=1)
        losses.append(float(losses_of_rows[judged].mean()))
        log.info("correction of strength %g: log loss %.4f on left-out folds", strength, losses[-1])
    return STRENGTHS[int(np.argmin(np.round(losses, 4)))]


def fit_correction(
    weighed: csr_matrix, logits: F32, targets: F32, weights: F32, strength: float, *, exclusive: bool = True
) -> F32:
    """Fit ``(n_ngrams, n_labels)`` so that the chances of ``logits + weighed @ correction`` meet soft targets.

    Logistic loss, multinomial where labels are ``exclusive``, with an L2 pull towards the base of inverse weight
    ``strength``; zero for an n-gram not seen. L-BFGS, no random part.
    """
    n_labels = targets.shape[1]
    correction = np.zeros((weighed.shape[1], n_labels), np.float32)
    used = np.flatnonzero(np.bincount(weighed.indices, minlength=weighed.shape[1]))
    if strength == 0 or not len(used):
        return correction
    rows = weighed[:, used]
    columns = rows.T.tocsr()
    counted = weights[:, None] * ~np.isnan(targets)
    wanted = np.nan_to_num(targets)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = point.reshape(-1, n_labels)
        read = (logits + rows @ moved.astype(np.float32)).astype(np.float32)
        chances = (softmax if exclusive else sigmoid)(read)
        gradient = columns @ (counted * (chances - wanted)) + moved / strength
        surprise = float((weights[:, None] * _surprise(read, targets, exclusive)).sum(dtype=np.float64))
        total = surprise + 0.5 / strength * float(point @ point)
        return total, gradient.ravel().astype(np.float64)

    options = {"maxiter": 60, "maxcor": 8, "gtol": 1e-2}
    found = minimize(loss, np.zeros(n_labels * len(used)), jac=True, method="L-BFGS-B", options=options).x
    correction[used] = found.reshape(-1, n_labels).astype(np.float32)
    return correction


def _surprise(logits: F32, targets: F32, exclusive: bool) -> F32:
    """Give ``(n, n_labels)`` the part of each label in the loss of a row, in nats; 0 where nothing is told."""
    untold, wanted = np.isnan(targets), np.nan_to_num(targets)
    surprise: F32
    if exclusive:
        surprise = -wanted * np.log(softmax(logits) + 1e-9)
    else:
        surprise = np.logaddexp(0, logits).astype(np.float32)
        surprise -= wanted * logits
    surprise[untold] = 0
    return surprise
