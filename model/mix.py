"""The audience mix of a batch of comments: which circles speak in it, each share corrected and with its interval."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from model.facets import FacetScores
from model.metrics import Estimate, Floats, Ints
from model.shares import MixRates, Shares, bin_chances, estimate_shares, share_of_odds, shares_of_bins

_MIX_DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Mix:
    """The audience of a batch; every figure with its 95 % interval.

    ``shares`` is the share of comments that speak from each circle (one may speak from several), ``none`` of those that
    speak from none; ``by_author`` the same with one vote an author, None where no authors were given. ``lift`` is
    share / expected * 100 (TGI; 100 is as expected) of the circles with an expectation. ``effective`` is the effective
    number of circles: exp of the entropy of the shares normalised over circles.
    """

    comments: int
    authors: int | None
    shares: dict[str, Estimate]
    by_author: dict[str, Estimate] | None
    lift: dict[str, Estimate]
    none: Estimate
    effective: Estimate


def audience_mix(
    scores: FacetScores,
    *,
    authors: Sequence[Hashable | None] | None = None,
    expected: Mapping[str, float] | None = None,
) -> Mix:
    """Give the audience mix of scored comments (``Scorer.score(texts).facets``).

    ``authors`` names who wrote each comment, None being an author of their own. An author's vote is the mean of their
    comments, not `any` of them: the correction is learned on comments and holds for means, while under `any` one false
    alarm among fifty comments would decide. ``expected`` holds the share each circle was expected to have.

    Raises ValueError for an empty batch, for a model without rates, and for an expected share that is no circle's or
    not in (0, 1].

    >>> from model import Scorer
    >>> mix = audience_mix(Scorer.load().score(["作画崩了，声优也不行", "好看"] * 50).facets, expected={"anime": 0.2})
    >>> mix.comments, max(mix.shares, key=lambda circle: mix.shares[circle].value)
    (100, 'anime')
    """
    rates = known_rates(scores)
    chances = with_none(scores.circle_chances)
    who = None if authors is None else _numbered(authors, len(chances))
    shares = estimate_shares(chances, rates, groups=who)
    single = None if who is None else estimate_shares(chances, rates, 1 / np.bincount(who)[who], groups=who)
    return _mix(scores.names.circles, len(chances), shares, expected or {}, who, single)


def count_for_mix(scores: FacetScores) -> Floats:
    """Give the counts ``(n_circles + 1, b)`` from which `mix_of_counts` tells the mix; those of parts add up."""
    return bin_chances(with_none(scores.circle_chances), known_rates(scores))


def mix_of_counts(
    counts: Floats, rates: MixRates, names: Sequence[str], expected: Mapping[str, float] | None = None
) -> Mix:
    """Give the audience mix of all comments counted by `count_for_mix`, each an author of its own."""
    comments = float(counts[0].sum())
    return _mix(names, round(comments), shares_of_bins(counts, rates, comments), expected or {})


def known_rates(scores: FacetScores) -> MixRates:
    """Give the rates of the model that scored. Raises ValueError where it has none."""
    if scores.rates is None:
        raise ValueError("This model knows no rates to correct shares by; train it again with this poquan.")
    return scores.rates


def _mix(
    names: Sequence[str],
    comments: int,
    shares: Shares,
    expected: Mapping[str, float],
    who: Ints | None = None,
    single: Shares | None = None,
) -> Mix:
    _check_expected(expected, names)
    *circles, none = _estimates(shares)
    found = dict(zip(names, circles, strict=True))
    return Mix(
        comments=comments,
        authors=None if who is None else int(who.max()) + 1,
        shares=found,
        by_author=None if single is None else dict(zip(names, _estimates(single)[:-1], strict=True)),
        lift={name: _scaled(found[name], 100 / share) for name, share in expected.items()},
        none=none,
        effective=_effective(shares.odds[:-1], shares.error[:-1]),
    )


def with_none(chances: ArrayLike) -> Floats:
    """Give ``(n, k + 1)``: chances (or truths, 0 or 1) and, last, that of no label, the product of their complements.

    >>> with_none([[0.5, 0.5], [0.0, 0.0]]).tolist()
    [[0.5, 0.5, 0.25], [0.0, 0.0, 1.0]]
    """
    known = np.asarray(chances, np.float64)
    if known.ndim != 2:
        raise ValueError(f"Chances of shape {known.shape} are no batch; give (comments, labels).")
    return np.concatenate([known, np.prod(1 - known, axis=1, keepdims=True)], axis=1)


def _estimates(shares: Shares) -> list[Estimate]:
    return [Estimate(*row) for row in np.stack([shares.value, shares.low, shares.high], axis=1).tolist()]


def _scaled(share: Estimate, factor: float) -> Estimate:
    return Estimate(share.value * factor, share.low * factor, share.high * factor)


def _effective(odds: Floats, error: Floats) -> Estimate:
    """Give the effective number of circles; the interval takes the errors of circles as independent."""
    drawn = odds + error * np.random.default_rng(0).standard_normal((_MIX_DRAWS, len(odds)))
    value = float(_perplexity(share_of_odds(odds)))
    low, high = np.quantile(_perplexity(share_of_odds(drawn)), [0.025, 0.975])
    return Estimate(value, min(value, float(low)), max(value, float(high)))


def _perplexity(shares: Floats) -> Floats:
    kept = np.maximum(shares, 1e-12)
    known = kept / kept.sum(axis=-1, keepdims=True)
    number: Floats = np.exp(-(known * np.log(known)).sum(axis=-1))
    return number


def _numbered(authors: Sequence[Hashable | None], comments: int) -> Ints:
    """Number the authors from 0, each None anew."""
    if len(authors) != comments:
        raise ValueError(f"{comments} comments came with {len(authors)} authors; give one (or None) a comment.")
    seen: dict[Hashable, int] = {}
    keys = ((index, None) if author is None else (author,) for index, author in enumerate(authors))
    return np.array([seen.setdefault(key, len(seen)) for key in keys], np.int64)


def _check_expected(expected: Mapping[str, float], names: Sequence[str]) -> None:
    for name, share in expected.items():
        if name not in names:
            raise ValueError(f"{name!r} is expected but is no circle; there are {', '.join(names)}.")
        if not 0 < share <= 1:
            raise ValueError(f"The expected share of {name!r} is {share!r}; it must be above 0 and at most 1.")
