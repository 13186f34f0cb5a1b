"""What the facets of a model are worth: F1 with intervals, over all of a kind and facet by facet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model import FacetNames, Scorer
from model.metrics import REPEATS, Estimate, Floats, agreement, bootstrap_weights, interval
from training.evaluate import as_record, units
from training.labels import SHIPPED, Examples

#: A facet with fewer comments that carry it is left out of the macro-F1: its F1 is chance.
LEAST = 15


@dataclass(frozen=True, slots=True)
class FacetFigures:
    """Measures of one kind of facet over ``rows`` comments: ``measures`` over all facets of the kind, ``f1`` and the
    number of comments that ``carry`` it of each."""

    rows: int
    measures: Mapping[str, Estimate]
    f1: Mapping[str, Estimate]
    carry: Mapping[str, int]


def kinds(names: FacetNames) -> dict[str, tuple[tuple[str, ...], slice]]:
    """Give the names and the columns of each kind of facet."""
    return {
        "circles": (names.circles, names.circle_columns),
        "aspects": (names.aspects, names.aspect_columns),
        "stages": (names.stages, names.stage_columns),
    }


def judge_facets(scorer: Scorer, examples: Examples, *, repeats: int = REPEATS) -> dict[str, FacetFigures]:
    """Give the figures of each kind; the facets of ``examples`` are those of the scorer, all told."""
    decided = scorer.score(examples.texts).facets.decided
    truth = examples.facets > 0
    group = units(examples.groups)
    return {
        kind: facet_figures(truth[:, columns], decided[:, columns], names, group, repeats)
        for kind, (names, columns) in kinds(scorer.facet_names).items()
    }


def facet_figures(
    truth: NDArray[np.bool_],
    decided: NDArray[np.bool_],
    names: tuple[str, ...],
    group: NDArray[np.int64],
    repeats: int = REPEATS,
) -> FacetFigures:
    """Compare ``(n, k)`` decisions with the truth; intervals resample the ``group`` ``(n,)`` (titles) of the rows."""
    large = truth.sum(axis=0) >= LEAST

    def measure(weights: Floats) -> tuple[Floats, Floats]:
        found = agreement(truth, decided, weights)
        macro = float(np.nanmean(found.f1[large])) if large.any() else float("nan")
        return np.array([found.micro_f1, macro, found.precision, found.recall]), found.f1

    value, f1 = measure(np.ones(len(truth)))
    samples = [measure(weights) for weights in bootstrap_weights(group, repeats)]
    over_all, by_facet = np.asarray([each[0] for each in samples]), np.asarray([each[1] for each in samples])
    titles = ("micro_f1", "macro_f1", "precision", "recall")
    return FacetFigures(
        len(truth),
        {title: interval(float(value[at]), over_all[:, at]) for at, title in enumerate(titles)},
        {name: interval(float(f1[at]), by_facet[:, at]) for at, name in enumerate(names)},
        dict(zip(names, truth.sum(axis=0).tolist(), strict=True)),
    )


def facets_as_record(figures: Mapping[str, FacetFigures]) -> dict[str, object]:
    """Give figures as a manifest holds them."""
    return {
        kind: {
            "rows": each.rows,
            **{measure: as_record(value) for measure, value in each.measures.items()},
            "f1": {name: [*as_record(value), each.carry[name]] for name, value in each.f1.items()},
        }
        for kind, each in figures.items()
    }


def facet_losses(scorer: Scorer, examples: Examples) -> Floats:
    """Give ``(n,)`` the mean loss in nats over the shipped facets each row tells, of the rows that tell any.

    A circle of the user's own is left out: a model that does not know it has no loss to compare.
    """
    columns = [scorer.facet_names.all.index(name) for name in SHIPPED.all]
    own = examples.facets.shape[1] - len(SHIPPED)
    targets = np.delete(examples.facets, np.s_[len(SHIPPED.circles) : len(SHIPPED.circles) + own], axis=1)
    rows = np.flatnonzero(~np.isnan(targets).all(axis=1))
    if not len(rows):
        return np.zeros(0)
    chances = scorer.score([examples.texts[row] for row in rows]).facets.chances[:, columns].astype(np.float64)
    wanted = targets[rows].astype(np.float64)
    surprise = -(wanted * np.log(chances + 1e-9) + (1 - wanted) * np.log(1 - chances + 1e-9))
    losses: Floats = np.nanmean(surprise, axis=1)
    return losses
