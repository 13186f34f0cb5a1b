"""Near-copies among the recent comments of one stream, found by a banded index of their sketches.

Whom a comment is compared with: for every band of its sketch (two of its places), the latest comment before it whose
band fell into the same slot of a fixed table. So memory is bounded, each comment costs the same, and the answer depends
on the comments and their order only, not on how they came in batches. A stream of few comments has no table yet, and
is looked through for what the table would tell. Brief comments, whose sketches are too rough or none, are copies by
their number (`service.monitor.brief_copies`). The banding is Broder's, as told by Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.monitor.bands import SLOTS, bands_of, enter, tabulate
from service.monitor.brief_copies import BriefCopies
from service.monitor.comments import F64, Bools, Ints
from service.monitor.ring import Ring
from service.monitor.sketches import PLACES, VERSION, sketch

#: A comment is compared with the latest this many that are long enough, and with none further off in time (seconds).
WINDOW = 2_048
SPAN = 86_400.0
#: Near-copies are equal in at least this share of their sketches' places.
SIMILAR = 0.55
#: `Copies.group` of a comment that is no near-copy.
NO_GROUP = -1

_FEW = 256  # comments that are looked through without a table
_UNKNOWN = -1  # in place of an author's number


@dataclass(frozen=True, slots=True)
class Copies:
    """Which comments are near-copies of an earlier one, and of which group; one place a comment.

    ``group`` is the ``seq`` of the comment the group began with, ``NO_GROUP`` where ``copy`` is false: a group's first
    comment is not known as such when it comes, nor are the first brief ones. ``near`` is how many of the latest brief
    comments are near a brief one, 0 for one that is not brief.
    """

    copy: Bools
    group: Ints
    near: Ints


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
    """The latest comments of one stream that have a sketch, the latest brief ones, and their groups of copies."""

    def __init__(self) -> None:
        self._ring = Ring(
            WINDOW,
            {
                "sketches": np.empty((0, PLACES), np.uint8),
                "times": np.empty(0),
                "authors": np.empty(0, np.int64),
                "groups": np.empty(0, np.int64),  # seq of the group's first, of itself where it is alone
                "begins": np.empty(0),  # time of the group's first
            },
        )
        self._table = np.zeros(0, np.uint16)  # of the latest in the slot: place in the ring + 1, or 0
        self._brief = BriefCopies()

    def update(self, texts: Sequence[str], times: F64, authors: Sequence[str | None], seqs: Ints) -> Copies:
        """Tell of the next comments which are near-copies of an earlier one, and remember them.

        ``times`` ``(n,)`` are event times in seconds and ``seqs`` ``(n,)`` the comments' places in the stream.
        """
        return self.enter(*sketch(texts), times, authors, seqs)

    def enter(
        self,
        sketches: NDArray[np.uint8],
        rows: Ints,
        characters: NDArray[np.uint64],
        times: F64,
        authors: Sequence[str | None],
        seqs: Ints,
    ) -> Copies:
        """Do so with the ``sketches`` of the comments ``rows`` and the ``characters`` of all, as `sketch` gives."""
        group = np.full(len(times), NO_GROUP, np.int64)
        identities = np.array([_identity(author) for author in authors], np.int64)
        near = self._brief.enter(characters, times, identities, seqs, SPAN, group)
        if len(rows):
            joined = group[rows]
            self._enter(sketches, times[rows], identities[rows], seqs[rows], joined)
            group[rows] = joined
        return Copies(group != NO_GROUP, group, near)

    def groups(self, least: int = 2) -> list[CopyGroup]:
        """Give the groups of at least ``least`` comments, two or more, in the window; the biggest first, then by id."""
        found = {group.id: group for ring in (self._brief.ring, self._ring) for group in _groups_of(ring, least)}
        return sorted(found.values(), key=lambda group: (-group.size, group.id))

    def state(self) -> dict[str, Any]:
        """Give all that is remembered, as JSON values and arrays of numbers."""
        return {"version": VERSION, **self._ring.state(), "brief": self._brief.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> NearDuplicates:
        """Give the index back as it was when ``state`` was taken; it goes on as if never interrupted.

        Where its sketches are of another version of the library, they compare with none and are forgotten. A state of
        before there were brief copies has none.
        """
        index = cls()
        if "brief" in state:
            index._brief = BriefCopies.from_state(state["brief"])
        if state["version"] == VERSION:
            index._ring.restore(state)
            if index._ring.count > _FEW:
                index._make_table()
        return index

    def _enter(self, sketches: NDArray[np.uint8], times: F64, authors: Ints, seqs: Ints, joined: Ints) -> None:
        """Remember the next comments with sketches; let ``joined`` take the groups of the copies."""
        ring = self._ring
        ring.make_room(len(times))
        if ring.count + len(times) > _FEW and not len(self._table):
            self._make_table()
        enter(
            sketches,
            bands_of(sketches),
            times,
            authors,
            seqs,
            ring.count,
            WINDOW,
            SPAN,
            SIMILAR * PLACES,
            ring["sketches"],
            bands_of(ring["sketches"]),
            ring["times"],
            ring["authors"],
            ring["groups"],
            ring["begins"],
            self._table,
            joined,
        )
        ring.count += len(times)

    def _make_table(self) -> None:
        self._table = np.zeros(SLOTS, np.uint16)
        tabulate(bands_of(self._ring["sketches"]), self._ring.places(), self._table)


def _groups_of(ring: Ring, least: int) -> list[CopyGroup]:
    """Give the groups of at least ``least`` comments of a ring, two or more."""
    places = ring.places()
    if len(places):
        times = ring["times"][places]
        places = places[times >= times.max() - SPAN]
    ids, sizes = np.unique(ring["groups"][places], return_counts=True)
    return [_group(ring, first, places) for first in ids[sizes >= max(least, 2)].tolist()]


def _group(ring: Ring, first: int, places: Ints) -> CopyGroup:
    members = places[ring["groups"][places] == first]
    authors = np.unique(ring["authors"][members])
    known = int((authors != _UNKNOWN).sum())
    return CopyGroup(id=first, began=float(ring["begins"][members[0]]), size=len(members), authors=known)


def _identity(author: str | None) -> int:
    """Give an author as a number, the same in every run: the name's bytes as one number, modulo the prime 2**61 - 1."""
    return (
        _UNKNOWN if author is None else int.from_bytes(author.encode("utf-8", "surrogatepass"), "little") % (2**61 - 1)
    )
