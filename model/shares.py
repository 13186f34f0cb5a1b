"""Shares of labels among comments, corrected for the model's own error (prevalence estimation), with intervals.

Counting what the model decides understates a label that fills a batch, for it misses a third of its comments; the mean
chance understates it more. Undoing the error rates known from elsewhere (maximum likelihood under label shift: Saerens,
Latinne and Decaestecker 2002, Neural Computation 14:21) is right where only the shares differ, and far too high where
the subject itself sounds like the label, as in most talk about one title. So the three readings are blended by how far
they part and how badly label shift explains the scores; `training.prevalence` learns how, from left-out titles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.metrics import Floats, Ints

_PREFIX = "mix_"
_Z = 1.959964  # two-sided 95 %
_DRAWS = 200
_SOFT = 0.002  # keeps the log odds of an empty share finite
_HALVINGS = 26
_UNSEEN = 2  # comments added, half of them with the label: none found in a few is not none at large


@dataclass(frozen=True, slots=True)
class MixRates:
    """What the correction of ``k`` labels needs to know, in ``b`` bins of the stated chance.

    ``edges`` ``(k, b - 1)`` part the bins; ``without`` and ``having`` ``(k, b)`` count the comments learned from,
    without and with the label; ``stated`` ``(k, b)`` is their mean chance, ``decided`` ``(k, b)`` is 1 above the
    threshold, else 0; ``blend`` ``(k, 15)`` weighs the `terms` and ``spread`` ``(k, 5)`` the `doubts`.
    """

    edges: Floats
    without: Floats
    having: Floats
    stated: Floats
    decided: Floats
    blend: Floats
    spread: Floats

    def of(self, label: int) -> MixRates:
        """Give the rates of one label alone."""
        one = slice(label, label + 1)
        return MixRates(**{field.name: getattr(self, field.name)[one] for field in fields(self)})

    def as_arrays(self) -> dict[str, Floats]:
        """Give the arrays under the names of a model folder, ``mix_edges`` and so on."""
        return {_PREFIX + field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def are_in(cls, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """Tell whether a folder holds rates."""
        return all(_PREFIX + field.name in arrays for field in fields(cls))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> MixRates:
        """Read what `as_arrays` gave, among whatever else a folder holds. Raises KeyError where one is missing."""
        return cls(**{field.name: np.asarray(arrays[_PREFIX + field.name], np.float64) for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of each label with its 95 % interval, ``(k,)`` in [0, 1]; ``odds`` and their ``error`` to simulate."""

    value: Floats
    low: Floats
    high: Floats
    odds: Floats
    error: Floats


def bin_chances(chances: ArrayLike, rates: MixRates, weights: ArrayLike | None = None) -> Floats:
    """Give ``(k, b)`` the comments, or the sum of their ``weights`` ``(n,)``, in each bin of each label.

    That is all an estimate needs, and counts of parts of a batch add up to those of the whole.

    Raises ValueError for chances outside [0, 1] and for shapes that do not fit.
    """
    known = np.asarray(chances, np.float64)
    if known.ndim != 2 or known.shape[1] != len(rates.edges):
        raise ValueError(f"Chances of shape {known.shape} came with the rates of {len(rates.edges)} labels.")
    if not ((known >= 0) & (known <= 1)).all():
        raise ValueError("Chances must lie in [0, 1]; give probabilities, without gaps.")
    bins, columns = rates.edges.shape[1] + 1, np.ascontiguousarray(known.T)
    places = (np.searchsorted(each, column, side="right") for each, column in zip(rates.edges, columns, strict=True))
    return np.stack([np.bincount(place, weights, bins) for place in places]).astype(np.float64)


def shares_of_bins(counts: Floats, rates: MixRates, size: float) -> Shares:
    """Give the share of each of ``k`` labels among comments that lie in the bins as ``counts`` ``(k, b)`` say.

    ``size`` is how many independent comments they are worth. The interval holds which comments were sampled and the
    error of the rates (simulated, with a fixed seed), and what differs between sources beyond that.

    Raises ValueError where nothing was counted.
    """
    if not counts.sum():
        raise ValueError("An empty batch has no shares; give at least one comment.")
    histogram = _normal(counts)
    parts, misfit = readings(histogram, rates, size)
    odds = blended(parts, misfit, rates.blend)
    between = np.exp(np.clip((doubts(parts, misfit, odds) * rates.spread).sum(axis=-1), -12, 4))
    error = np.sqrt(_sampled(histogram, rates, misfit, size) + between)
    return Shares(share_of_odds(odds), share_of_odds(odds - _Z * error), share_of_odds(odds + _Z * error), odds, error)


def estimate_shares(
    chances: ArrayLike, rates: MixRates, weights: ArrayLike | None = None, *, groups: Ints | None = None
) -> Shares:
    """Give the share of each of ``k`` labels among comments with ``chances`` ``(n, k)``; see `shares_of_bins`.

    ``weights`` ``(n,)`` weigh the comments; comments of one of ``groups`` ``(n,)`` (numbered from 0) count as one draw,
    for one busy author is no crowd.

    Raises ValueError for an empty batch, for weights below 0 or all 0, and as `bin_chances` does.
    """
    weighed = np.ones(len(np.asarray(chances))) if weights is None else np.asarray(weights, np.float64)
    counts = bin_chances(chances, rates, weighed)
    if len(weighed) and (not (weighed >= 0).all() or not 0 < weighed.sum() < np.inf):
        raise ValueError(f"{len(weighed)} comments need as many weights, none below 0 and one above.")
    sums = weighed if groups is None else np.bincount(groups, weighed)
    return shares_of_bins(counts, rates, float(sums.sum() ** 2 / max((sums**2).sum(), 1e-300)))


def readings(histogram: Floats, rates: MixRates, size: ArrayLike) -> tuple[Floats, Floats]:
    """Give the parts ``(..., k, 3)`` of the blend and the misfit ``(..., k)`` of the bin shares of ``size`` comments.

    The parts are log odds: of the most likely share under label shift, of the mean chance, of the share decided. The
    misfit is the root of the divergence of the scores from that most likely mixture, less what chance makes of it.
    """
    likeliest = _likeliest(histogram, rates.without, rates.having)
    share = likeliest[..., None]
    fitted = share * _normal(rates.having) + (1 - share) * _normal(rates.without)
    divergence = (histogram * np.log(np.where(histogram > 0, histogram, fitted) / fitted)).sum(axis=-1)
    chance = (histogram.shape[-1] - 2) / (2 * np.asarray(size))
    return _parts(histogram, likeliest, rates), np.sqrt(np.maximum(divergence - chance, 0))


def blended(parts: Floats, misfit: Floats, blend: Floats) -> Floats:
    """Give ``(..., k)`` the log odds of the corrected share, kept between the least and the greatest part."""
    odds = (terms(parts, misfit) * blend).sum(axis=-1)
    bounded: Floats = np.clip(odds, parts.min(axis=-1), parts.max(axis=-1))
    return bounded


def terms(parts: Floats, misfit: Floats) -> Floats:
    """Give ``(..., 15)`` the terms of the blend: 1, the three parts and the misfit, and their ten products."""
    known = np.concatenate([parts, np.broadcast_to(misfit, parts.shape[:-1])[..., None]], axis=-1)
    first, second = np.triu_indices(known.shape[-1])
    return np.concatenate([np.ones((*known.shape[:-1], 1)), known, known[..., first] * known[..., second]], axis=-1)


def doubts(parts: Floats, misfit: Floats, odds: Floats) -> Floats:
    """Give ``(..., 5)`` the terms of the log variance between sources: 1, odds, odds^2 / 10, misfit, disagreement."""
    gap = parts.max(axis=-1) - parts.min(axis=-1)
    return np.stack([np.ones_like(odds), odds, odds**2 / 10, misfit, gap], axis=-1)


def softened(share: ArrayLike) -> Floats:
    """Give the log odds of a share, finite at 0 and 1."""
    known = np.asarray(share, np.float64)
    odds: Floats = np.log((known + _SOFT) / (1 + _SOFT - known))
    return odds


def share_of_odds(odds: Floats) -> Floats:
    """Give the share of log odds: `softened` undone, within [0, 1]."""
    share: Floats = np.clip((1 + 2 * _SOFT) / (1 + np.exp(-odds)) - _SOFT, 0, 1)
    return share


def _parts(histogram: Floats, likeliest: Floats, rates: MixRates) -> Floats:
    counted = [(histogram * each).sum(axis=-1) for each in (rates.stated, rates.decided)]
    return softened(np.stack([likeliest, *counted], axis=-1))


def _likeliest(histogram: Floats, without: Floats, having: Floats) -> Floats:
    """Give the share t that makes bin shares of t * having + (1 - t) * without most likely, by bisection."""
    gain = _normal(having) / _normal(without) - 1
    low = np.zeros(np.broadcast_shapes(histogram.shape, gain.shape)[:-1])
    high = np.ones_like(low)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rising = (histogram * gain / (1 + middle[..., None] * gain)).sum(axis=-1) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    share: Floats = (low + high) / 2
    return share


def _sampled(histogram: Floats, rates: MixRates, misfit: Floats, size: float) -> Floats:
    """Give ``(k,)`` the variance of the log odds over resampled comments and rates, the misfit held."""
    random, draws = np.random.default_rng(0), max(1, round(size))
    unseen = (_normal(rates.without) + _normal(rates.having)) / 2
    likely = (draws * histogram + _UNSEEN * unseen) / (draws + _UNSEEN)
    drawn = random.multinomial(draws, likely, (_DRAWS, len(histogram))) / draws
    shape = _DRAWS, *histogram.shape
    without, having = (np.maximum(random.gamma(side, size=shape), 1e-9) for side in (rates.without, rates.having))
    parts = _parts(drawn, _likeliest(drawn, without, having), rates)
    variance: Floats = blended(parts, misfit, rates.blend).var(axis=0)
    return variance


def _normal(counts: Floats) -> Floats:
    shares: Floats = counts / counts.sum(axis=-1, keepdims=True)
    return shares
