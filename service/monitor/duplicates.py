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

_BANDS = PLACES // 2
_SLOT_BITS = 11  # of the 16 bits of a band, so many choose its slot
_SLOTS = 1 << _SLOT_BITS
_CHUNK = 256  # comments looked up together
_RING = WINDOW + _CHUNK  # so that a chunk can be written before it is looked up
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
        self._table: NDArray[np.uint16] | None = None  # of the latest in the slot: place in the ring + 1, or 0

    def update(self, texts: Sequence[str], times: F64, authors: Sequence[str | None], seqs: Ints) -> Copies:
        """Tell of the next comments which are near-copies of an earlier one, and remember them.

        ``times`` ``(n,)`` are event times in seconds and ``seqs`` ``(n,)`` the comments' places in the stream.
        """
        result = Copies(np.zeros(len(texts), np.bool_), np.full(len(texts), NO_GROUP, np.int64))
        for start in range(0, len(texts), _CHUNK):
            sketches, rows = sketch(texts[start : start + _CHUNK])
            if not len(rows):
                continue
            rows += start
            self._make_room(self._count + len(rows))
            places = (self._count + np.arange(len(rows))) % _RING
            self._sketches[places] = sketches
            self._times[places] = self._begins[places] = times[rows]
            self._authors[places] = [_identity(authors[row]) for row in rows.tolist()]
            self._groups[places] = seqs[rows]
            latest = self._latest(places)
            self._count += len(rows)
            copies = self._join(places, self._nearest(places, latest))
            result.copy[rows[copies]] = True
            result.group[rows[copies]] = self._groups[places[copies]]
        return result

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
            index._make_table(places)
        return index

    def _make_room(self, count: int) -> None:
        """Let the ring hold so many comments, or all it ever holds; until it does, no comment's place changes."""
        room = min(count, _RING)
        have = len(self._times)
        if room > have:
            more = min(max(room, 2 * have, _LEAST_ROOM), _RING) - have
            for name in _COLUMNS:
                column = getattr(self, f"_{name}")
                setattr(self, f"_{name}", np.concatenate([column, np.zeros((more, *column.shape[1:]), column.dtype)]))

    def _window(self) -> Ints:
        """Give the places in the ring of the comments in the window, the oldest first."""
        return np.arange(max(0, self._count - WINDOW), self._count) % _RING

    def _latest(self, places: Ints) -> Ints:
        """Give ``(n, _BANDS)`` the place of the latest comment before each in its slots, or -1; then enter them."""
        if self._table is None:
            if self._count + len(places) <= _FEW:
                return self._looked_through(places)
            self._make_table(np.arange(self._count))
        assert self._table is not None
        return _entered(self._table, _slots(_bands(self._sketches[places])), places)

    def _looked_through(self, places: Ints) -> Ints:
        """Give the same while the comments are few: their places are those of the order they came in."""
        end = self._count + len(places)
        slots = _slots(_bands(self._sketches[:end]))
        same = slots[places, None] == slots  # (n, end, _BANDS)
        same &= (np.arange(end) < places[:, None])[:, :, None]
        nearest = end - 1 - same[:, ::-1].argmax(axis=1)
        return np.where(same.any(axis=1), nearest, -1)

    def _make_table(self, places: Ints) -> None:
        self._table = np.zeros(_BANDS * _SLOTS, np.uint16)
        for start in range(0, len(places), _CHUNK):
            some = places[start : start + _CHUNK]
            _entered(self._table, _slots(_bands(self._sketches[some])), some)

    def _nearest(self, places: Ints, found: Ints) -> Ints:
        """Give ``(n,)`` the place of the most similar of the comments found, the latest of equals, or -1.

        A comment counts only where the whole band is the same: different bands share a slot, and the place that a slot
        remembers may have been taken by another comment since.
        """
        age = (places[:, None] - found) % _RING  # places are those of the whole ring from the beginning
        near = (found >= 0) & (age > 0) & (age <= WINDOW)
        near &= np.abs(self._times[places][:, None] - self._times[found]) <= SPAN
        bands = _bands(self._sketches)
        near &= bands[found, np.arange(_BANDS)] == bands[places]
        row, band = np.nonzero(near)
        equal = (self._sketches[places[row]] == self._sketches[found[row, band]]).sum(axis=1)
        best = np.zeros(len(places), np.int64)
        np.maximum.at(best, row, equal * _RING + _RING - age[row, band])
        equal, back = np.divmod(best, _RING)
        return np.where(equal >= SIMILAR * PLACES, (places + back) % _RING, -1)

    def _join(self, places: Ints, nearest: Ints) -> Ints:
        """Take each comment that has one into the group of its nearest; give which they are."""
        copies = np.flatnonzero(nearest >= 0)
        for place, other in zip(places[copies].tolist(), nearest[copies].tolist(), strict=True):
            self._groups[place] = self._groups[other]
            self._begins[place] = self._begins[other]
        return copies

    def _group(self, first: int, places: Ints) -> CopyGroup:
        members = places[self._groups[places] == first]
        authors = np.unique(self._authors[members])
        known = int((authors != _UNKNOWN).sum())
        return CopyGroup(id=first, began=float(self._begins[members[0]]), size=len(members), authors=known)


def _entered(table: NDArray[np.uint16], slots: Ints, places: Ints) -> Ints:
    """Give ``(n, _BANDS)`` what the slots of each comment held when it came, or -1, and enter the comments."""
    found = table[slots].astype(np.int64) - 1
    entries = np.sort((slots * _CHUNK + np.arange(len(places))[:, None]).ravel())  # by slot, then by comment
    slot, row = np.divmod(entries, _CHUNK)
    again = slot[1:] == slot[:-1]
    found[row[1:][again], slot[1:][again] // _SLOTS] = places[row[:-1][again]]
    last = np.append(~again, True)[: len(slot)]
    table[slot[last]] = places[row[last]] + 1
    return found


def _bands(sketches: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Give ``(n, _BANDS)`` the bands of the sketches, each as one number."""
    return sketches.view("<u2")


def _slots(bands: NDArray[np.uint16]) -> Ints:
    """Give ``(n, _BANDS)`` the slot of each band, in its part of the table: the high bits of a product modulo 2**16."""
    slot = bands * np.uint16(0x9E37) >> np.uint16(16 - _SLOT_BITS)
    return slot.astype(np.int64) + np.arange(_BANDS) * _SLOTS


def _identity(author: str | None) -> int:
    """Give an author as a number, the same in every run: the name's bytes as one number, modulo the prime 2**61 - 1."""
    return (
        _UNKNOWN if author is None else int.from_bytes(author.encode("utf-8", "surrogatepass"), "little") % (2**61 - 1)
    )
