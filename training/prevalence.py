"""The rates that correct audience shares, learned from cross-fitted chances by planting shares in left-out titles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from model.metrics import Floats, Ints
from model.shares import MixRates, blended, doubts, readings, softened, terms

Bools = NDArray[np.bool_]

_BINS = 12
_FOLDS = 5
_TERMS, _DOUBTS = 15, 5
_PULL = 3.6  # comments of no opinion added to the counts with, and to those without, a label
_LEAST = 40  # comments of a source or title that make a batch of their own
_LEAST_PLANTED = 15  # comments with the label to plant it from
_MOST_PLANTED = 0.8
_SIZES = (100, 5_000)
_LARGE = 1_000  # comments from which on the error of a batch is taken to be between sources
_BATCHES = 12  # of each kind, a label and a fold
_WEIGHTS = {"planted": 0.3, "others": 0.15, "mixed": 0.275, "natural": 0.275}
_RIDGE, _OWN_RIDGE = 3e-4, 3e-2
_SPREAD_PULL = 0.05
_INSIDE, _Z = 0.95, 1.959964


@dataclass(frozen=True, slots=True)
class _Lessons:
    """Batches of left-out titles: parts ``(m, k, 3)``; misfit, true odds, weight ``(m, k)``; size, plain ``(m,)``."""

    parts: Floats
    misfit: Floats
    truth: Floats
    weight: Floats
    size: Ints
    plain: Bools


def fit_rates(
    chances: NDArray[Any], truth: NDArray[Any], titles: NDArray[Any], sources: NDArray[Any], *, seed: int = 0
) -> MixRates:
    """Give the rates of ``k`` labels from cross-fitted ``chances`` ``(n, k)`` and their ``truth`` ``(n, k)``.

    ``titles`` and ``sources`` ``(n,)`` say what a comment is about and where it stands. Whole titles are left out in
    turn, and batches drawn from them with replacement: shares of one label planted, all labels mixed at random, and
    plain batches of a source or of a title. The blend is a ridge regression of the true log odds on `terms`, common to
    all labels with a departure of each; the spread a log-linear variance of what it leaves in large batches (left-out
    titles err differently), scaled so that 95 % of the plain ones lie inside.

    Raises ValueError for fewer titles than folds and where no batch can be drawn.
    """
    known, true = np.asarray(chances, np.float64), np.asarray(truth) > 0
    random, left_out = np.random.default_rng(seed), _folds(np.asarray(titles))
    lessons = []
    for fold in range(_FOLDS):
        out = left_out == fold
        plans = list(_plans(true[out], _places(np.asarray(titles)[out], np.asarray(sources)[out]), random))
        if plans:
            lessons.append(_lessons(known[out], true[out], count_rates(known[~out], true[~out]), plans, random))
    if not lessons:
        raise ValueError(f"No label has {_LEAST_PLANTED} comments in any fifth of the titles; give more comments.")
    every = _Lessons(*(np.concatenate([getattr(each, part.name) for each in lessons]) for part in fields(_Lessons)))
    blend = _blend(every)
    return replace(count_rates(known, true), blend=blend, spread=_spread(every, blend))


def add_rates(rates: MixRates, more: int) -> MixRates:
    """Give rates with ``more`` labels nothing was learned about, before the last one ("none").

    Each has the mean of what the known labels have, and twice their standard deviation between sources.
    """

    def mean(part: Floats) -> Floats:
        return np.insert(part, len(part) - 1, np.repeat(part[:-1].mean(axis=0)[None], more, axis=0), axis=0)

    grown = MixRates(*(mean(getattr(rates, part.name)) for part in fields(MixRates)))
    grown.spread[len(rates.edges) - 1 : -1, 0] += 2 * np.log(2)
    return grown


def count_rates(chances: Floats, truth: Bools) -> MixRates:
    """Give rates without a blend: the bins, and what lies in them."""
    counts = [_count(chances[:, label], truth[:, label]) for label in range(chances.shape[1])]
    edges, without, having, stated, decided = (np.stack(part) for part in zip(*counts, strict=True))
    empty = np.zeros((len(counts), _TERMS)), np.zeros((len(counts), _DOUBTS))
    return MixRates(edges, without, having, stated, decided, *empty)


def best_threshold(chance: Floats, having: Bools) -> float:
    """Give the threshold of the best F1: comments whose chance is at least that are decided to have the label."""
    order = np.argsort(-chance, kind="stable")
    ranked = chance[order]
    f1 = 2 * np.cumsum(having[order]) / (np.arange(1, len(chance) + 1) + having.sum())
    f1[:-1][ranked[:-1] == ranked[1:]] = 0  # no threshold parts equal chances
    best = int(f1.argmax())
    return float((ranked[best] + ranked[min(best + 1, len(ranked) - 1)]) / 2)


def _count(chance: Floats, having: Bools) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Give the edges, counts without and with the label, mean chances and decisions of one label's bins.

    Bins are of equal mass where comments with and without the label weigh the same; one edge is the threshold.
    """
    threshold = best_threshold(chance, having)
    mass = np.where(having, 1 / max(1, having.sum()), 1 / max(1, (~having).sum()))
    order = np.argsort(chance, kind="stable")
    passed = np.cumsum(mass[order]) / mass.sum()
    cuts = np.minimum(np.searchsorted(passed, np.arange(1, _BINS) / _BINS), len(order) - 1)
    edges = chance[order][cuts]
    edges[np.abs(edges - threshold).argmin()] = threshold
    edges = np.sort(edges)
    place = np.searchsorted(edges, chance, side="right")
    without, with_label = (np.bincount(place[side], minlength=_BINS) for side in (~having, having))
    lower, upper = np.concatenate([[0.0], edges]), np.concatenate([edges, [1.0]])
    rows = without + with_label
    stated: Floats = np.where(rows > 0, np.bincount(place, chance, _BINS) / np.maximum(rows, 1), (lower + upper) / 2)
    decided = np.concatenate([[False], edges >= threshold]).astype(np.float64)
    counts = np.stack([without, with_label]).astype(np.float64) + _PULL / _BINS
    return edges, counts[0], counts[1], stated, decided


def _folds(titles: NDArray[Any]) -> Ints:
    """Part the titles in folds of about equally many comments, the largest first."""
    _, number, sizes = np.unique(titles, return_inverse=True, return_counts=True)
    if len(sizes) < _FOLDS:
        raise ValueError(f"{len(sizes)} titles are too few to leave some out; give at least {_FOLDS}.")
    fold, load = np.zeros(len(sizes), np.int64), np.zeros(_FOLDS)
    for title in np.argsort(-sizes, kind="stable"):
        fold[title] = load.argmin()
        load[fold[title]] += sizes[title]
    return fold[number]


def _places(titles: NDArray[Any], sources: NDArray[Any]) -> list[Bools]:
    """Give the comments of each source, and of each title in a source, that are many enough to make a batch."""
    _, title = np.unique(titles, return_inverse=True)
    _, source = np.unique(sources, return_inverse=True)
    both = source * (title.max() + 1) + title
    rows = [kind == name for kind in (source, both) for name in np.unique(kind)]
    return [place for place in rows if place.sum() >= _LEAST]


def _plans(truth: Bools, places: list[Bools], random: np.random.Generator) -> Iterator[tuple[str, int, Floats]]:
    """Give the kind of each batch, the label planted (-1 where none is), and the chance ``(n,)`` to draw each row."""
    rows, labels = truth.sum(axis=0), truth.shape[1]
    for label in np.flatnonzero(np.minimum(rows, len(truth) - rows) >= _LEAST_PLANTED):
        having = truth[:, label]
        for share in random.uniform(0, _MOST_PLANTED, _BATCHES):
            yield "planted", int(label), np.where(having, share / rows[label], (1 - share) / (len(truth) - rows[label]))
    for _ in range(_BATCHES * labels if rows.any() else 0):
        pull = random.dirichlet(np.full(labels, 0.5)) + 1e-9
        mass = (truth * (pull / np.maximum(rows, 1))).sum(axis=1)
        yield "mixed", -1, mass / mass.sum()
    for index in random.integers(0, max(1, len(places)), _BATCHES * labels if places else 0):
        yield "natural", -1, places[index] / places[index].sum()


def _lessons(
    chances: Floats, truth: Bools, rates: MixRates, plans: list[tuple[str, int, Floats]], random: np.random.Generator
) -> _Lessons:
    """Draw the batches and read them with ``rates`` of the other titles."""
    size = (_SIZES[0] * (_SIZES[1] / _SIZES[0]) ** random.uniform(size=len(plans))).astype(np.int64)
    drawn = np.stack([random.multinomial(n, plan[2]) / n for n, plan in zip(size, plans, strict=True)])
    places = [
        np.searchsorted(edges, column, side="right") for edges, column in zip(rates.edges, chances.T, strict=True)
    ]
    histograms = np.stack([drawn @ np.eye(_BINS)[place] for place in places], axis=1)
    parts, misfit = readings(histograms, rates, size[:, None])
    kinds, labels = np.array([plan[0] for plan in plans]), np.array([plan[1] for plan in plans])
    true, weight = softened(np.clip(drawn @ truth, 0, 1)), _weights(kinds, labels, truth.shape[1])
    return _Lessons(parts, misfit, true, weight, size, kinds == "natural")


def _weights(kinds: NDArray[np.str_], labels: Ints, width: int) -> Floats:
    """Give ``(m, k)`` weights that sum, over a kind of batch, to what `_WEIGHTS` says."""
    weight = np.zeros((len(kinds), width))
    for kind in ("mixed", "natural"):
        weight[kinds == kind] = _WEIGHTS[kind] / max(1, (kinds == kind).sum()) / width
    planted = np.flatnonzero(kinds == "planted")
    weight[planted] = _WEIGHTS["others"] / max(1, len(planted)) / max(1, width - 1)
    weight[planted, labels[planted]] = _WEIGHTS["planted"] / max(1, len(planted))
    return weight


def _blend(lessons: _Lessons) -> Floats:
    """Give ``(k, 15)``: what all labels have in common, and the departure of each, drawn harder to 0."""
    known = terms(lessons.parts, lessons.misfit)
    common = _ridge(known.reshape(-1, _TERMS), lessons.truth.ravel(), lessons.weight.ravel(), _RIDGE)
    left = lessons.truth - known @ common
    columns = range(left.shape[1])
    return np.stack([common + _ridge(known[:, j], left[:, j], lessons.weight[:, j], _OWN_RIDGE) for j in columns])


def _ridge(known: Floats, target: Floats, weight: Floats, pull: float) -> Floats:
    weighed = known.T * (weight / weight.sum())
    found: Floats = np.linalg.solve(weighed @ known + pull * np.eye(known.shape[1]), weighed @ target)
    return found


def _spread(lessons: _Lessons, blend: Floats) -> Floats:
    """Give ``(k, 5)``: the most likely log-linear variance of normal errors, with a constant of each label's own."""
    odds = blended(lessons.parts, lessons.misfit, blend)
    known, squares = doubts(lessons.parts, lessons.misfit, odds), (odds - lessons.truth) ** 2 + 1e-4
    weight = lessons.weight * (lessons.size >= _LARGE)[:, None]
    weight /= weight.sum()
    labels = len(blend)

    def loss(point: Floats) -> tuple[float, Floats]:
        common, own = point[:_DOUBTS], point[_DOUBTS:]
        logs = known @ common + own
        ratio = squares * np.exp(-np.clip(logs, -12, 12))
        slope = weight * (1 - ratio)
        pull = _SPREAD_PULL / labels
        down = np.concatenate([np.einsum("mk,mkd->d", slope, known), slope.sum(axis=0) + 2 * pull * own])
        return float((weight * (ratio + logs)).sum() + pull * own @ own), down

    found = minimize(loss, np.zeros(_DOUBTS + labels), jac=True, method="L-BFGS-B").x
    spread = np.tile(found[:_DOUBTS], (labels, 1))
    spread[:, 0] += found[_DOUBTS:]
    standard = (squares / np.exp((known * spread).sum(axis=-1))).ravel()
    order = np.argsort(standard)
    judged = weight * lessons.plain[:, None] if (weight * lessons.plain[:, None]).any() else weight
    passed = np.cumsum(judged.ravel()[order])
    reached = np.searchsorted(passed, _INSIDE * passed[-1])
    spread[:, 0] += np.log(standard[order][min(reached, len(order) - 1)] / _Z**2)
    return spread
