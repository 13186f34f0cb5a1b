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
from service.monitor.loops import bet

#: Sizes of the bets. A rise of the mean from m to m + (1 - m) g is best seen by the bet of size g.
SIZES = np.array([0.035, 0.07, 0.13, 0.25, 0.45])

#: The size by which onsets are told, and whether an episode is over.
_MIDDLE = 2

_CEILING = 1e15  # of the sums: far above any threshold, far below what a block could overflow


@dataclass(frozen=True, slots=True)
class Course:
    """What detectors did over some comments: after each their ``sums`` ``(n, n_sizes, k)``, and the ``walk`` and its
    ``lowest`` point ``(n, k)``."""

    sums: F64
    walk: F64
    lowest: F64

    @property
    def cusum(self) -> F64:
        """``(n, k)`` in log units, 0 or more."""
        height: F64 = self.walk - self.lowest
        return height

    @property
    def evidence(self) -> F64:
        """``(n, k)`` the mean of the sums over the sizes, S."""
        mean: F64 = np.add.reduce(self.sums, axis=1) / len(SIZES)
        return mean


class Detectors:
    """As many detectors as signals, all fed comment by comment; how the comments are cut over calls makes no difference
    to the last bit.

    ``sums`` ``(n_sizes, k)`` is M. The CUSUM is the sum of the logarithms of the middle bets less its lowest point.
    """

    def __init__(self, signals: int) -> None:
        self.sums: F64 = np.zeros((len(SIZES), signals))
        self._walk: F64 = np.zeros(signals)
        self._lowest: F64 = np.zeros(signals)
        self._ceiling: F64 = np.full(signals, np.inf)

    def update(self, signals: F64, weights: F64, means: F64) -> Course:
        """Feed comments: ``signals`` and ``weights`` are ``(n, k)``, the baselines' ``means`` ``(n, k)`` or ``(1, k)``.
        A weight of 0 is no comment.

        >>> bank = Detectors(1)
        >>> course = bank.update(np.ones((9, 1)), np.ones((9, 1)), np.full((9, 1), 0.1))
        >>> bool(course.evidence[-1, 0] > 10_000)
        True
        """
        rows, columns = signals.shape
        course = Course(np.empty((rows, len(SIZES), columns)), np.empty((rows, columns)), np.empty((rows, columns)))
        before = self.sums, self._walk, self._lowest, self._ceiling
        bet(signals, weights, means, SIZES, _MIDDLE, *before, course.sums, course.walk, course.lowest)
        return course

    def rewind(self, course: Course, place: int) -> None:
        """Stand again where the comment at ``place`` of the last update left everything."""
        self.sums, self._walk, self._lowest = (part[place].copy() for part in (course.sums, course.walk, course.lowest))

    def end_block(self) -> None:
        """Keep the numbers within bounds; to be called after the same comments whatever was fed together."""
        self.sums = np.minimum(self.sums, _CEILING)
        self._walk = self._walk - self._lowest
        self._lowest = np.zeros(len(self._walk))

    def forget(self, column: int) -> None:
        """Let a detector start anew."""
        self.sums[:, column], self._ceiling[column] = 0, np.inf
        self._lowest[column] = self._walk[column]

    def hold(self, column: int, ceiling: float) -> None:
        """Bound the CUSUM of a detector that has told: the end of an episode then shows as fast as its beginning."""
        self._ceiling[column] = ceiling
        self._walk[column] = self._lowest[column] + min(self._walk[column] - self._lowest[column], ceiling)

    def extend(self, signals: int) -> None:
        """Have ``signals`` detectors, the further ones new."""
        more = 0, signals - len(self._walk)
        self.sums = np.pad(self.sums, ((0, 0), more))
        self._walk, self._lowest = np.pad(self._walk, more), np.pad(self._lowest, more)
        self._ceiling = np.pad(self._ceiling, more, constant_values=np.inf)

    def state(self) -> dict[str, F64]:
        """Give all that is remembered."""
        return {name: getattr(self, f"_{name}" if name != "sums" else name) for name in _REMEMBERED}

    def restore(self, state: Mapping[str, F64]) -> None:
        """Go on from a state of as many detectors."""
        self.sums, self._walk, self._lowest, self._ceiling = (state[name] for name in _REMEMBERED)


_REMEMBERED = ("sums", "walk", "lowest", "ceiling")
