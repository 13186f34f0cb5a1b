"""Baselines: the share each signal has while nothing is wrong, learned from the stream's own quiet part.

The estimate starts from a prior (what works are like) worth a few comments and moves with the comments of the stream;
detectors are given its upper confidence bound, so that a baseline of few comments does not make false alarms. Comments
since a detector's last zero may belong to a change that is not yet told: they wait, and enter the baseline only when
the detector is back at zero. So an episode never teaches the baseline what is normal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from service.monitor.comments import F64, Bools

_LEARNED = ("total", "count", "waiting_total", "waiting_count")
_MOST = 0.98  # of a bound: above it no rise can be told

# A change that matters is told within this many times the comments of the baseline; what is not is an error of it.
_DOUBT = 2.0

# The bound lies one standard error above the mean, and more while the baseline is of few comments: nothing corrects an
# unlucky beginning, since what follows seems a change. At so many comments it lies two above.
_FEW = 60.0


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of a signal before the stream: its ``mean``, worth ``strength`` comments.

    Nothing is told before ``learn`` comments of the stream. A rise below ``margin`` (absolute) is no matter, and a
    share below ``least`` is none. ``spread`` is the variance of the signal as a part of that of yes and no with its
    mean: 1 where it is just that, less for chances. With ``fixed`` the mean is the bound itself; nothing is learned.
    """

    mean: float
    strength: float
    learn: int = 40
    margin: float = 0.02
    least: float = 0.02
    spread: float = 0.35
    fixed: bool = False


class Baselines:
    """The baselines of as many signals as there are priors.

    ``total`` and ``count`` ``(k,)`` are the weighted sum and number of comments learned from, ``waiting_total`` and
    ``waiting_count`` of those that wait. ``mean`` ``(k,)`` are the shares as estimated, ``bound`` those that detectors
    take for normal at most, and ``learned`` tells which are known well enough to tell a rise.
    """

    def __init__(self, priors: Sequence[Prior]) -> None:
        size = len(priors)
        self.total, self.count = np.zeros(size), np.zeros(size)
        self.waiting_total, self.waiting_count = np.zeros(size), np.zeros(size)
        self._set(priors)

    @property
    def outwaited(self) -> Bools:
        """``(k,)`` where so many wait without an alarm that it must be the baseline that was off, not the share."""
        doubted: Bools = self.waiting_count > _DOUBT * (self._strength + self.count)
        return doubted

    def settle(self, column: int) -> None:
        """Take what waits into the baseline."""
        self.total[column] += self.waiting_total[column]
        self.count[column] += self.waiting_count[column]
        self.drop_waiting(column)

    def drop_waiting(self, column: int) -> None:
        """Forget what waits: it belonged to an episode."""
        self.waiting_total[column], self.waiting_count[column] = 0, 0
        self._estimate()

    def restart(self, column: int) -> None:
        """Take what waits for the new normal."""
        self.total[column], self.count[column] = self.waiting_total[column], self.waiting_count[column]
        self.drop_waiting(column)

    def extend(self, priors: Sequence[Prior]) -> None:
        """Have these priors, the first ones those that were there."""
        more = len(priors) - len(self.total)
        for name in _LEARNED:
            setattr(self, name, np.pad(getattr(self, name), (0, more)))
        self._set(priors)

    def state(self) -> dict[str, F64]:
        """Give all that was learned."""
        return {name: getattr(self, name) for name in _LEARNED}

    def restore(self, state: Mapping[str, F64]) -> None:
        """Go on from a state of as many baselines."""
        for name in _LEARNED:
            setattr(self, name, state[name])
        self._estimate()

    def _estimate(self) -> None:
        comments = self._strength + self.count
        self.mean: F64 = np.where(self._fixed, self._prior, (self._strength * self._prior + self.total) / comments)
        error = np.sqrt(self._spread * self.mean * (1 - self.mean) / comments) * (1 + _FEW / comments)
        known = np.maximum(self.mean + error + self._margin, self._least)
        self.bound: F64 = np.minimum(np.where(self._fixed, self._prior, known), _MOST)
        self.learned: Bools = (self.count + self.waiting_count >= self._learn) | self._fixed

    def _set(self, priors: Sequence[Prior]) -> None:
        columns = np.array([(p.mean, p.strength, p.learn, p.margin, p.least, p.spread, p.fixed) for p in priors])
        self._prior, self._strength, self._learn, self._margin, self._least, self._spread, fixed = (
            columns.astype(np.float64).reshape(-1, 7).T
        )
        self._fixed = fixed > 0
        self._estimate()
