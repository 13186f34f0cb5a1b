"""Signals: what the watches of a stream are fed, one number in [0, 1] a comment and watch.

``negative`` is the chance that a comment is negative, as it is where negative ones are as rare as under most works: the
model's probability with its odds shifted from the labelled comments, picked to hold many of them, to that prior
(Saerens, Latinne and Decaestecker 2002). With it the bets of the detectors are near the likelihood ratio, which
no test can beat. ``exit`` is the chance of telling others off or wanting the money back, ``marketing`` that of negative
talk about how the work is sold, a circle's the chance that the comment speaks from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from service.monitor.baseline import Prior
from service.monitor.comments import F32, F64, NEGATIVE, Bools, Ints, ScoredComments
from service.monitor.expectations import Expectations
from service.monitor.loops import compiled
from service.monitor.watch import Watch

if TYPE_CHECKING:
    from model.shares import MixRates

# The columns of the panel that every comment is fed to; the circles' shares follow, then the platforms.
OVERALL, OPENING, EXIT, MARKETING, COPIES, BREAKOUT, WOMEN, CIRCLES = range(8)

_ODDS_SHIFT = 0.4

# Priors: means and strengths over the 459 pairs of work and platform of the training corpora with 80 comments or more.
_NEGATIVE = Prior(0.19, strength=4, learn=32, margin=0.005, least=0.02, spread=0.45)
_PART_OF_STREAM = Prior(0.18, strength=8, learn=32, margin=0.03, least=0.05, spread=0.45)
_OPENING = Prior(0.35, strength=1, learn=0, fixed=True)

#: Nine works of ten have a smaller share of negative comments; `_OPENING` is the same share as the signal shows it.
OPENING_SHARE = 0.472
_EXIT = Prior(0.0015, strength=400, learn=100, margin=0.01, least=0.03)
_MARKETING = Prior(0.007, strength=60, learn=100, margin=0.015, least=0.03)
_COPIES = Prior(0.01, strength=100, learn=50, margin=0.05, least=0.1, spread=1)
_BREAKOUT = Prior(0.1, strength=10, learn=300, margin=0.03, least=0.05)
_WOMEN = Prior(0.5, strength=2, learn=100, margin=0.05, least=0.05, spread=1)
_CIRCLE = Prior(0.02, strength=20, learn=200, margin=0.015, least=0.03)

# Which part of the false alarms of a stream each may have; together at most 1. The negative share has little: it is the
# one whose alarm wakes people, and the more evidence is asked, the less an unlucky baseline can do.
_PARTS = {OVERALL: 0.075, EXIT: 0.05, MARKETING: 0.05, COPIES: 0.1, BREAKOUT: 0.1, WOMEN: 0.05}
_PART_OF_CIRCLES, _PART_OF_PLATFORMS, _PART_OF_CIRCLES_NEGATIVE = 0.15, 0.1, 0.1

#: A work is opening for so many comments, in which `poor_opening` comes by chance in one of a hundred works at most.
OPENING_COMMENTS = 300
_OPENING_CHANCE = 0.01


def watches_of_all(circles: Sequence[str], expected: Expectations, rates: MixRates | None) -> list[Watch]:
    """Give the watches that every comment is fed to, in the order of the columns, without platforms."""
    opening = _OPENING_CHANCE * expected.comments_between_false_alarms / OPENING_COMMENTS
    women = _WOMEN if expected.women is None else Prior(expected.women, strength=1, learn=0, fixed=True)
    means = {} if rates is None else stated_shares(circles, expected.mix, rates)
    return [
        Watch("backlash", {"signal": "negative"}, _NEGATIVE, _PARTS[OVERALL]),
        Watch("poor_opening", {"signal": "negative"}, _OPENING, opening),
        Watch("backlash", {"signal": "exit"}, _EXIT, _PARTS[EXIT]),
        Watch("backlash", {"signal": "marketing"}, _MARKETING, _PARTS[MARKETING]),
        Watch("coordinated", {"signal": "copies"}, _COPIES, _PARTS[COPIES]),
        Watch("breakout", {"signal": "non_core"}, _BREAKOUT, _PARTS[BREAKOUT], "info"),
        Watch("circle_rise", {"signal": "women"}, women, _PARTS[WOMEN], "info"),
        *(
            Watch(
                "circle_rise",
                {"signal": "circle", "circle": circle},
                Prior(means[circle], strength=1, learn=0, fixed=True) if circle in means else _CIRCLE,
                _PART_OF_CIRCLES / len(circles),
                "info",
            )
            for circle in circles
        ),
    ]


def watches_of_circles(circles: Sequence[str]) -> list[Watch]:
    """Give the watches for negative comments within each circle."""
    part = _PART_OF_CIRCLES_NEGATIVE / max(1, len(circles))
    return [Watch("backlash", {"signal": "negative", "circle": circle}, _PART_OF_STREAM, part) for circle in circles]


def watch_of_platform(platform: str, place: int, mean: float) -> Watch:
    """Give the watch for negative comments on the ``place``-th platform of a stream, whose mean so far is known."""
    prior = _NEGATIVE if place == 0 else Prior(mean, _PART_OF_STREAM.strength, _NEGATIVE.learn, _NEGATIVE.margin)
    return Watch(
        "backlash", {"signal": "negative", "platform": platform}, prior, _PART_OF_PLATFORMS * 0.5 ** (place + 1)
    )


def signals_of(comments: ScoredComments) -> F64:
    """Give ``(n, CIRCLES + n_circles)`` the columns of the panel that every comment is fed to, up to the circles.

    Those that take more than the comment itself, `COPIES` and `BREAKOUT`, are 0; `WOMEN` is NaN where no gender is
    declared.
    """
    columns = np.zeros((len(comments), CIRCLES + len(comments.names.circles)))
    negative = negative_of(comments)
    columns[:, OVERALL] = columns[:, OPENING] = negative
    columns[:, EXIT] = exit_of(comments)
    columns[:, MARKETING] = _about_marketing(comments) * negative
    women, declared = women_of(comments)
    columns[:, WOMEN] = np.where(declared > 0, women, np.nan)
    columns[:, CIRCLES:] = comments.circles
    return columns


def negative_of(comments: ScoredComments) -> F64:
    """Give ``(n,)`` the negative signal."""
    chance = comments.polarity[:, NEGATIVE].astype(np.float64)
    odds = _ODDS_SHIFT * chance
    shifted: F64 = odds / (odds + 1 - chance)
    return shifted


def exit_of(comments: ScoredComments) -> F64:
    """Give ``(n,)`` the chance of dissuading or wanting the money back."""
    return _chances(comments, ("dissuade", "refund"))


def marketing_of(comments: ScoredComments) -> F64:
    """Give ``(n,)`` the chance of negative talk about marketing."""
    return _about_marketing(comments) * negative_of(comments)


def outside_of(comments: ScoredComments, core: Sequence[str]) -> F64:
    """Give ``(n,)`` the chance of the likeliest circle that is not in the core."""
    return likeliest(comments.circles, outer_circles(comments.names.circles, tuple(core)))


@lru_cache(maxsize=4096)
def outer_circles(circles: tuple[str, ...], core: tuple[str, ...]) -> Ints:
    """Give the columns of the circles that are not in the core."""
    return np.array([place for place, circle in enumerate(circles) if circle not in core], np.int64)


def likeliest(chances: F32 | F64, columns: Ints) -> F64:
    """Give ``(n,)`` the greatest of a comment's ``chances`` ``(n, k)`` in some columns, 0 where there are none."""
    if not len(columns):
        return np.zeros(len(chances))
    greatest: F64 = chances[:, columns].max(axis=1).astype(np.float64)
    return greatest


def women_of(comments: ScoredComments) -> tuple[F64, F64]:
    """Give ``(n,)`` 1 where the author is a woman, and ``(n,)`` 1 where a gender is declared."""
    women = np.array([gender == "female" for gender in comments.gender], np.float64)
    declared = np.array([gender in ("female", "male") for gender in comments.gender], np.float64)
    return women, declared


@compiled
def spread(
    signals: F64,
    weights: F64,
    copies: Bools,
    columns: Ints,
    first: int,
    outer: Ints,
    opens: bool,
    with_core: bool,
    shown: F64,
    counts: F64,
) -> None:
    """Let ``shown`` and ``counts`` ``(n, k)`` take the signals and weights of the watches every comment is fed to.

    ``signals`` are those of `signals_of`. The platforms' watches are from ``first`` on, and a comment's own is the one
    in ``columns`` ``(n,)``. ``outer`` are the circles outside the core, and there is no breakout where it has none.
    """
    for row in range(len(signals)):
        weight = weights[row]
        for column in range(first):
            shown[row, column], counts[row, column] = signals[row, column], weight
        shown[row, COPIES], counts[row, COPIES] = copies[row], 1.0
        if not opens:
            counts[row, OPENING] = 0.0
        if isnan(signals[row, WOMEN]):
            shown[row, WOMEN], counts[row, WOMEN] = 0.0, 0.0
        if not with_core:
            counts[row, BREAKOUT] = 0.0
        for circle in outer:
            shown[row, BREAKOUT] = max(shown[row, BREAKOUT], signals[row, CIRCLES + circle])
        for column in range(first, shown.shape[1]):
            shown[row, column] = signals[row, OVERALL]
            counts[row, column] = weight if column == columns[row] else 0.0


def stated_shares(circles: Sequence[str], mix: Mapping[str, float], rates: MixRates) -> dict[str, float]:
    """Give the mean chance that the model states of each circle of ``mix`` when its true share is as given there."""
    having, without = (
        (side / side.sum(axis=1, keepdims=True) * rates.stated).sum(axis=1) for side in (rates.having, rates.without)
    )
    return {
        circle: float(share * having[place] + (1 - share) * without[place])
        for place, circle in enumerate(circles)
        if (share := mix.get(circle)) is not None
    }


def _about_marketing(comments: ScoredComments) -> F64:
    return _chances(comments, ("marketing",))


def _chances(comments: ScoredComments, facets: Sequence[str]) -> F64:
    known = [comments.names.all.index(facet) for facet in facets if facet in comments.names.all]
    return likeliest(comments.facets, np.array(known, np.int64))
