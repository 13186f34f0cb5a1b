"""The banded index of sketches, as loops that numba compiles.

A sketch falls into bands of two of its places. For every band the index has a table of slots, each of which remembers
the latest comment whose band fell into it. The banding is Broder's, as told by Leskovec, Rajaraman and Ullman, "Mining
of Massive Datasets", chapter 3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from service.monitor.comments import F64, Ints
from service.monitor.loops import compiled, inlined
from service.monitor.sketches import PLACES

Bytes = NDArray[np.uint8]
#: Bands of sketches, each as one number.
Bands = NDArray[np.uint16]

BANDS = PLACES // 2
_SLOT_BITS = 11  # of the 16 bits of a band, so many choose its slot
#: Slots of all bands together.
SLOTS = BANDS << _SLOT_BITS


def bands_of(sketches: Bytes) -> Bands:
    """Give ``(n, BANDS)`` the bands of the sketches ``(n, PLACES)``, which share their memory."""
    return sketches.view("<u2")


@inlined
def slot_of(band: int, value: int) -> int:
    """Give the slot of a band, in its part of the table: the high bits of a product modulo 2**16."""
    return (band << _SLOT_BITS) + ((int(value) * 0x9E37 & 0xFFFF) >> (16 - _SLOT_BITS))


@compiled
def tabulate(bands: Bands, places: Ints, table: NDArray[np.uint16]) -> None:
    """Enter the comments at some ``places`` of the ring into the ``table`` ``(SLOTS,)``, in their order."""
    for place in places:
        for band in range(BANDS):
            table[slot_of(band, bands[place, band])] = place + 1


@compiled
def look_through(bands: Bands, count: int, slots: Ints, latest: Ints) -> None:
    """Let ``latest`` ``(BANDS,)`` take which of the first ``count`` comments is the latest in each of the ``slots``
    ``(BANDS,)``, or -1: what a table would tell."""
    latest[:] = -1
    for place in range(count):
        for band in range(BANDS):
            latest[band] = place if slot_of(band, bands[place, band]) == slots[band] else latest[band]


@compiled
def enter(
    new_sketches: Bytes,
    new_bands: Bands,
    new_times: F64,
    new_authors: Ints,
    new_seqs: Ints,
    count: int,
    window: int,
    span: float,
    least: float,
    sketches: Bytes,
    bands: Bands,
    times: F64,
    authors: Ints,
    groups: Ints,
    begins: F64,
    table: NDArray[np.uint16],
    joined: Ints,
) -> None:
    """Enter the next comments, one after the other, into a ring that ``count`` have gone through.

    Of the latest comment in each of its slots, no more than ``span`` seconds off and equal in the whole band (a slot is
    shared, and the place it remembers may have been taken by another comment since), a comment joins the group of the
    most similar, the latest of equals, where at least ``least`` places are equal: ``joined`` ``(n,)`` takes the group
    then, and stays otherwise. The ring is of ``window`` places once it is full, ``sketches`` to ``begins``; while
    ``table`` is empty, as there are few, they are looked through for what it would tell.
    """
    slots, latest = np.empty(BANDS, np.int64), np.empty(BANDS, np.int64)
    for row in range(len(new_times)):
        place = count % window
        for band in range(BANDS):
            slots[band] = slot_of(band, new_bands[row, band])
        if len(table):
            for band in range(BANDS):
                latest[band] = int(table[slots[band]]) - 1
                table[slots[band]] = place + 1
        else:
            look_through(bands, count, slots, latest)
        nearest, most, youngest = -1, 0, 0
        for band in range(BANDS):
            other = latest[band]
            if other < 0 or bands[other, band] != new_bands[row, band] or abs(new_times[row] - times[other]) > span:
                continue
            equal = 0
            for byte in range(PLACES):
                equal += new_sketches[row, byte] == sketches[other, byte]
            age = (count - other - 1) % window
            if equal > most or (equal == most and age < youngest):
                nearest, most, youngest = other, equal, age
        group, begin = new_seqs[row], new_times[row]
        if most >= least:
            group, begin = groups[nearest], begins[nearest]
            joined[row] = group
        sketches[place] = new_sketches[row]
        times[place], authors[place] = new_times[row], new_authors[row]
        groups[place], begins[place] = group, begin
        count += 1
