"""Measures of a model against the truth, over weighted rows: a bootstrap is a change of weights."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Resamples behind an interval.
REPEATS = 500

_BINS = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure with its 95 % interval, nan where it cannot be told."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Figures of one confusion matrix `matrix` (truth by prediction, weights); a class without rows has nan."""

    matrix: Floats
    precision: Floats
    recall: Floats
    f1: Floats
    accuracy: float
    macro_f1: float


def confusion(truth: Ints, predicted: Ints, weights: Floats, classes: int) -> Confusion:
    """Per-class precision, recall and F1, accuracy, and the mean F1 of the classes that occur in the truth."""
    cells = np.bincount(truth * classes + predicted, weights, classes * classes)
    matrix: Floats = cells.astype(np.float64).reshape(classes, classes)
    hits, true, named = np.diag(matrix), matrix.sum(1), matrix.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall, f1 = hits / named, hits / true, 2 * hits / (true + named)
        accuracy = float(hits.sum() / matrix.sum())
    there = true > 0
    return Confusion(matrix, precision, recall, f1, accuracy, float(f1[there].mean()) if there.any() else float("nan"))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of labels that hold or not, each by itself: micro over all of them, ``f1`` ``(k,)`` of each."""

    precision: float
    recall: float
    micro_f1: float
    f1: Floats


def agreement(truth: NDArray[np.bool_], decided: NDArray[np.bool_], weights: Floats) -> Agreement:
    """Compare ``(n, k)`` decisions with the truth; a label neither true nor decided anywhere has an F1 of nan."""
    hits, named, true = (weights @ each for each in (truth & decided, decided, truth))
    with np.errstate(invalid="ignore", divide="ignore"):
        return Agreement(
            float(hits.sum() / named.sum()),
            float(hits.sum() / true.sum()),
            float(2 * hits.sum() / (named.sum() + true.sum())),
            2 * hits / (named + true),
        )


class Ranking:
    """The area under the ROC curve of a score, with its order worked out once."""

    def __init__(self, score: Floats, positive: NDArray[np.bool_]) -> None:
        _, self._place = np.unique(score, return_inverse=True)
        self._positive = positive

    def auc(self, weights: Floats) -> float:
        """The chance that a positive row scores above a negative one, ties half; nan where one of them is missing."""
        above = np.bincount(self._place, weights * self._positive)
        below = np.bincount(self._place, weights * ~self._positive, len(above))
        pairs = above.sum() * below.sum()
        return float(above @ (below.cumsum() - below / 2) / pairs) if pairs else float("nan")


class Calibration:
    """How far stated probabilities are from what happened, in ten bins of equally many rows."""

    def __init__(self, stated: Floats, happened: NDArray[np.bool_]) -> None:
        edges = np.quantile(stated, np.linspace(0, 1, _BINS + 1)[1:-1]) if len(stated) else np.zeros(0)
        self._bin = np.searchsorted(edges, stated, side="right")
        self._stated, self._happened = stated, happened.astype(np.float64)

    def error(self, weights: Floats) -> float:
        """The debiased root mean square calibration error (Kumar, Liang and Ma 2019, arXiv:1909.10155)."""
        rows = np.bincount(self._bin, weights, _BINS)
        used = rows > 1
        if not used.any():
            return float("nan")
        stated = np.bincount(self._bin, weights * self._stated, _BINS)[used] / rows[used]
        happened = np.bincount(self._bin, weights * self._happened, _BINS)[used] / rows[used]
        chance = happened * (1 - happened) / (rows[used] - 1)
        squares = (stated - happened) ** 2 - chance
        return float(np.sqrt(max(0.0, (squares * rows[used]).sum() / rows[used].sum())))


def bootstrap_weights(groups: Ints, repeats: int, seed: int = 0) -> Iterator[Floats]:
    """Row weights of `repeats` resamples of whole groups; the same for the same input."""
    count = int(groups.max()) + 1 if len(groups) else 0
    random = np.random.default_rng(seed)
    chances = np.full(count, 1 / count) if count else np.zeros(0)
    for _ in range(repeats):
        yield random.multinomial(count, chances)[groups].astype(np.float64)


def interval(value: float, samples: Floats, *, overstated: bool = False) -> Estimate:
    """The percentile interval of resampled values; the basic one for a measure that resamples overstate (an error)."""
    samples = samples[~np.isnan(samples)]
    if not len(samples):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(samples, [0.025, 0.975])
    if overstated:
        low, high = max(0.0, 2 * value - high), max(0.0, 2 * value - low)
    return Estimate(value, float(low), float(high))
