"""Taking part in the search for new groups: which comments do, where their vectors point, and how it is searched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.monitor.comments import Bools, ScoredComments
from service.monitor.expectations import COMMENTS_BETWEEN_FALSE_ALARMS
from service.monitor.regions import rounded


@dataclass(frozen=True, slots=True)
class SegmentsConfig:
    """How segments are looked for. Counts are of comments that take part: no circle, and words enough.

    ``dimensions`` of a vector are used, the first ones (they come in the order of their weight); ``least_length`` is
    the length of its vector from which a comment has words enough, half that of a usual one. ``purity`` is the share of
    a segment's members beyond what the first phase lets expect. It is looked for segments every ``early_every``
    comments up to ``early``, then every ``late_every``; both are whole numbers of blocks.
    """

    first_phase: int = 1_500
    window: int = 2_000
    block: int = 50
    dimensions: int = 64
    least_length: float = 8.0
    shrinkage: float = 3.0
    purity: float = 0.875
    least_members: int = 20
    most_segments: int = 8
    early_every: int = 250
    late_every: int = 1_000
    early: int = 10_000
    least_growth: float = 1.5
    least_share: float = 0.01
    comments_between_false_alarms: int = COMMENTS_BETWEEN_FALSE_ALARMS


def directions_of(comments: ScoredComments, config: SegmentsConfig = SegmentsConfig()) -> NDArray[np.int8]:
    """Give ``(n, config.dimensions)`` the directions of the vectors, 0 in dimensions that the model has not."""
    rows = rounded(comments.vectors[:, : config.dimensions])
    return np.pad(rows, ((0, 0), (0, config.dimensions - rows.shape[1])))


def fits_no_circle(comments: ScoredComments, config: SegmentsConfig = SegmentsConfig()) -> Bools:
    """Tell ``(n,)`` which comments take part: those of no circle and words enough."""
    lengths = np.sqrt((comments.vectors * comments.vectors).sum(axis=1))
    part: Bools = ~comments.named_circles.any(axis=1) & (lengths >= config.least_length)
    return part
