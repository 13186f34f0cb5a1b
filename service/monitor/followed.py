"""A segment as it is followed: its region, and the evidence that it grows.

Whether a segment grows is asked of the comments that come after its region was drawn, which had no part in drawing it:
an e-detector (Shin, Ramdas and Rinaldo 2023, "E-detectors: a nonparametric framework for sequential change detection")
of the Shiryaev-Roberts kind, ``M = (1 + M) L`` a block, with ``L`` the product of ``1 - g + g x / p`` over its comments
(``x`` is 1 for a member, else 0), the mean over a few ``g``. ``p`` is `null_share`: while the segment's true share is
no greater, ``M`` grows by 1 a block on average at most, so that it takes ``M`` blocks or more, on average, to get to M.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from service.monitor.comments import F64
from service.monitor.regions import Cap, Rows

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

    def draw(self, cap: Cap, first: Rows, n_first: int, least_growth: float, least_share: float) -> None:
        """Give it its region anew; ``first`` is what earlier segments leave of the ``n_first`` of the first phase."""
        self.cap = cap
        self.in_first = int(cap.holds(first).sum())
        self.null = null_share(self.in_first, n_first, least_growth, least_share)

    def count(self, members: int, block: int) -> None:
        """Count the members in a block of comments that came after the region was drawn."""
        self.total += members
        gain = members * np.log1p(_GAINS * (1 / self.null - 1)) + (block - members) * np.log1p(-_GAINS)
        self.evidence = np.minimum((1 + self.evidence) * np.exp(gain), _MOST_EVIDENCE)

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


def null_share(in_first: int, n_first: int, least_growth: float, least_share: float) -> float:
    """Give the share that a segment must surely exceed to be proposed.

    ``least_growth`` times the upper bound of its share in a first phase that held it ``in_first`` times in ``n_first``
    (two standard deviations of a Poisson count above it), and ``least_share`` at least.

    >>> null_share(0, 1500, 2.0, 0.01), null_share(16, 1000, 2.0, 0.01)
    (0.01, 0.052)
    """
    bound = (in_first + 2 * in_first**0.5 + 2) / n_first
    return float(min(max(least_growth * bound, least_share), 0.5))
