"""Copies among the brief comments of one stream, told by their number.

What is said in a few words is said by many: one brief comment that is near another is no copy. But no few words are an
eighth of all that is said briefly, unless someone has them spread. So a brief comment is a copy where many of the
latest ones, by other authors, are near it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.monitor.comments import F64, Ints
from service.monitor.loops import compiled, inlined
from service.monitor.ring import Ring
from service.monitor.sketches import WORDS

U64 = NDArray[np.uint64]

#: A brief comment is compared with the latest this many.
WINDOW = 64
#: It is a copy where at least so many of them are near it.
MANY = 8
#: Two are near that have at least this share of their characters in common.
NEAR = 0.5


class BriefCopies:
    """The latest brief comments of one stream, and the groups of copies they form."""

    def __init__(self) -> None:
        self.ring = Ring(
            WINDOW,
            {
                "characters": np.empty((0, WORDS), np.uint64),
                "times": np.empty(0),
                "authors": np.empty(0, np.int64),
                "groups": np.empty(0, np.int64),  # seq of the group's first, of itself where it is alone
                "begins": np.empty(0),  # time of the group's first
            },
        )

    def enter(self, characters: U64, times: F64, authors: Ints, seqs: Ints, span: float, joined: Ints) -> Ints:
        """Tell of the next comments ``(n,)`` how many of the latest brief ones are near, and remember the brief ones.

        Those farther off than ``span`` in time, in seconds, and those of the same known author do not count; nor has a
        comment that is not brief any. ``joined`` ``(n,)`` takes the groups of the copies, and stays for others.
        """
        ring, near = self.ring, np.zeros(len(times), np.int64)
        ring.make_room(len(times))
        ring.count = count_near(
            characters,
            times,
            authors,
            seqs,
            ring.count,
            WINDOW,
            span,
            ring["characters"],
            ring["times"],
            ring["authors"],
            ring["groups"],
            ring["begins"],
            joined,
            near,
        )
        return near

    def state(self) -> dict[str, Any]:
        """Give all that is remembered, as JSON values and arrays of numbers."""
        return self.ring.state()

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> BriefCopies:
        """Give it back as it was when ``state`` was taken; it goes on as if never interrupted."""
        copies = cls()
        copies.ring.restore(state)
        return copies


@inlined
def bits_of(word: np.uint64) -> int:
    """Give how many bits of a word are 1."""
    bits = 0
    while word:
        word &= word - np.uint64(1)
        bits += 1
    return bits


@compiled
def count_near(
    new_characters: U64,
    new_times: F64,
    new_authors: Ints,
    new_seqs: Ints,
    count: int,
    window: int,
    span: float,
    characters: U64,
    times: F64,
    authors: Ints,
    groups: Ints,
    begins: F64,
    joined: Ints,
    near: Ints,
) -> int:
    """Enter the next brief comments, one after the other, into a ring that ``count`` have gone through; give how many
    have then.

    ``near`` ``(n,)`` takes how many in the ring are near each. Where these are many, all of them and the comment become
    one group, the eldest they are of, and ``joined`` ``(n,)`` takes it.
    """
    found = np.empty(window, np.int64)
    for row in range(len(new_times)):
        size = 0
        for word in range(WORDS):
            size += bits_of(new_characters[row, word])
        if size == 0:
            continue
        many, eldest = 0, 0
        for place in range(min(count, window)):
            shared = other = 0
            for word in range(WORDS):
                shared += bits_of(new_characters[row, word] & characters[place, word])
                other += bits_of(characters[place, word])
            if (
                shared >= NEAR * (size + other - shared)
                and abs(new_times[row] - times[place]) <= span
                and (new_authors[row] < 0 or new_authors[row] != authors[place])
            ):
                if many == 0 or groups[place] < groups[eldest]:
                    eldest = place
                found[many] = place
                many += 1
        group, begin = new_seqs[row], new_times[row]
        if many >= MANY:
            group, begin = groups[eldest], begins[eldest]
            for place in found[:many]:
                groups[place], begins[place] = group, begin
            joined[row] = group
        near[row] = many
        place = count % window
        characters[place] = new_characters[row]
        times[place], authors[place] = new_times[row], new_authors[row]
        groups[place], begins[place] = group, begin
        count += 1
    return count
