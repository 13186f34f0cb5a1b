"""The watched comments of a replay, kept in half the memory for explanations to look back at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model import FacetNames
from service.monitor.comments import Ints, ScoredComments
from service.replay.dump import Comments


class KeptHistory:
    """A `service.streams.telling.History` of the comments of one stream that were scored so far.

    The numbers are those that float16 holds, see `service.store.scores.rounded`, so nothing is lost by keeping them so.
    A comment's ``seq`` is its number in the order of time, from 1.
    """

    def __init__(self, comments: Comments, names: FacetNames) -> None:
        self._comments = comments
        self._names = names
        self._known = 0
        self._numbers: NDArray[np.float16] | None = None
        self._copy = np.zeros(len(comments), np.bool_)
        self._decided = np.zeros((len(comments), (len(names) + 7) // 8), np.uint8)

    def add(self, scored: ScoredComments) -> None:
        """Keep what is known of the next comments once they are watched."""
        numbers = np.concatenate([scored.polarity, scored.facets, scored.vectors], axis=1)
        if self._numbers is None:
            self._numbers = np.zeros((len(self._comments), numbers.shape[1]), np.float16)
        rows = slice(self._known, self._known + len(scored))
        self._numbers[rows] = numbers
        self._copy[rows] = scored.copy
        self._decided[rows] = np.packbits(scored.decided, axis=1)
        self._known = rows.stop

    def between(self, first_seq: int, last_seq: int, limit: int) -> ScoredComments | None:
        """Give the newest ``limit`` comments from one place to another, both included; None where there are none."""
        end = min(last_seq, self._known)
        start = max(first_seq - 1, end - limit, 0)
        if start >= end or self._numbers is None:
            return None
        comments, facets = self._comments, len(self._names)
        rows = slice(start, end)
        polarity, chances, vectors = np.split(self._numbers[rows].astype(np.float32), [3, 3 + facets], axis=1)
        return ScoredComments(
            names=self._names,
            seq=np.arange(start + 1, end + 1, dtype=np.int64),
            time=comments.time[rows],
            text=comments.text[rows],
            author=comments.author[rows],
            thread=comments.thread[rows],
            platform=comments.platform[rows],
            gender=comments.gender[rows],
            likes=comments.likes[rows],
            polarity=polarity,
            facets=chances,
            decided=np.unpackbits(self._decided[rows], axis=1, count=facets).astype(np.bool_),
            vectors=vectors,
            copy=self._copy[rows],
        )

    def at(self, seqs: Ints) -> Sequence[str]:
        """Give the texts of the comments at these places."""
        return [self._comments.text[seq - 1] for seq in seqs.tolist()]
