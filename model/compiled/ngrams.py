"""N-grams: the known n-grams of one comment and how often each stands in it, hashed as `model.features` says."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.compiled.lanes import ones, prefetch
from model.compiled.machine_code import inlined
from model.compiled.tables import WORD_BITS, Known, Readings
from model.features import PRIME, SPACE, WORD, WORD_PAIR

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I32 = NDArray[np.int32]

_IN_WORD = np.uint64((1 << int(WORD_BITS)) - 1)
_P, _ONE, _MIX = np.uint64(PRIME), np.uint64(1), np.uint64(33)
_MIX_ONE, _MIX_TWO = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_WORD_SALT, _PAIR_SALT = np.uint64(WORD * PRIME % 2**64), np.uint64(WORD_PAIR * PRIME % 2**64)


@inlined
def _finalise(value: np.uint64, salt: np.uint64) -> np.uint64:
    value = value + salt
    value = (value ^ (value >> _MIX)) * _MIX_ONE
    value = (value ^ (value >> _MIX)) * _MIX_TWO
    return value ^ (value >> _MIX)


@inlined
def hash_characters(text: U32, longest: int, rolling: U64, hashes: U64) -> int:
    """Fill ``hashes`` with the n-grams of 1 to ``longest`` characters of a text; give how many there are. ``rolling``
    is scratch as long as the text."""
    count, left = 0, len(text)
    rolling[:left] = 0
    for n in range(longest):
        salt = np.uint64(n + 1) * _P
        for place in range(left):
            value = rolling[place] * _P + np.uint64(text[place + n]) + _ONE
            rolling[place] = value
            hashes[count + place] = _finalise(value, salt)
        count += max(left, 0)
        left -= 1
    return count


@inlined
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


@inlined
def sift(hashes: U64, known: Known, readings: Readings, places: I32) -> Any:
    """Bring the hashes whose drawers are not empty to the front and fill ``places`` with the first record that may be
    theirs; give how many there are. Their records are asked for."""
    sifted: Any = 0
    for index in range(len(hashes)):
        value = hashes[index]
        drawer = value >> known.shift
        word = np.int64(drawer >> WORD_BITS) * 2
        bits, bit = known.drawers[word], drawer & _IN_WORD
        hashes[sifted] = value
        places[sifted] = np.int64(known.drawers[word + 1] + ones(bits & ((_ONE << bit) - _ONE)))
        sifted += np.int64((bits >> bit) & _ONE)
    for index in range(sifted):
        prefetch(readings.views, np.int64(places[index]) * readings.view_width)
    return sifted


@inlined
def find_known(hashes: U64, places: I32, readings: Readings) -> int:
    """Bring the columns of the hashes that are known to the front of ``places``; give how many there are. Where two
    n-grams share a drawer the record stands a little further."""
    found = 0
    n_ngrams, name = readings.names.shape[0], readings.names.shape[1] - 1
    for index in range(len(hashes)):
        value, place = hashes[index], np.int64(places[index])
        while place < n_ngrams and readings.names[place, name] < value:
            place += 1
        places[found] = place
        found += int(place < n_ngrams and readings.names[place, name] == value)
    return found


@inlined
def slots_for(n_hashes: int) -> int:
    """Give a power of two more than four times as large."""
    size = 4
    while size <= 4 * n_hashes:
        size *= 2
    return size


@inlined
def count_each(found: I32, slots: I32, columns: I32, counts: I32) -> int:
    """Fill ``columns`` and ``counts`` with the distinct columns among ``found``, in the order of their first
    occurrence; give how many there are. ``slots`` is scratch of `slots_for` places."""
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
        columns[distinct] = column
        counts[distinct] = 1
        distinct += 1
        slots[slot] = distinct
    return distinct
