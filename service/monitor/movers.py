"""Who moved a share: the circles, platforms and aspects that a rise comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from service.monitor.alerts import Share
from service.monitor.comments import F64, Bools
from service.monitor.intervals import Estimate, Z, share_of

MOST_MOVERS = 5

#: A group that makes up less of the rise is not worth a word.
_LEAST_PART = 0.05

#: A group of fewer comments tells nothing.
_LEAST_COMMENTS = 5


@dataclass(frozen=True, slots=True)
class Mover:
    """A group of comments before and after a change.

    ``before`` and ``after`` are its share of the comments, ``signal_before`` and ``signal_after`` the share of the
    alert's signal within it (say of negative ones), and ``part`` how much of the overall rise it makes up: 0.4 is that
    without what changed in it the rise would be 40 % smaller. The parts of platforms sum to 1; a comment may be of many
    circles and aspects or of none, so theirs need not.
    """

    name: str
    before: Share
    after: Share
    signal_before: Share
    signal_after: Share
    part: Estimate


def movers(
    before: F64, after: F64, groups_before: Mapping[str, Bools], groups_after: Mapping[str, Bools]
) -> list[Mover]:
    """Give the groups that make up most of the rise from the signals ``before`` ``(n,)`` to those ``after`` ``(m,)``.

    A group's part is the rise of the mean of (signal where of the group, else 0), by the rise of the mean signal; its
    interval that of Welch (1947, Biometrika 34:28) for the former. Groups whose interval holds 0 are left out.
    Where nothing was before, a group's part is that of the signal itself.
    """
    rise = _mean(after) - _mean(before)
    found = []
    for name, now in groups_after.items():
        then = groups_before.get(name, np.zeros(len(before), np.bool_))
        if rise > 0 and then.sum() + now.sum() >= _LEAST_COMMENTS:
            part = _part(before * then, after * now, rise)
            if part.sure and part.value >= _LEAST_PART:
                found.append(_mover(name, part, (before, then), (after, now)))
    return sorted(found, key=lambda each: (-each.part.value, each.name))[:MOST_MOVERS]


def _part(before: F64, after: F64, rise: float) -> Estimate:
    change = _mean(after) - _mean(before)
    error = Z * sqrt(sum(_variance(side) / len(side) for side in (before, after) if len(side)))
    return Estimate(change / rise, (change - error) / rise, (change + error) / rise)


def _mean(values: F64) -> float:
    return float(values.mean()) if len(values) else 0.0


def _variance(values: F64) -> float:
    """Give the variance, never 0: a group that was not there before has an error all the same."""
    mean = _mean(values)
    return (float(((values - mean) ** 2).sum()) + mean * (1 - mean)) / len(values)


def _mover(name: str, part: Estimate, before: tuple[F64, Bools], after: tuple[F64, Bools]) -> Mover:
    (old, then), (new, now) = before, after
    count_then, count_now = float(then.sum()), float(now.sum())
    return Mover(
        name,
        share_of(count_then, count_then, len(then)),
        share_of(count_now, count_now, len(now)),
        mean_share(old[then]),
        mean_share(new[now]),
        part,
    )


def mean_share(signal: F64) -> Share:
    """Give the mean of signals as a share with its interval."""
    return share_of(float(signal.sum()), float((signal * signal).sum()), len(signal))
