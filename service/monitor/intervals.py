"""Shares of comments told from probabilities, and changes of shares, each with its 95 % interval.

The intervals hold the chance of which comments came in, each an independent draw of calibrated probabilities. They do
not hold the errors of a model that is off on this work, nor that comments of one thread are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

from service.monitor.alerts import Share

#: Two-sided 95 %.
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def share_of(total: float, squares: float, comments: float) -> Share:
    """Give the share that ``comments`` probabilities with the sum ``total`` and the sum of ``squares`` tell of.

    It is Wilson's interval (1927, JASA 22:209) at the effective count ``comments * p(1 - p) / variance``: sure
    yes-or-no answers count once each, probabilities that hardly differ carry less sampling error and count for more.
    The variance is estimated with two comments' worth of ``p(1 - p)`` put to it, so that few comments that happen to
    agree do not look sure. Without comments the share is 0, its interval [0, 1].

    >>> share = share_of(30, 30, 100)
    >>> share.value, round(share.low, 2), round(share.high, 2)
    (0.3, 0.22, 0.4)
    """
    if comments <= 0:
        return Share(0.0, 0.0, 1.0, 0.0)
    share = min(1.0, max(0.0, total / comments))
    most = share * (1 - share)
    spread = max(0.0, squares - comments * share * share)
    variance = min(most, (spread + 2 * most) / (comments + 2))
    count = comments * most / variance if variance > 0 else comments
    low, high = wilson(share, count)
    return Share(share, low, high, float(comments))


def wilson(share: float, count: float) -> tuple[float, float]:
    """Give Wilson's 95 % interval of a share of ``count`` independent comments.

    >>> [round(end, 3) for end in wilson(0.0, 10)]
    [0.0, 0.278]
    """
    if count <= 0:
        return 0.0, 1.0
    square = Z * Z
    centre = (share + square / (2 * count)) / (1 + square / count)
    margin = Z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return max(0.0, min(share, centre - margin)), min(1.0, max(share, centre + margin))


def difference(before: Share, after: Share) -> Estimate:
    """Give how a share changed between two independent sets of comments (Newcombe 1998, Stat. Med. 17:873, method 10).

    >>> change = difference(Share(0.2, 0.1, 0.3, 60), Share(0.6, 0.5, 0.7, 90))
    >>> round(change.value, 2), round(change.low, 2), change.sure
    (0.4, 0.26, True)
    """
    value = after.value - before.value
    low = value - hypot(after.value - after.low, before.high - before.value)
    high = value + hypot(after.high - after.value, before.value - before.low)
    return Estimate(value, max(-1.0, low), min(1.0, high))
