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
from service.monitor.loops import bet, evidence_of

#: Sizes of the bets. A rise of the mean from m to m + (1 - m) g is best seen by the bet of size g.
SIZES = np.array([0.035, 0.07, 0.13, 0.25, 0.45])

#: The size by which onsets are told, and whether an episode is over.
MIDDLE = 2

_CEILING = 1e15  # of the sums: far above any threshold, far below what a block could overflow


@dataclass(frozen=True, slots=True)
class Course:
    """What detectors did over some comments, ``(n, k)`` after each: the ``evidence``, S, and the ``cusum`` in log
    units, 0 or more."""

    evidence: F64
    cusum: F64


class Detectors:
    """As many detectors as signals, all fed comment by comment; how the comments are cut over calls makes no difference
    to the last bit.

    ``sums`` ``(k, n_sizes)`` is M, ``cusum`` ``(k,)`` that of the middle bets in log units, bounded by ``ceiling``.
    """

    def __init__(self, signals: int) -> None:
        self.sums: F64 = np.zeros((signals, len(SIZES)))
        self.cusum: F64 = np.zeros(signals)
        self.ceiling: F64 = np.full(signals, np.inf)

    def update(self, signals: F64, weights: F64, means: F64) -> Course:
        """Feed comments: ``signals``, ``weights`` and the baselines' ``means`` are ``(n, k)``. A weight of 0 is no
        comment.

        >>> bank = Detectors(1)
        >>> course = bank.update(np.ones((9, 1)), np.ones((9, 1)), np.full((9, 1), 0.1))
        >>> bool(course.evidence[-1, 0] > 10_000)
        True
        """
        course = Course(np.empty(signals.shape), np.empty(signals.shape))
        bet(
            signals,
            weights,
            means,
            SIZES,
            MIDDLE,
            self.sums,
            self.cusum,
            self.ceiling,
            course.evidence,
            course.cusum,
        )
        return course

    def evidence(self, column: int) -> float:
        """Give S of one detector."""
        return evidence_of(column, self.sums)

    def end_block(self) -> None:
        """Keep the numbers within bounds; to be called after the same comments whatever was fed together."""
        np.minimum(self.sums, _CEILING, out=self.sums)

    def forget(self, column: int) -> None:
        """Let a detector start anew."""
        self.sums[column], self.cusum[column], self.ceiling[column] = 0, 0, np.inf

    def hold(self, column: int, ceiling: float) -> None:
        """Bound the CUSUM of a detector that has told: the end of an episode then shows as fast as its beginning."""
        self.ceiling[column] = ceiling
        self.cusum[column] = min(self.cusum[column], ceiling)

    def extend(self, signals: int) -> None:
        """Have ``signals`` detectors, the further ones new."""
        more = 0, signals - len(self.cusum)
        self.sums = np.pad(self.sums, (more, (0, 0)))
        self.cusum = np.pad(self.cusum, more)
        self.ceiling = np.pad(self.ceiling, more, constant_values=np.inf)

    def state(self) -> dict[str, F64]:
        """Give all that is remembered."""
        return {name: getattr(self, name) for name in _REMEMBERED}

    def restore(self, state: Mapping[str, F64]) -> None:
        """Go on from a state of as many detectors."""
        for name in _REMEMBERED:
            setattr(self, name, state[name])


_REMEMBERED = ("sums", "cusum", "ceiling")
