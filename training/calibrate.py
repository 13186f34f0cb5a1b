"""Calibration and decision thresholds, from predictions on rows the model was not fitted on."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import f1_score

from model.heads import softmax

F32 = NDArray[np.float32]


def calibrate(logits: F32, targets: F32) -> tuple[float, F32]:
    """Give the ``(temperature, offsets)`` that make ``softmax(logits / temperature + offsets)`` most likely.

    Temperature scaling (Guo et al. 2017) with one offset a class; ``logits`` and soft ``targets`` are ``(n, 3)``.
    """

    def surprise(point: NDArray[np.float64]) -> float:
        chances = softmax((logits / np.exp(point[0]) + point[1:]).astype(np.float32))
        return float(-(targets * np.log(chances + 1e-9)).sum(axis=1).mean() + 1e-3 * point[1:].sum() ** 2)

    found = minimize(surprise, np.zeros(logits.shape[1] + 1), method="Nelder-Mead", options={"maxiter": 400}).x
    return float(np.exp(found[0])), found[1:].astype(np.float32)


def platform_offsets(logits: F32, targets: F32, platforms: F32, *, pull: float = 30.0) -> F32:
    """Give ``(n_platforms, 3)`` offsets on calibrated logits, drawn to 0 as if by ``pull`` rows of no opinion.

    ``platforms`` is ``(n, n_platforms)``, 1 in the column of a row's platform.
    """
    shape = platforms.shape[1], logits.shape[1]

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        chances = softmax((logits + platforms @ point.reshape(shape)).astype(np.float32))
        surprise = -(targets * np.log(chances + 1e-9)).sum() + 0.5 * pull * float(point @ point)
        return float(surprise), (platforms.T @ (chances - targets)).ravel() + pull * point

    found = minimize(loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B").x
    offsets: F32 = found.reshape(shape).astype(np.float32)
    return offsets


def choose_thresholds(probabilities: F32, polarity: NDArray[np.int64]) -> F32:
    """Give the ``(3,)`` factors on the probabilities that decide with the best macro-F1.

    ``polarity`` ``(n,)`` is the index of the true class. The neutral factor stays 1; ties go to factors near 1.
    """
    steps = np.geomspace(0.6, 1.8, 12)
    best, chosen = -1.0, (1.0, 1.0)
    for negative, positive in sorted(
        product(steps, steps), key=lambda pair: abs(np.log(pair[0])) + abs(np.log(pair[1]))
    ):
        decided = (probabilities * np.array([negative, 1.0, positive])).argmax(axis=1)
        score = f1_score(polarity, decided, average="macro")
        if score > best + 1e-4:
            best, chosen = score, (negative, positive)
    return np.array([chosen[0], 1.0, chosen[1]], np.float32)
