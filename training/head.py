"""The polarity head: a network over the signals, calibrated on rows it did not see."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from model.heads import LIMIT, softmax
from training.calibrate import calibrate, choose_thresholds
from training.labels import Examples, folds
from training.network import Recipe, fit_network, join_networks, run_network

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

_FOLDS = 4
_NETWORKS = 3


def fit_head(
    gold: F32, examples: Examples, starred: F32, star_targets: F32, *, star_weight: float, recipe: Recipe = Recipe()
) -> dict[str, NDArray[Any]]:
    """Fit the head on gold signals ``(n, n_signals)`` and, with less weight, on starred ones; give its arrays.

    A star is another question than a reading of the text, so a flag column tells the network which rows are starred;
    a comment to be scored never is, and the flag is folded into the biases.

    Calibration and thresholds come from cross-fitting over the gold rows, by title, and of these from the
    representative ones; ``mixed`` rows count in the calibration and not in the thresholds, whose measure knows three
    classes.
    """
    gold, starred = _flag(gold, 0), _flag(starred, 1)
    everything = np.concatenate([gold, starred])
    centre, spread = everything.mean(axis=0), np.maximum(everything.std(axis=0), 1e-3)

    def seen(signals: F32) -> F32:
        standard: F32 = np.clip((signals - centre) / spread, -LIMIT, LIMIT).astype(np.float32)
        return standard

    gold, starred = seen(gold), seen(starred)

    fold = folds(examples.groups, _FOLDS, seed=1)
    signals, targets = np.concatenate([gold, starred]), np.concatenate([examples.targets, star_targets])
    weights = np.concatenate([np.ones(len(gold)), np.full(len(starred), star_weight)]).astype(np.float32)
    always = np.arange(len(gold), len(signals))
    known = [np.concatenate([np.flatnonzero(fold != left_out), always]) for left_out in range(_FOLDS)]
    plans = [*enumerate(known), *((seed, np.arange(len(signals))) for seed in range(_NETWORKS))]
    networks = Parallel(n_jobs=-1)(
        delayed(fit_network)(signals[rows], targets[rows], weights[rows], recipe, seed=seed) for seed, rows in plans
    )
    logits = np.empty((len(gold), 3), np.float32)
    for left_out, network in enumerate(networks[:_FOLDS]):
        logits[fold == left_out] = run_network(network, gold[fold == left_out])
    judges = examples.representative
    temperature, offsets = calibrate(logits[judges], examples.targets[judges])
    sure = judges & (examples.targets.max(axis=1) == 1)
    chances = softmax(logits[sure] / np.float32(temperature) + offsets)
    thresholds = choose_thresholds(chances, examples.targets[sure].argmax(axis=1))
    layers = join_networks(networks[_FOLDS:])
    log.info("head: temperature %.2f, offsets %s, thresholds %s", temperature, offsets.round(2), thresholds.round(2))
    unflagged = seen(np.zeros((1, len(centre)), np.float32))[0, -1]
    return {
        "head_centre": centre[:-1].astype(np.float32),
        "head_spread": spread[:-1].astype(np.float32),
        "head_thresholds": thresholds,
        "head_weights_0": layers[0][0][:-1],
        "head_biases_0": (layers[0][1] + unflagged * layers[0][0][-1]).astype(np.float32),
        "head_weights_1": (layers[1][0] / temperature).astype(np.float32),
        "head_biases_1": (layers[1][1] / temperature + offsets).astype(np.float32),
    }


def _flag(signals: F32, value: float) -> F32:
    return np.concatenate([signals, np.full((len(signals), 1), value, np.float32)], axis=1)
