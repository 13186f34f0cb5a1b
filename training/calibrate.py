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


def choose_star_threshold(score: F32, stars: NDArray[np.int64]) -> float:
    """Give the signed score that parts one and two stars from four and five with the best macro-F1.

    Stars are another question than a reading of the text: many a comment with few stars reads neutral.
    """
    sided = stars != 3
    praise = stars[sided] > 3
    steps = np.round(np.arange(-0.9, 0.91, 0.02), 2)
    return float(max(steps, key=lambda step: f1_score(praise, score[sided] > step, average="macro")))
