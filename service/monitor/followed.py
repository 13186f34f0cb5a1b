"""A segment as it is followed: its region, and the evidence that it grows.

Whether a segment grows is asked of the comments that come after its region was drawn, which had no part in drawing it:
an e-detector (Shin, Ramdas and Rinaldo 2023, "E-detectors: a nonparametric framework for sequential change detection")
of the Shiryaev-Roberts kind, ``M = (1 + M) L`` a block, with ``L`` the product of ``1 - g + g x / p`` over its comments
(``x`` is 1 for a member, else 0), the mean over a few ``g``. ``p`` is `null_share`: while the segment's true share is
no greater, ``M`` grows by 1 a block on average at most, so that it takes ``M`` blocks or more, on average, to get to M.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log1p
from typing import Any

import numpy as np

from service.monitor.comments import F64, Ints
from service.monitor.loops import compiled
from service.monitor.regions import Cap

_GAINS = np.array([0.01, 0.03, 0.1])
_MOST_EVIDENCE = 1e150  # the next block's factor must not overflow


@dataclass(slots=True)
class Followed:
    """A segment as it is kept: its region, and the ``evidence`` ``(n_gains,)`` that its share is above ``null``."""

    number: int
    cap: Cap
    born_seq: int
    total: int
    in_first: int = 0
    null: float = 1.0
    evidence: F64 = field(default_factory=lambda: np.zeros(len(_GAINS)))
    proposed_seq: int | None = None

    @property
    def id(self) -> str:
        """Its name within the stream."""
        return f"segment_{self.number}"

    def draw(self, cap: Cap, in_first: int, n_first: int, least_growth: float, least_share: float) -> None:
        """Give it its region anew, which holds ``in_first`` of the ``n_first`` of the first phase."""
        self.cap = cap
        self.in_first = in_first
        self.null = null_share(in_first, n_first, least_growth, least_share)

    def state(self) -> dict[str, Any]:
        """Give all of it, for `service.monitor.state.pack`."""
        return {
            "number": self.number,
            "direction": self.cap.direction,
            "limit": self.cap.limit,
            "born_seq": self.born_seq,
            "total": self.total,
            "in_first": self.in_first,
            "null": self.null,
            "evidence": self.evidence,
            "proposed_seq": self.proposed_seq,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Followed:
        """Give back what `state` told."""
        told = dict(state)
        return cls(cap=Cap(told.pop("direction"), told.pop("limit")), **told)


def count(followed: Sequence[Followed], members: Ints, block: int) -> None:
    """Count the ``members`` ``(n,)`` of each in a block of comments that came after the regions were drawn."""
    evidence = np.stack([each.evidence for each in followed])
    grow(evidence, np.array([each.null for each in followed]), members, block, _GAINS)
    for each, more, grown in zip(followed, members.tolist(), evidence, strict=True):
        each.total += more
        each.evidence = grown


@compiled
def grow(evidence: F64, nulls: F64, members: Ints, block: int, gains: F64) -> None:
    """Let ``evidence`` ``(n, n_gains)`` grow by a block of comments."""
    for row in range(len(evidence)):
        for column in range(len(gains)):
            gain = members[row] * log1p(gains[column] * (1 / nulls[row] - 1))
            gain += (block - members[row]) * log1p(-gains[column])
            evidence[row, column] = min((1 + evidence[row, column]) * exp(gain), _MOST_EVIDENCE)


def null_share(in_first: int, n_first: int, least_growth: float, least_share: float) -> float:
    """Give the share that a segment must surely exceed to be proposed.

    ``least_growth`` times the upper bound of its share in a first phase that held it ``in_first`` times in ``n_first``
    (two standard deviations of a Poisson count above it), and ``least_share`` at least.

    >>> null_share(0, 1500, 2.0, 0.01), null_share(16, 1000, 2.0, 0.01)
    (0.01, 0.052)
    """
    bound = (in_first + 2 * in_first**0.5 + 2) / n_first
    return float(min(max(least_growth * bound, least_share), 0.5))
