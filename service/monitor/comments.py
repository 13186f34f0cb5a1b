"""Scored comments as columns: what the monitor is fed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model import FacetNames

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Columns of `ScoredComments.polarity`.
NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class ScoredComments:
    """Comments of one stream in the order they are watched in, one place a comment in every column.

    ``seq`` ``(n,)`` is the place of a comment in the order of acceptance, growing, and ``time`` ``(n,)`` its event time
    in seconds since 1970. ``polarity`` ``(n, 3)`` and ``facets`` ``(n, n_facets)`` are the model's probabilities and
    ``decided`` ``(n, n_facets)`` the facets named; ``vectors`` ``(n, n_dimensions)`` the word vectors. ``author`` is a
    hash; ``gender`` ``"female"`` or ``"male"`` where declared. What is not known is None, likes then 0. A text whose
    keeping time is over is empty. ``copy`` ``(n,)`` tells which the watch found to be near-copies: none of those it has
    not seen yet.
    """

    names: FacetNames
    seq: Ints
    time: F64
    text: Sequence[str]
    author: Sequence[str | None]
    thread: Sequence[str | None]
    platform: Sequence[str | None]
    gender: Sequence[str | None]
    likes: Ints
    polarity: F32
    facets: F32
    decided: Bools
    vectors: F32
    copy: Bools

    def __len__(self) -> int:
        return len(self.seq)

    def __getitem__(self, rows: slice | Ints) -> ScoredComments:
        """Give some of the comments, as a slice or an array of places says."""
        lists: tuple[Sequence[Any], ...] = self.text, self.author, self.thread, self.platform, self.gender
        if isinstance(rows, slice):
            text, author, thread, platform, gender = (each[rows] for each in lists)
        else:
            places = rows.tolist()
            text, author, thread, platform, gender = ([each[place] for place in places] for each in lists)
        return ScoredComments(
            names=self.names,
            seq=self.seq[rows],
            time=self.time[rows],
            text=text,
            author=author,
            thread=thread,
            platform=platform,
            gender=gender,
            likes=self.likes[rows],
            polarity=self.polarity[rows],
            facets=self.facets[rows],
            decided=self.decided[rows],
            vectors=self.vectors[rows],
            copy=self.copy[rows],
        )

    @property
    def circles(self) -> F32:
        """``(n, n_circles)`` the probability of each circle."""
        chosen: F32 = self.facets[:, self.names.circle_columns]
        return chosen

    @property
    def named_circles(self) -> Bools:
        """``(n, n_circles)`` the circles named."""
        chosen: Bools = self.decided[:, self.names.circle_columns]
        return chosen


def joined(parts: Sequence[ScoredComments]) -> ScoredComments:
    """Give the comments of some parts, at least one, in order. All must know the same facets."""
    return ScoredComments(
        names=parts[0].names,
        seq=np.concatenate([part.seq for part in parts]),
        time=np.concatenate([part.time for part in parts]),
        text=[text for part in parts for text in part.text],
        author=[author for part in parts for author in part.author],
        thread=[thread for part in parts for thread in part.thread],
        platform=[platform for part in parts for platform in part.platform],
        gender=[gender for part in parts for gender in part.gender],
        likes=np.concatenate([part.likes for part in parts]),
        polarity=np.concatenate([part.polarity for part in parts]),
        facets=np.concatenate([part.facets for part in parts]),
        decided=np.concatenate([part.decided for part in parts]),
        vectors=np.concatenate([part.vectors for part in parts]),
        copy=np.concatenate([part.copy for part in parts]),
    )
