"""What a model is worth: figures with intervals, overall and by platform.

Intervals resample titles (or threads), not rows: comments under one title are alike. Rows labelled ``mixed`` are left
out of the three-class figures, as no answer of three would be right, and their decisions are counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from model import POLARITIES, Scorer
from model.metrics import REPEATS, Calibration, Estimate, Floats, Ranking, bootstrap_weights, confusion, interval
from training.labels import Examples

ALL = "all"

_LEAST = 100
_LARGEST = 400
_TINY = 1e-6
_STEPS = 25


@dataclass(frozen=True, slots=True)
class Figures:
    """Measures of a model on some rows of three classes, of ``units`` titles that the intervals resample."""

    rows: int
    units: int
    mixed: Mapping[str, int]
    measures: Mapping[str, Estimate]


def judge(scorer: Scorer, examples: Examples, *, repeats: int = REPEATS) -> dict[str, Figures]:
    """Give the figures over all rows (`ALL`) and on every platform with at least 100 rows, largest first."""
    examples = examples.take(examples.told)
    chances = scorer.score(examples.texts)
    platforms = np.asarray([str(name) for name in examples.platforms])
    names, counts = np.unique(platforms, return_counts=True)
    large = [str(names[i]) for i in np.argsort(-counts, kind="stable") if counts[i] >= _LEAST]
    found = {}
    for name in (ALL, *large):
        rows = np.flatnonzero((platforms == name) | (name == ALL))
        found[name] = _figures(examples.take(rows), chances.probabilities[rows], chances.decided[rows], repeats)
    return found


def log_losses(scorer: Scorer, examples: Examples) -> Floats:
    """Give ``(n,)`` the loss of each row whose polarity is told, in nats, against its soft target."""
    examples = examples.take(examples.told)
    return _losses(scorer.score(examples.texts).probabilities, examples.targets)


def star_auc(scorer: Scorer, examples: Examples, stars: NDArray[np.int64], *, repeats: int = REPEATS) -> Estimate:
    """Give the area under the curve of the signed score, one and two stars against four and five."""
    sided = np.flatnonzero(stars != 3)
    chosen = examples.take(sided)
    score = scorer.score(chosen.texts).score.astype(np.float64)
    ranking = Ranking(score, stars[sided] > 3)
    weights = bootstrap_weights(units(chosen.groups), repeats)
    return interval(ranking.auc(np.ones(len(sided))), np.asarray([ranking.auc(each) for each in weights]))


def figures_as_record(figures: Mapping[str, Figures]) -> dict[str, object]:
    """Give figures as a manifest holds them: plain numbers, four decimals, None for what cannot be told."""
    return {
        name: {
            "rows": each.rows,
            "units": each.units,
            "mixed": dict(each.mixed),
            **{measure: as_record(value) for measure, value in each.measures.items()},
        }
        for name, each in figures.items()
    }


def as_record(estimate: Estimate) -> list[float | None]:
    """Give ``[value, low, high]``."""
    numbers = (estimate.value, estimate.low, estimate.high)
    return [None if np.isnan(number) else round(number, 4) for number in numbers]


def calibration_slope(chances: Floats, happened: Floats, weights: Floats) -> float:
    """Give the slope of a logistic regression of what happened on the log odds stated (Cox 1958).

    1 is right, below 1 is too sure; nan where only one outcome happened.
    """
    used = weights > 0
    if len(np.unique(happened[used])) < 2:
        return float("nan")
    stated = logit(np.clip(chances, _TINY, 1 - _TINY))
    design = np.stack([np.ones_like(stated), stated], axis=1)
    point = np.array([0.0, 1.0])
    for _ in range(_STEPS):
        expected = expit(design @ point)
        hessian = (design * (weights * expected * (1 - expected))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (weights * (happened - expected)))
        point = point + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    return float(point[1])


def _figures(examples: Examples, chances: NDArray[np.float32], decided: NDArray[np.int64], repeats: int) -> Figures:
    sure = examples.targets.max(axis=1) == 1
    truth, said = examples.targets[sure].argmax(axis=1).astype(np.int64), decided[sure]
    stated = chances[sure].astype(np.float64)
    losses = _losses(chances[sure], examples.targets[sure])
    negative = (truth == 0).astype(np.float64)
    calibration = Calibration(stated[:, 0], truth == 0)

    def measure(weights: Floats) -> dict[str, float]:
        cells = confusion(truth, said, weights, len(POLARITIES))
        return {
            "macro_f1": cells.macro_f1,
            "accuracy": cells.accuracy,
            "log_loss": float(weights @ losses / weights.sum()) if weights.sum() else float("nan"),
            "negative_precision": float(cells.precision[0]),
            "negative_recall": float(cells.recall[0]),
            "calibration_error": calibration.error(weights),
            "calibration_slope": calibration_slope(stated[:, 0], negative, weights),
        }

    unit = units([group for group, keep in zip(examples.groups, sure, strict=True) if keep])
    n_units = len(np.unique(unit))
    found = measure(np.ones(len(truth)))
    samples = [measure(weights) for weights in bootstrap_weights(unit, repeats if n_units > 1 else 0)]
    measures = {
        name: interval(value, np.asarray([s[name] for s in samples]), overstated=name == "calibration_error")
        for name, value in found.items()
    }
    apart = np.bincount(decided[~sure], minlength=len(POLARITIES)).tolist()
    return Figures(len(truth), n_units, dict(zip(POLARITIES, apart, strict=True)), measures)


def _losses(chances: NDArray[np.float32], targets: NDArray[np.float32]) -> Floats:
    losses: Floats = -(targets * np.log(np.maximum(chances.astype(np.float64), 1e-9))).sum(axis=1)
    return losses


def units(groups: Sequence[str]) -> NDArray[np.int64]:
    """Number the titles; a row without one, or in a group too large to be a title, is a unit of its own."""
    _, unit, counts = np.unique(np.asarray([*groups, ""], dtype=str), return_inverse=True, return_counts=True)
    unit = unit[:-1]
    alone = (counts[unit] > _LARGEST) | (np.asarray(groups, dtype=str) == "") if len(groups) else np.zeros(0, bool)
    numbered = np.where(alone, len(counts) + np.arange(len(unit)), unit)
    return np.unique(numbered, return_inverse=True)[1].astype(np.int64)
