"""Near-copies among the recent comments of one stream, found by a banded index of their sketches.

Whom a comment is compared with: for every band of its sketch (two of its places), the latest comment before it whose
band fell into the same slot of a fixed table. So memory is bounded, each comment costs the same, and the answer depends
on the comments and their order only, not on how they came in batches. A stream of few comments has no table yet, and
is looked through for what the table would tell. The banding is Broder's, as told by Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.monitor.bands import SLOTS, bands_of, enter, tabulate
from service.monitor.sketches import PLACES, VERSION, sketch

Bools = NDArray[np.bool_]
F64 = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A comment is compared with the latest this many that are long enough, and with none further off in time (seconds).
WINDOW = 2_048
SPAN = 86_400.0
#: Near-copies are equal in at least this share of their sketches' places.
SIMILAR = 0.55
#: `Copies.group` of a comment that is no near-copy.
NO_GROUP = -1

_FEW = 256  # comments that are looked through without a table
_LEAST_ROOM = 32  # comments; the ring grows by doubling, as most streams are small
_UNKNOWN = -1  # in place of an author's number
_COLUMNS = ("sketches", "times", "authors", "groups", "begins")  # of the ring; all have the same length


@dataclass(frozen=True, slots=True)
class Copies:
    """Which comments are near-copies of an earlier one, and of which group; one place a comment.

    ``group`` is the ``seq`` of the comment the group began with, ``NO_GROUP`` where ``copy`` is false: a group's first
    comment is not known as such when it comes.
    """

    copy: Bools
    group: Ints


@dataclass(frozen=True, slots=True)
class CopyGroup:
    """Near-copies of one another.

    ``id`` is the ``seq`` of the comment the group began with, which is its example, and ``began`` that one's event
    time. ``size`` counts the comments in the window and ``authors`` the different known authors among them.
    """

    id: int
    began: float
    size: int
    authors: int


class NearDuplicates:
    """The latest comments of one stream that are long enough to be told apart, and the groups of copies they form."""

    def __init__(self) -> None:
        self._count = 0  # comments that were long enough
        self._sketches = np.empty((0, PLACES), np.uint8)
        self._times = np.empty(0)
        self._authors = np.empty(0, np.int64)
        self._groups = np.empty(0, np.int64)  # seq of the group's first, of itself where it is alone
        self._begins = np.empty(0)  # time of the group's first
        self._table = np.zeros(0, np.uint16)  # of the latest in the slot: place in the ring + 1, or 0

    def update(self, texts: Sequence[str], times: F64, authors: Sequence[str | None], seqs: Ints) -> Copies:
        """Tell of the next comments which are near-copies of an earlier one, and remember them.

        ``times`` ``(n,)`` are event times in seconds and ``seqs`` ``(n,)`` the comments' places in the stream.
        """
        sketches, rows = sketch(texts)
        return self.enter(sketches, rows, times, authors, seqs)

    def enter(
        self,
        sketches: NDArray[np.uint8],
        rows: Ints,
        times: F64,
        authors: Sequence[str | None],
        seqs: Ints,
    ) -> Copies:
        """Do so with the ``sketches`` of the comments ``rows``, as `sketch` gives them."""
        group = np.full(len(times), NO_GROUP, np.int64)
        if len(rows):
            end = self._count + len(rows)
            self._make_room(end)
            if end > _FEW and not len(self._table):
                self._make_table()
            joined = np.full(len(rows), NO_GROUP, np.int64)
            identities = np.array([_identity(authors[row]) for row in rows.tolist()], np.int64)
            enter(
                sketches,
                bands_of(sketches),
                times[rows],
                identities,
                seqs[rows],
                self._count,
                WINDOW,
                SPAN,
                SIMILAR * PLACES,
                self._sketches,
                bands_of(self._sketches),
                self._times,
                self._authors,
                self._groups,
                self._begins,
                self._table,
                joined,
            )
            self._count = end
            group[rows] = joined
        return Copies(group != NO_GROUP, group)

    def groups(self, least: int = 2) -> list[CopyGroup]:
        """Give the groups of at least ``least`` comments, two or more, in the window; the biggest first, then by id."""
        places = self._window()
        if len(places):
            places = places[self._times[places] >= self._times[places].max() - SPAN]
        ids, sizes = np.unique(self._groups[places], return_counts=True)
        found = [self._group(first, places) for first in ids[sizes >= max(least, 2)].tolist()]
        return sorted(found, key=lambda group: (-group.size, group.id))

    def state(self) -> dict[str, Any]:
        """Give all that is remembered, as JSON values and arrays of numbers."""
        places = self._window()
        columns = {name: getattr(self, f"_{name}")[places] for name in _COLUMNS}
        return {"version": VERSION, "count": self._count, **columns}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> NearDuplicates:
        """Give the index back as it was when ``state`` was taken; it goes on as if never interrupted.

        Where its sketches are of another version of the library, they compare with none and are forgotten.
        """
        index = cls()
        if state["version"] != VERSION:
            return index
        index._count = int(state["count"])
        index._make_room(index._count)
        places = index._window()
        for name in _COLUMNS:
            getattr(index, f"_{name}")[places] = state[name]
        if index._count > _FEW:
            index._make_table()
        return index

    def _make_room(self, count: int) -> None:
        """Let the ring hold so many comments, or all it ever holds; until it does, no comment's place changes."""
        room = min(count, WINDOW)
        have = len(self._times)
        if room > have:
            more = min(max(room, 2 * have, _LEAST_ROOM), WINDOW) - have
            for name in _COLUMNS:
                column = getattr(self, f"_{name}")
                setattr(self, f"_{name}", np.concatenate([column, np.zeros((more, *column.shape[1:]), column.dtype)]))

    def _window(self) -> Ints:
        """Give the places in the ring of the comments in the window, the oldest first."""
        return np.arange(max(0, self._count - WINDOW), self._count) % WINDOW

    def _make_table(self) -> None:
        self._table = np.zeros(SLOTS, np.uint16)
        tabulate(bands_of(self._sketches), self._window(), self._table)

    def _group(self, first: int, places: Ints) -> CopyGroup:
        members = places[self._groups[places] == first]
        authors = np.unique(self._authors[members])
        known = int((authors != _UNKNOWN).sum())
        return CopyGroup(id=first, began=float(self._begins[members[0]]), size=len(members), authors=known)


def _identity(author: str | None) -> int:
    """Give an author as a number, the same in every run: the name's bytes as one number, modulo the prime 2**61 - 1."""
    return (
        _UNKNOWN if author is None else int.from_bytes(author.encode("utf-8", "surrogatepass"), "little") % (2**61 - 1)
    )
