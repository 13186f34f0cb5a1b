"""A segment as it is told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of comments alike among those that fit no circle.

    ``size`` counts its comments in the window and ``total`` all since it was found; ``share`` is its share of the
    comments that fit no circle, in the window, ``share_first`` the one in the first phase, and ``growth`` the one over
    the other (a first phase without any counts as one comment). ``coherence`` is the mean cosine of members to the
    segment's direction, ``coherence_of_all`` that of the whole window. ``examples`` are the ``seq`` of the members
    nearest the direction. ``born_seq`` is where it was found, ``proposed_seq`` where its growth became sure.
    """

    id: str
    size: int
    total: int
    share: float
    share_first: float
    growth: float
    coherence: float
    coherence_of_all: float
    examples: tuple[int, ...]
    born_seq: int
    proposed_seq: int | None


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A segment whose growth became sure at the comment ``seq`` and its event time ``time`` (seconds).

    ``members`` are the ``seq`` of its comments in the window then, ``others`` of those that are of no segment.
    """

    kind: Literal["proposed"]
    segment: Segment
    seq: int
    time: float
    members: tuple[int, ...]
    others: tuple[int, ...]
