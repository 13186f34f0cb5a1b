"""Where the share of something in a sequence changed, found afterwards: the exact best division into steady parts."""

from __future__ import annotations

from math import ceil, log

import numpy as np
from scipy.special import xlogy

from service.monitor.comments import F64, Bools, Ints

#: Places where a change may lie. Longer sequences are divided at every second, third ... comment only.
_MOST_PLACES = 8_192

#: What one change more costs, in units of log n: the Bayesian information criterion's halves for a place and a share.
_PENALTY = 1.0


def steady_parts(marked: Bools, least: int) -> Ints:
    """Give the bounds ``(k + 1,)`` of the ``k`` parts within which the share of marks is steady, 0 and n among them.

    Optimal partitioning (Jackson et al. 2005, IEEE Signal Processing Letters 12:105) of independent marks: the parts,
    of ``least`` comments at least, that make the marks likeliest, each change paid for
    by log n, which is the Bayesian information criterion (Yao 1988, Statistics & Probability Letters 6:181).

    >>> steady_parts(np.arange(400) >= 300, least=30).tolist()
    [0, 300, 400]
    """
    n = len(marked)
    step = max(1, ceil(n / _MOST_PLACES))
    places = np.append(np.arange(0, n, step, dtype=np.int64), n)
    sums = np.append(0, np.cumsum(marked, dtype=np.int64))[places]
    best, previous = np.full(len(places), np.inf), np.zeros(len(places), np.int64)
    price = _PENALTY * log(max(n, 2))
    best[0] = -price
    for end in range(1, len(places)):
        fit = int(np.searchsorted(places, places[end] - least, side="right"))
        if not fit:
            continue
        costs = best[:fit] + _cost(sums[end] - sums[:fit], places[end] - places[:fit]) + price
        previous[end] = start = int(np.argmin(costs))
        best[end] = costs[start]
    if not np.isfinite(best[-1]):  # shorter than one part
        return np.array([0, n], np.int64)
    bounds = [len(places) - 1]
    while bounds[-1]:
        bounds.append(int(previous[bounds[-1]]))
    return places[bounds[::-1]]


def _cost(marks: Ints, lengths: Ints) -> F64:
    """Give minus the log-likelihood of parts with so many marks, at their own share."""
    rest = lengths - marks
    cost: F64 = xlogy(lengths, lengths) - xlogy(marks, marks) - xlogy(rest, rest)
    return cost
