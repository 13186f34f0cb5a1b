"""Fitting the facet head: a network over all signals, calibrated and thresholded on rows it did not see."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize

from model.heads import LIMIT, sigmoid
from training.network import Recipe, fit_network, run_network

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

RECIPE = Recipe(hidden=256, epochs=25, dropout_in=0.2, dropout_hidden=0.4, smoothing=0.0, exclusive=False)

# How much of a facet's own best threshold to take; the rest is the one threshold that is best for all together. A facet
# with few labels has a best threshold that is mostly chance.
_OWN_SHARE = 0.25
# The common threshold must reach this precision on left-out rows: a named facet should be worth acting on.
_LEAST_PRECISION = 0.72
_STEPS = np.linspace(0.08, 0.7, 63)


def fit_facet_head(
    signals: F32, targets: F32, fold: NDArray[np.int64], judges: NDArray[np.bool_], *, recipe: Recipe = RECIPE
) -> tuple[dict[str, NDArray[Any]], F32]:
    """Give the head's arrays and the calibrated cross-fitted probabilities ``(n, n_facets)`` of the training rows.

    ``signals`` ``(n, n_signals)`` hold cross-fitted views and cues; ``targets`` ``(n, n_facets)`` are ones and zeros;
    calibration and thresholds are fitted on the rows ``judges`` ``(n,)``.
    """
    centre, spread = signals.mean(axis=0), np.maximum(signals.std(axis=0), 1e-3)
    seen: F32 = np.clip((signals - centre) / spread, -LIMIT, LIMIT).astype(np.float32)
    weights = np.ones(len(seen), np.float32)
    plans = [*((int(left_out), fold != left_out) for left_out in np.unique(fold)), (0, np.ones(len(fold), np.bool_))]
    *crossed, layers = Parallel(n_jobs=-1)(
        delayed(fit_network)(seen[rows], targets[rows], weights[rows], recipe, seed=seed) for seed, rows in plans
    )
    logits = np.empty_like(targets)
    for (left_out, _), network in zip(plans, crossed, strict=False):
        logits[fold == left_out] = run_network(network, seen[fold == left_out])
    slopes, offsets = calibrate_facets(logits[judges], targets[judges])
    chances = sigmoid(logits * slopes + offsets)
    arrays = {
        "facet_head_centre": centre.astype(np.float32),
        "facet_head_spread": spread.astype(np.float32),
        "facet_head_weights_0": layers[0][0].astype(np.float16),
        "facet_head_biases_0": layers[0][1],
        "facet_head_weights_1": (layers[1][0] * slopes).astype(np.float16),
        "facet_head_biases_1": layers[1][1] * slopes + offsets,
        "facet_thresholds": choose_facet_thresholds(chances[judges], targets[judges]),
    }
    return arrays, chances


def calibrate_facets(logits: F32, targets: F32) -> tuple[F32, F32]:
    """Give ``(slopes, offsets)``, both ``(n_facets,)``, of Platt's scaling (1999), drawn to 1 and 0."""

    def fit(logit: F32, target: F32) -> NDArray[np.float64]:
        def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            read = point[0] * logit + point[1]
            errors = sigmoid(read) - target
            surprise = float((np.logaddexp(0, read) - target * read).sum(dtype=np.float64))
            drawn = point - (1, 0)
            gradient = np.array([errors @ logit, errors.sum(dtype=np.float64)])
            return surprise + 5 * float(drawn @ drawn), gradient + 10 * drawn

        found: NDArray[np.float64] = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
        return found

    points = np.array([fit(logit, target) for logit, target in zip(logits.T, targets.T, strict=True)], np.float32)
    return points[:, 0], points[:, 1]


def choose_facet_thresholds(chances: F32, targets: F32) -> F32:
    """Give ``(n_facets,)`` thresholds with good F1: between each facet's own best and the best common one."""
    decided = chances[None] >= _STEPS[:, None, None]
    hits = (decided & (targets > 0)).sum(axis=1)
    named = decided.sum(axis=1)
    f1 = 2 * hits / np.maximum(named + targets.sum(axis=0), 1)
    own = _STEPS[f1.argmax(axis=0)]
    in_all = 2 * hits.sum(axis=1) / (named.sum(axis=1) + targets.sum())
    precise = hits.sum(axis=1) >= _LEAST_PRECISION * named.sum(axis=1)
    together = _STEPS[np.where(precise, in_all, 0).argmax()]
    thresholds: F32 = (_OWN_SHARE * own + (1 - _OWN_SHARE) * together).astype(np.float32)
    return thresholds
