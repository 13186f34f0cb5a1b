"""What happened in ten minutes of event time, as sums that add up place by place.

Every sum is a whole number (probabilities count in ten-thousandths), so sums are the same to the last bit in whatever
batches the comments came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from service.monitor.comments import F32, NEGATIVE, NEUTRAL, POSITIVE, Bools, Ints, ScoredComments

if TYPE_CHECKING:
    from model import FacetNames

#: Seconds of event time that one stored row of sums covers.
BUCKET = 600

#: What one is counted as where probabilities are summed.
ONE = 10_000

#: The sums before those of the facets. All but ``comments``, ``copies``, ``late`` and ``likes`` are of the organic
#: comments alone, which are all but the near-copies.
FIGURES = (
    "comments",
    "organic",
    "copies",
    "late",
    "likes",
    "negative",  # sums of probabilities, as all below up to the named ones
    "neutral",
    "positive",
    "negative_squares",
    "positive_squares",
    "circles",  # the probabilities of all circles of a comment together
    "circles_squares",
    "named_negative",  # comments whose likeliest polarity is negative
    "with_circle",  # comments in which at least one circle is named
)


class SeriesLayout:
    """Where each figure stands in a row of sums: `FIGURES`, then of each facet its chance and how often it is named.

    The facets stand with the circles last, and the user's own circles last of all, so that the rows of a model with
    fewer own circles are the beginning of a row of this one and rows add up place by place. A circle that takes the
    place of one that was removed takes its past as well. ``columns`` names the places, ``order`` ``(n_facets,)`` is the
    column of each facet in the model's order of facets.
    """

    def __init__(self, names: FacetNames) -> None:
        circles = len(names.circles)
        self.order = [*range(circles, len(names)), *range(circles)]
        facets = [names.all[column] for column in self.order]
        self.columns = (*FIGURES, *(f"{kind}:{facet}" for facet in facets for kind in ("chance", "named")))
        self._fewest = len(FIGURES) + 2 * (len(names) - circles)

    def read(self, rows: Sequence[Sequence[float]]) -> tuple[Ints, Ints, Bools]:
        """Give the figures ``(n_rows, len(FIGURES))`` and, in the model's order of facets, ``(n_rows, n_facets)`` the
        sums of chances and whether the row's model knew the facet.

        Raises ValueError where a row is none of this program's.
        """
        table = np.zeros((len(rows), len(self.columns)), np.int64)
        known = np.zeros((len(rows), len(self.order)), np.bool_)
        for place, row in enumerate(rows):
            if len(row) < self._fewest or (len(row) - self._fewest) % 2:
                raise ValueError(
                    f"A stored row of {len(row)} sums is none of this version of poquan, which writes "
                    f"{len(self.columns)}; load the stream's comments anew."
                )
            length = min(len(row), len(self.columns))
            table[place, :length] = row[:length]
            known[place, : (length - len(FIGURES)) // 2] = True
        places = np.argsort(self.order)
        return table[:, : len(FIGURES)], table[:, len(FIGURES) :: 2][:, places], known[:, places]


@dataclass(frozen=True, slots=True)
class BucketSums:
    """Sums over the comments of one platform ("" where not known) from ``start`` (seconds since 1970) on."""

    start: int
    platform: str
    sums: Sequence[float]


def sums_of(batch: ScoredComments, watched: Bools, copies: Bools) -> list[BucketSums]:
    """Sum a batch by ten minutes and platform, in that order; the sums are whole numbers, placed as in `SeriesLayout`.

    ``watched`` ``(n,)`` is False for late comments, which count here all the same; ``copies`` ``(n,)`` is True for
    near-copies of earlier comments, which count as comments, copies, late ones and likes only.
    """
    return [each for _, each in sums_by_stream(np.zeros(len(batch), np.int64), batch, watched, copies)]


def sums_by_stream(owners: Ints, batch: ScoredComments, watched: Bools, copies: Bools) -> list[tuple[int, BucketSums]]:
    """Give the sums of the comments of many streams, each with its stream: the number in ``owners`` ``(n,)``."""
    if not len(batch):
        return []
    number = {platform: place for place, platform in enumerate(sorted({name or "" for name in batch.platform}))}
    platforms = np.array([number[platform or ""] for platform in batch.platform], np.int64)
    keys = np.stack([owners, np.floor(batch.time / BUCKET).astype(np.int64), platforms])
    order = np.lexsort(keys[::-1])
    keys = keys[:, order]
    first = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)))
    sums = np.add.reduceat(_figures_of(batch, watched, copies)[order], first, axis=0)
    names = list(number)
    return [
        (owner, BucketSums(start * BUCKET, names[platform], row))
        for (owner, start, platform), row in zip(keys[:, first].T.tolist(), sums.tolist(), strict=True)
    ]


def merge(older: Sequence[float], newer: Sequence[float]) -> list[float]:
    """Add two rows of sums of the same ten minutes; where one knows fewer circles, it adds nothing to the others.

    >>> merge([1, 2], [10, 20, 30])
    [11, 22, 30]
    """
    return [a + b for a, b in zip_longest(older, newer, fillvalue=0)]


def add_up(sums: Iterable[BucketSums]) -> list[BucketSums]:
    """Merge all rows of the same start and platform, sorted by both."""
    merged: dict[tuple[int, str], Sequence[float]] = {}
    for each in sums:
        key = (each.start, each.platform)
        merged[key] = merge(merged[key], each.sums) if key in merged else each.sums
    return [BucketSums(*key, merged[key]) for key in sorted(merged)]


def _figures_of(batch: ScoredComments, watched: Bools, copies: Bools) -> Ints:
    """Give ``(n, len(SeriesLayout.columns))`` what each comment adds."""
    organic = ~copies
    polarity, facets = _whole(batch.polarity), _whole(batch.facets)
    circles = facets[:, batch.names.circle_columns].sum(axis=1)
    order = _layout(batch.names).order
    figures = np.empty((len(batch), len(FIGURES) + 2 * len(order)), np.int64)
    figures[:, 0] = 1
    figures[:, 1] = organic
    figures[:, 2] = copies
    figures[:, 3] = ~watched
    figures[:, 4] = batch.likes
    figures[:, 5:8] = polarity[:, [NEGATIVE, NEUTRAL, POSITIVE]]
    figures[:, 8:10] = _squared(polarity[:, [NEGATIVE, POSITIVE]])
    figures[:, 10] = circles
    figures[:, 11] = _squared(circles)
    figures[:, 12] = batch.polarity.argmax(axis=1) == NEGATIVE
    figures[:, 13] = batch.named_circles.any(axis=1)
    figures[:, len(FIGURES) :: 2] = facets[:, order]
    figures[:, len(FIGURES) + 1 :: 2] = batch.decided[:, order]
    figures[copies, 5:] = 0
    return figures


@lru_cache(maxsize=16)
def _layout(names: FacetNames) -> SeriesLayout:
    return SeriesLayout(names)


def _whole(probabilities: F32) -> Ints:
    whole: Ints = np.rint(probabilities * np.float32(ONE)).astype(np.int64)
    return whole


def _squared(whole: Ints) -> Ints:
    squared: Ints = (whole * whole + ONE // 2) // ONE
    return squared
