"""Score a labelled dump and judge the scores: overall and by platform, with intervals."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpora.readers import Dump, RejectedRow, Row
from model.metrics import (
    REPEATS,
    Calibration,
    Estimate,
    Floats,
    Ints,
    Ranking,
    bootstrap_weights,
    confusion,
    interval,
)
from service.errors import ServiceError
from service.evaluation.truth import APART, NEGATIVE, NEUTRAL, POSITIVE, Truths

if TYPE_CHECKING:
    from model import Scorer

POLARITIES = ("negative", "neutral", "positive")
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the model does on some rows, of `units` groups that were resampled for the intervals.

    `matrix` counts truth (`classes`) by the model's decision (negative, neutral, positive). With two classes of truth
    the measures take the sign of the score as the decision, and P(negative) out of P(negative) + P(positive).
    """

    name: str
    rows: int
    units: int
    classes: tuple[str, ...]
    matrix: list[list[int]]
    measures: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole judgement of one file; `apart` counts the decisions on rows whose truth is neither."""

    overall: Judgement
    platforms: list[Judgement]
    apart: list[int]
    rejected: int
    without_truth: int
    unread: dict[str, int]


@dataclass(slots=True)
class _Gathered:
    truth: "array[int]" = field(default_factory=lambda: array("b"))
    decided: "array[int]" = field(default_factory=lambda: array("b"))
    chances: list[NDArray[np.float32]] = field(default_factory=list)
    platform: "array[int]" = field(default_factory=lambda: array("l"))
    group: "array[int]" = field(default_factory=lambda: array("l"))
    platforms: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    rejected: int = 0


def evaluate(dump: Dump, scorer: "Scorer", truths: Truths, group_column: str | None = None) -> Evaluation:
    """Judge `scorer` on the rows of `dump` that have a truth; intervals resample the groups of a column, else rows.

    Raises `TruthError` where the truth cannot be read, `ServiceError` for a column that is not there.
    """
    for column in (truths.column, group_column):
        if column is not None and column not in dump.columns:
            raise ServiceError(f"{dump.path} has no column {column!r}; its columns are: {', '.join(dump.columns)}.")
    gathered = _gather(dump, scorer, truths, group_column)
    truths.check()
    truth = np.array(gathered.truth, np.int64)
    decided = np.array(gathered.decided, np.int64)
    chances = np.concatenate(gathered.chances).astype(np.float64)
    group = np.array(gathered.group, np.int64) if group_column is not None else np.arange(len(truth))
    platform = np.array(gathered.platform, np.int64)
    judged = truth != APART
    if not judged.any():
        raise ServiceError(f"{dump.path} has no row whose truth is negative or positive, so there is nothing to judge.")

    def judge(name: str, rows: NDArray[np.bool_]) -> Judgement:
        return _judge(name, truth[rows], decided[rows], chances[rows], group[rows])

    named = [
        judge(name, judged & (platform == number))
        for name, number in gathered.platforms.items()
        if name and (judged & (platform == number)).any()
    ]
    return Evaluation(
        overall=judge("all", judged),
        platforms=sorted(named, key=lambda judgement: -judgement.rows),
        apart=np.bincount(decided[~judged], minlength=3).tolist(),
        rejected=gathered.rejected,
        without_truth=truths.empty,
        unread=dict(truths.unread.most_common()),
    )


def _gather(dump: Dump, scorer: "Scorer", truths: Truths, group_column: str | None) -> _Gathered:
    gathered = _Gathered()
    rows = _with_truth(dump, truths, gathered)
    while batch := list(islice(rows, _BATCH)):
        comments = [row.comment for row, _ in batch]
        scores = scorer.score([comment.text for comment in comments])
        gathered.chances.append(scores.probabilities)
        gathered.decided.extend(map(POLARITIES.index, scores.polarity))
        for row, truth in batch:
            gathered.truth.append(truth)
            name = row.comment.platform or ""
            gathered.platform.append(gathered.platforms.setdefault(name, len(gathered.platforms)))
            if group_column is not None:
                unit = str(row.fields.get(group_column))
                gathered.group.append(gathered.groups.setdefault(unit, len(gathered.groups)))
    if not gathered.chances:
        gathered.chances.append(np.empty((0, 3), np.float32))
    return gathered


def _with_truth(dump: Dump, truths: Truths, gathered: _Gathered) -> Iterator[tuple[Row, int]]:
    for row in dump.rows():
        if isinstance(row, RejectedRow):
            gathered.rejected += 1
        elif (truth := truths.read(row.fields.get(truths.column))) is not None:
            yield row, truth


def _judge(name: str, truth: Ints, decided: Ints, chances: Floats, group: Ints) -> Judgement:
    three = bool((truth == NEUTRAL).any())
    classes = (NEGATIVE, NEUTRAL, POSITIVE) if three else (NEGATIVE, POSITIVE)
    matrix = confusion(truth, decided, np.ones(len(truth)), 3).matrix.astype(int)
    measure = _Measure(truth, decided, chances, three)
    found = measure(np.ones(len(truth)))
    names, units = np.unique(group, return_inverse=True)
    repeats = REPEATS if len(names) > 1 else 0  # one unit tells nothing of how others would differ
    repeated = [measure(weights) for weights in bootstrap_weights(units, repeats)]
    samples = {key: np.array([sample[key] for sample in repeated]) for key in found}
    return Judgement(
        name=name,
        rows=len(truth),
        units=len(names),
        classes=tuple(POLARITIES[number] for number in classes),
        matrix=matrix[list(classes)].tolist(),
        measures={
            key: interval(value, samples[key], overstated=key == "calibration_error") for key, value in found.items()
        },
    )


class _Measure:
    """All measures of some rows under some weights."""

    def __init__(self, truth: Ints, decided: Ints, chances: Floats, three: bool) -> None:
        self._names = POLARITIES if three else (POLARITIES[NEGATIVE], POLARITIES[POSITIVE])
        score = chances[:, POSITIVE] - chances[:, NEGATIVE]
        negative = chances[:, NEGATIVE]
        self._ranking = None
        if three:
            self._truth, self._decided = truth, decided
        else:
            self._truth, self._decided = (truth == POSITIVE).astype(np.int64), (score >= 0).astype(np.int64)
            negative = negative / np.maximum(negative + chances[:, POSITIVE], 1e-12)
            self._ranking = Ranking(score, truth == POSITIVE)
        self._calibration = Calibration(negative, truth == NEGATIVE)

    def __call__(self, weights: Floats) -> dict[str, float]:
        figures = confusion(self._truth, self._decided, weights, len(self._names))
        found = {"macro_f1": figures.macro_f1, "accuracy": figures.accuracy}
        if self._ranking is not None:
            found["auc"] = self._ranking.auc(weights)
        for place, name in enumerate(self._names):
            found[f"precision_{name}"] = float(figures.precision[place])
            found[f"recall_{name}"] = float(figures.recall[place])
            found[f"f1_{name}"] = float(figures.f1[place])
        found["calibration_error"] = self._calibration.error(weights)
        return found
