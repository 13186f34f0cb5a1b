"""A bank of sequential detectors: has the mean of a signal risen above its baseline?

Each detector watches one signal x in [0, 1] whose mean stays at most m while nothing is wrong. A bet of size g on each
comment multiplies by ``1 + w g (x / m - 1)``, at most 1 on average while the mean is at most m, however the comments
depend on each other (w in [0, 1] is the comment's weight). Mixed Shiryaev-Roberts sums of such bets,

    M[t] = (1 + M[t - 1]) * (1 + w g (x / m - 1)),    S[t] = mean of M[t] over the sizes g,

are an e-detector (Shin, Ramdas and Rinaldo 2023, "E-detectors"): an alarm at S >= A comes at A comments or later on
average. Of many detectors each may have its part p of the false alarms, by the threshold A / p; theirs add up to at
most one in A comments. The bet that mirrors Page's CUSUM (1954) with the middle g tells since when: its last zero is
the estimated onset.

The guarantee holds where m is truly no less than the mean. `service.monitor.baseline` estimates m.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from service.monitor.comments import F64

#: Sizes of the bets. A rise of the mean from m to m + (1 - m) g is best seen by the bet of size g.
SIZES = np.array([0.035, 0.07, 0.13, 0.25, 0.45])

#: The size by which onsets are told, and whether an episode is over.
_MIDDLE = 2

_CEILING = 1e15  # of the sums: far above any threshold


@dataclass(frozen=True, slots=True)
class Course:
    """What detectors did over some comments: their ``sums`` ``(n, n_sizes, k)`` and ``cusum`` ``(n, k)`` (log units)
    after each."""

    sums: F64
    cusum: F64

    @property
    def evidence(self) -> F64:
        """``(n, k)`` the mean of the sums over the sizes, S."""
        mean: F64 = self.sums.mean(axis=1)
        return mean


class Detectors:
    """As many detectors as signals, all fed comment by comment; how the comments are cut over calls makes no difference
    to the last bit.

    ``sums`` ``(n_sizes, k)`` and ``cusum`` ``(k,)`` are what they remember. ``ceiling`` ``(k,)`` bounds the CUSUM: of
    an episode that is told already, so that its end shows as fast as its beginning did.
    """

    def __init__(self, signals: int) -> None:
        self.sums: F64 = np.zeros((len(SIZES), signals))
        self.cusum: F64 = np.zeros(signals)
        self.ceiling: F64 = np.full(signals, np.inf)

    def update(self, signals: F64, weights: F64, means: F64) -> Course:
        """Feed comments: ``signals``, ``weights`` and baseline ``means`` are ``(n, k)``; a weight of 0 is no comment.

        >>> bank = Detectors(1)
        >>> course = bank.update(np.ones((9, 1)), np.ones((9, 1)), np.full((9, 1), 0.1))
        >>> bool(course.evidence[-1, 0] > 10_000)
        True
        """
        gains = weights * (signals / means - 1)
        sums = self._bet(gains[:, None, :] * SIZES[:, None] + 1, (weights > 0).astype(np.float64))
        return Course(sums, self._walk(np.log1p(gains * SIZES[_MIDDLE])))

    def rewind(self, course: Course, place: int) -> None:
        """Stand again where the comment at ``place`` of the last update left everything."""
        self.sums, self.cusum = course.sums[place].copy(), course.cusum[place].copy()

    def forget(self, column: int) -> None:
        """Let a detector start anew."""
        self.sums[:, column], self.cusum[column], self.ceiling[column] = 0, 0, np.inf

    def hold(self, column: int, ceiling: float) -> None:
        """Bound the CUSUM of a detector that has told."""
        self.ceiling[column] = ceiling
        self.cusum[column] = min(self.cusum[column], ceiling)

    def extend(self, signals: int) -> None:
        """Have ``signals`` detectors, the further ones new."""
        more = 0, signals - len(self.cusum)
        self.sums = np.pad(self.sums, ((0, 0), more))
        self.cusum = np.pad(self.cusum, more)
        self.ceiling = np.pad(self.ceiling, more, constant_values=np.inf)

    def state(self) -> dict[str, F64]:
        """Give all that is remembered."""
        return {"sums": self.sums, "cusum": self.cusum, "ceiling": self.ceiling}

    def restore(self, state: Mapping[str, F64]) -> None:
        """Go on from a state of as many detectors."""
        self.sums, self.cusum, self.ceiling = state["sums"], state["cusum"], state["ceiling"]

    def _bet(self, bets: F64, begun: F64) -> F64:
        course, here = np.empty(bets.shape), self.sums
        for place in range(len(bets)):
            here = np.add(begun[place], here, out=course[place])
            here *= bets[place]
            np.minimum(here, _CEILING, out=here)
        self.sums = here.copy()
        return course

    def _walk(self, steps: F64) -> F64:
        course, here = np.empty(steps.shape), self.cusum
        for place in range(len(steps)):
            here = np.add(here, steps[place], out=course[place])
            np.maximum(here, 0, out=here)
            np.minimum(here, self.ceiling, out=here)
        self.cusum = here.copy()
        return course
