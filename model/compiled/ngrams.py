"""N-grams: the known n-grams of one comment and how often each stands in it, hashed as `model.features` says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.compiled.lanes import prefetch
from model.compiled.machine_code import compiled
from model.compiled.tables import Known, Readings
from model.features import PRIME, SPACE, WORD, WORD_PAIR

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I32 = NDArray[np.int32]

_AT_ONCE = 4
_P, _ONE, _MIX = np.uint64(PRIME), np.uint64(1), np.uint64(33)
_MIX_ONE, _MIX_TWO = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_WORD_SALT, _PAIR_SALT = np.uint64(WORD * PRIME % 2**64), np.uint64(WORD_PAIR * PRIME % 2**64)


@compiled
def _finalise(value: np.uint64, salt: np.uint64) -> np.uint64:
    value = value + salt
    value = (value ^ (value >> _MIX)) * _MIX_ONE
    value = (value ^ (value >> _MIX)) * _MIX_TWO
    return value ^ (value >> _MIX)


@compiled
def hash_characters(text: U32, longest: int, hashes: U64) -> int:
    """Fill ``hashes`` with the n-grams of 1 to ``longest`` characters of a text; give how many there are."""
    count = 0
    for begin in range(len(text)):
        rolling = np.uint64(0)
        salt = np.uint64(0)
        for place in range(begin, min(begin + longest, len(text))):
            rolling = rolling * _P + np.uint64(text[place]) + _ONE
            salt += _P
            hashes[count] = _finalise(rolling, salt)
            count += 1
    return count


@compiled
def hash_words(text: U32, lengths: I32, longest: int, hashes: U64, count: int) -> int:
    """Add to ``hashes`` the words of a text, of these lengths one after the other, and the pairs of words."""
    if longest < 1:
        return count
    begin = 0
    before = np.uint64(0)
    any_before = False
    for length in lengths:
        if text[begin] != SPACE:
            value, power = np.uint64(0), _ONE
            for place in range(begin, begin + length):
                value += (np.uint64(text[place]) + _ONE) * power
                power *= _P
            word = _finalise(value, _WORD_SALT)
            hashes[count] = word
            count += 1
            if longest > 1 and any_before:
                hashes[count] = _finalise(before * _P + word, _PAIR_SALT)
                count += 1
            before = word
            any_before = True
        begin += length
    return count


@compiled
def slots_for(n_hashes: int) -> int:
    """Give a power of two more than twice as large."""
    size = 2
    while size <= 2 * n_hashes:
        size *= 2
    return size


@compiled
def open_drawers(hashes: U64, known: Known, begins: I32, ends: I32) -> None:
    """Fill ``begins`` and ``ends`` with where the candidates of each hash stand, and ask for them."""
    for index in range(len(hashes)):
        drawer = hashes[index] >> known.shift
        begins[index], ends[index] = known.first[drawer], known.first[drawer + _ONE]
        prefetch(known.hashes, begins[index])


@compiled
def find_known(hashes: U64, begins: I32, ends: I32, known: Known) -> int:
    """Put the columns of the hashes that are known first in ``begins``; give how many there are.

    Nearly every drawer holds `_AT_ONCE` candidates or fewer. So many are compared without a branch, which could not be
    foretold; a comparison with one of the next drawer finds nothing.
    """
    found = 0
    last = len(known.hashes) - _AT_ONCE
    for index in range(len(hashes)):
        value, begin, end = hashes[index], begins[index], ends[index]
        column, hit = begin, 0
        if begin <= last and end - begin <= _AT_ONCE:
            for step in range(_AT_ONCE):
                same = int(known.hashes[begin + step] == value)
                column += step * same
                hit |= same
        else:
            for candidate in range(begin, end):
                if known.hashes[candidate] == value:
                    column, hit = candidate, 1
        begins[found] = column
        found += hit
    return found


@compiled
def count_each(found: I32, readings: Readings, slots: I32, columns: I32, counts: I32) -> int:
    """Fill ``columns`` and ``counts`` with the distinct columns among ``found``, in the order of their first
    occurrence; give how many there are. ``slots`` is scratch of `slots_for` places. What they read is asked for."""
    distinct = 0
    size = slots_for(len(found))
    slots[:size] = 0
    mask = np.int64(size - 1)
    for column in found:
        slot = np.int64(column) & mask  # columns are in the order of uniform hashes
        while slots[slot] != 0 and columns[slots[slot] - 1] != column:
            slot = (slot + 1) & mask
        if slots[slot] != 0:
            counts[slots[slot] - 1] += 1
            continue
        prefetch(readings.views, np.int64(column) * readings.view_width)
        columns[distinct] = column
        counts[distinct] = 1
        distinct += 1
        slots[slot] = distinct
    return distinct
