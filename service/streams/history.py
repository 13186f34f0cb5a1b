"""The comments of a stream looked up: in the store and, before they are recorded, in the batch at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.monitor.comments import Ints, ScoredComments, joined
from service.store.store import Store


class StoredHistory:
    """The watched comments of a stream of a store; ``live`` are its newest, not in the store yet."""

    def __init__(self, store: Store, stream: int, live: ScoredComments | None = None) -> None:
        self._store = store
        self._stream = stream
        self._live = live

    def between(self, first_seq: int, last_seq: int, limit: int) -> ScoredComments | None:
        """Give the newest ``limit`` comments from one place to another, both included; None where there are none.

        Of comments that different models scored those of the newest model are given.
        """
        parts = self._store.scored_between(self._stream, first_seq, last_seq, limit)
        if (live := within(self._live, first_seq, last_seq)) is not None:
            parts = [*parts, live]
        if not parts:
            return None
        whole = joined([part for part in parts if part.names == parts[-1].names])
        return whole[max(0, len(whole) - limit) :]

    def at(self, seqs: Ints) -> Sequence[str]:
        """Give the texts of the comments at these places, as far as they are kept."""
        texts = {comment.seq: comment.text for comment in self._store.comments_by_seqs(seqs.tolist())}
        return [text for seq in seqs.tolist() if (text := texts.get(seq))]


class ReadHistory:
    """The comments of a stream that lie in memory."""

    def __init__(self, comments: ScoredComments) -> None:
        self._comments = comments

    def between(self, first_seq: int, last_seq: int, limit: int) -> ScoredComments | None:
        """Give the newest ``limit`` comments from one place to another, both included; None where there are none."""
        found = within(self._comments, first_seq, last_seq)
        return None if found is None else found[max(0, len(found) - limit) :]

    def at(self, seqs: Ints) -> Sequence[str]:
        """Give the texts of the comments at these places."""
        places = np.searchsorted(self._comments.seq, seqs)
        return [self._comments.text[place] for place in places.tolist()]


def within(comments: ScoredComments | None, first_seq: int, last_seq: int) -> ScoredComments | None:
    """Give the comments from one place to another, both included; None where there are none."""
    if comments is None:
        return None
    first, end = np.searchsorted(comments.seq, [first_seq, last_seq + 1]).tolist()
    return comments[first:end] if end > first else None
