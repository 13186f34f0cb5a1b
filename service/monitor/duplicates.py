"""Near-copies among the recent comments of one stream: MinHash sketches, and a banded index that remembers the latest.

A comment is read as the set of its characters and of its pairs of neighbouring characters within a clause, so a few
edited characters, emoji, other punctuation or another order of the clauses leave most of the set. Two sets are
compared by the share of equal places in their MinHash sketches, which estimates their Jaccard similarity (Broder,
"On the resemblance and containment of documents", 1997); of a place 8 bits are kept, chance then adds 1/256 (Li and
König, "b-Bit minwise hashing", 2010).

Whom a comment is compared with: for every band of its sketch, the latest comment before it whose band fell into the
same slot of a fixed table. So memory is bounded, each comment costs the same, and the answer depends on the comments
and their order only, not on how they came in batches.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from model.text import normalise
from service.monitor.dependence import UNKNOWN, identity

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
F64 = NDArray[np.float64]
Ints = NDArray[np.int64]
U64 = NDArray[np.uint64]

#: A comment is compared with the latest this many that take part, and with none of an event time further off (seconds).
WINDOW = 2_048
SPAN = 86_400.0
#: Fewer Chinese characters than this are no near-copy of anything: many people say the same short thing.
LEAST_CHARACTERS = 10
#: Sketches this similar are of near-copies.
SIMILAR = 0.55
#: `Copies.group` of a comment that is no near-copy.
NO_GROUP = -1

_LONGEST = 256  # characters read of a comment
_PLACES = 32  # of a sketch, a byte each
_BANDS = _PLACES // 2  # two places make a band
_SLOT_BITS = 10  # of a band's two bytes, so many choose its slot
_SLOTS = 1 << _SLOT_BITS
_CHUNK = 256  # comments looked up together
_RING = WINDOW + _CHUNK  # so that a chunk can be written before it is looked up
_SEED = 20

_ASIDE = re.compile(r"#[^#]{1,40}#|\[[^\[\]]{1,12}\]|回复@")  # topics, emotes and whom one answers: no one's words
_HAN = 0x3400  # code points from here are Chinese characters, or the kana and hangul that stand in for them


@dataclass(frozen=True, slots=True)
class Copies:
    """Which comments are near-copies of an earlier one, and of which group; one place a comment.

    ``group`` is the ``seq`` of the comment the group began with, ``NO_GROUP`` where ``copy`` is false: the first
    comment of a group is not known as such when it comes.
    """

    copy: Bools
    group: Ints


@dataclass(frozen=True, slots=True)
class CopyGroup:
    """Near-copies of one another, as far as they are in the window.

    ``id`` is the ``seq`` of the comment the group began with, its example; ``began`` is its event time. ``size`` counts
    the comments in the window and ``authors`` the different known authors among them.
    """

    id: int
    began: float
    size: int
    authors: int


class NearDuplicates:
    """The latest comments of one stream that take part (``LEAST_CHARACTERS``), and the groups they form."""

    def __init__(self) -> None:
        self._count = 0  # comments that took part
        self._sketches = np.zeros((_RING, _PLACES), np.uint8)
        self._times = np.zeros(_RING)
        self._authors = np.zeros(_RING, np.int64)
        self._groups = np.zeros(_RING, np.int64)  # seq of the first of the group, of itself where it is alone
        self._begins = np.zeros(_RING)  # time of the first
        self._table = np.zeros(_BANDS * _SLOTS, np.uint16)  # place in the ring + 1 of the latest, 0 where none

    def update(self, texts: Sequence[str], times: F64, authors: Sequence[str | None], seqs: Ints) -> Copies:
        """Tell of the next comments which are near-copies of an earlier one, and remember them.

        ``times`` ``(n,)`` are event times in seconds and ``seqs`` ``(n,)`` the comments' places in the stream.
        """
        sketches, rows = sketch(texts)
        result = Copies(np.zeros(len(texts), np.bool_), np.full(len(texts), NO_GROUP, np.int64))
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            places = (self._count + np.arange(len(chunk))) % _RING
            self._sketches[places] = sketches[start : start + _CHUNK]
            self._times[places] = self._begins[places] = times[chunk]
            self._authors[places] = [identity(authors[row]) for row in chunk.tolist()]
            self._groups[places] = seqs[chunk]
            self._count += len(chunk)
            copies = self._join(places, self._nearest(places, self._latest(places)))
            result.copy[chunk[copies]] = True
            result.group[chunk[copies]] = self._groups[places[copies]]
        return result

    def groups(self, least: int = 2) -> list[CopyGroup]:
        """Give the groups of at least ``least`` comments in the window, the biggest first, then the oldest."""
        places = self._window()
        if len(places):
            places = places[self._times[places] >= self._times[places].max() - SPAN]
        found = []
        ids, sizes = np.unique(self._groups[places], return_counts=True)
        for group in ids[sizes >= max(least, 2)].tolist():
            members = places[self._groups[places] == group]
            known = self._authors[members][self._authors[members] != UNKNOWN]
            found.append(CopyGroup(group, float(self._begins[members[0]]), len(members), len(np.unique(known))))
        return sorted(found, key=lambda group: (-group.size, group.id))

    def state(self) -> dict[str, Any]:
        """Give all that is remembered, as JSON values and arrays of numbers."""
        places = self._window()
        return {
            "count": self._count,
            "sketches": self._sketches[places],
            "times": self._times[places],
            "authors": self._authors[places],
            "groups": self._groups[places],
            "begins": self._begins[places],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> NearDuplicates:
        """Give the index back as it was when ``state`` was taken; it goes on as if never interrupted."""
        index = cls()
        index._count = int(state["count"])
        places = index._window()
        index._sketches[places] = state["sketches"]
        index._times[places] = state["times"]
        index._authors[places] = state["authors"]
        index._groups[places] = state["groups"]
        index._begins[places] = state["begins"]
        for start in range(0, len(places), _CHUNK):
            index._latest(places[start : start + _CHUNK])
        return index

    def _window(self) -> Ints:
        """Give the places in the ring of the comments in the window, the oldest first."""
        return np.arange(max(0, self._count - WINDOW), self._count) % _RING

    def _latest(self, places: Ints) -> Ints:
        """Give ``(n, _BANDS)`` the place of the latest earlier comment in each one's slots, or -1, and enter them."""
        slots = _slots(_bands(self._sketches[places]))
        found = self._table[slots].astype(np.int64) - 1
        entries = np.sort((slots * _CHUNK + np.arange(len(places))[:, None]).ravel())  # by slot, then by comment
        slot, row = np.divmod(entries, _CHUNK)
        again = slot[1:] == slot[:-1]
        found[row[1:][again], slot[1:][again] // _SLOTS] = places[row[:-1][again]]
        last = np.append(~again, True)
        self._table[slot[last]] = places[row[last]] + 1
        return found

    def _nearest(self, places: Ints, found: Ints) -> Ints:
        """Give ``(n,)`` the place of the most similar comment among those found, the latest of equals, or -1.

        A slot's comment counts only where the whole band is the same: two bands may share a slot, and what a slot
        remembers may have left the ring.
        """
        age = (places[:, None] - found) % _RING
        near = (found >= 0) & (age > 0) & (age <= WINDOW)
        near &= np.abs(self._times[places][:, None] - self._times[found]) <= SPAN
        bands = _bands(self._sketches)
        near &= bands[found, np.arange(_BANDS)] == bands[places]
        row, band = np.nonzero(near)
        equal = (self._sketches[places[row]] == self._sketches[found[row, band]]).sum(axis=1)
        best = np.zeros(len(places), np.int64)
        np.maximum.at(best, row, equal * _RING + _RING - age[row, band])
        equal, younger = np.divmod(best, _RING)
        return np.where(equal >= SIMILAR * _PLACES, (places + younger) % _RING, -1)

    def _join(self, places: Ints, nearest: Ints) -> Ints:
        """Take the comments that have one into the group of their nearest; give their rows."""
        copies = np.flatnonzero(nearest >= 0)
        for place, parent in zip(places[copies].tolist(), nearest[copies].tolist(), strict=True):
            self._groups[place] = self._groups[parent]
            self._begins[place] = self._begins[parent]
        return copies


def sketch(texts: Sequence[str]) -> tuple[Bytes, Ints]:
    """Give ``(sketches, rows)`` of the texts that take part: ``(m, 32) uint8``, and ``(m,)`` which they are.

    Two sketches agree at the share of places that their texts have of all characters and pairs of the two together.
    """
    rows, tokens, offsets = _tokens(texts)
    if not len(rows):
        return np.empty((0, _PLACES), np.uint8), rows
    digests = RMinHash.digest_matrix_from_flat_token_hashes(tokens, offsets, _PLACES, _SEED).to_rows()
    # Rows of integers by way of bytes: half the time that NumPy takes for lists.
    places = np.frombuffer(b"".join([array("I", digest).tobytes() for digest in digests]), np.uint32)
    mixed = places * np.uint32(0x9E3779B1) >> np.uint32(24)
    return mixed.astype(np.uint8).reshape(-1, _PLACES), rows


def _tokens(texts: Sequence[str]) -> tuple[Ints, U64, U64]:
    """Give the places of the texts that take part, their tokens as hashes, and where each text's tokens begin.

    ``offsets`` is ``(m + 1,)``. A token that occurs twice is given twice, and the last character of a clause in place
    of a pair: a sketch is of the set.
    """
    long = [row for row, text in enumerate(texts) if len(text) >= LEAST_CHARACTERS]
    if not long:
        return np.empty(0, np.int64), np.empty(0, np.uint64), np.zeros(1, np.uint64)
    said = [_said(texts[row]) for row in long]
    units = np.frombuffer("\n".join([*said, ""]).encode("utf-16-le", "surrogatepass"), np.uint16)
    codes = _letters()[units]
    bounds = np.append(0, np.flatnonzero(units == ord("\n")) + 1)
    taking = np.add.reduceat(codes >= _HAN, bounds[:-1], dtype=np.int64) >= LEAST_CHARACTERS
    at = np.flatnonzero((codes > 0) & np.repeat(taking, np.diff(bounds)))
    character = codes[at].astype(np.uint64)
    following = codes[at + 1].astype(np.uint64)
    tokens = np.stack([character, np.where(following > 0, character << np.uint64(16) | following, character)], axis=1)
    offsets = 2 * np.searchsorted(at, bounds[np.append(True, taking)])
    return np.array(long, np.int64)[taking], _mixed(tokens.ravel()), offsets.astype(np.uint64)


def _said(text: str) -> str:
    """Give what the author says: without links, mentions, topics, emotes, and what is passed on behind ``//@``."""
    text = text[:_LONGEST]
    if "//" in text or "@" in text or "&" in text:
        text = normalise(text.split("//@", 1)[0])
    if "#" in text or "[" in text or "@" in text:
        text = _ASIDE.sub(" ", text)
    return text.replace("\n", " ")


@cache
def _letters() -> NDArray[np.uint16]:
    """Map a code point to the letter or digit it is read as by `model.text.normalise`, or to 0: all else parts clauses."""
    letters = [chr(code) for code in range(0x10000) if chr(code).isalnum()]
    table = np.zeros(0x10000, np.uint16)
    for start in range(0, len(letters), 1_000):
        block = letters[start : start + 1_000]
        for letter, read in zip(block, normalise(" ".join(block)).split(" "), strict=True):
            table[ord(letter)] = ord(read) if ord(read) < len(table) else ord(letter)
    return table


def _bands(sketches: Bytes) -> NDArray[np.uint16]:
    """Give ``(n, _BANDS)`` the bands of the sketches, each as one number."""
    return sketches.view("<u2")


def _slots(bands: NDArray[np.uint16]) -> Ints:
    """Give ``(n, _BANDS)`` the slot of each band in the table: high bits of a product modulo 2**16."""
    slot = bands * np.uint16(0x9E37) >> np.uint16(16 - _SLOT_BITS)
    return slot.astype(np.int64) + np.arange(_BANDS) * _SLOTS


def _mixed(tokens: U64) -> U64:
    """Spread tokens over 64 bits (MurmurHash3's fmix64)."""
    tokens = (tokens ^ (tokens >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    tokens = (tokens ^ (tokens >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return tokens ^ (tokens >> np.uint64(33))
