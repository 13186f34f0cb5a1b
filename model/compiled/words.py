"""Words: jieba's algorithm over code points, the likeliest path through the dictionary; `unknown` cuts the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.compiled.dictionary import (
    NO_WORD,
    Dictionary,
    first_node,
    goes_on,
    line_of,
    node_at,
    step,
)
from model.compiled.kinds import OTHER, kind_of
from model.compiled.lanes import prefetch
from model.compiled.machine_code import compiled, inlined
from model.compiled.unknown import cut_unknown

I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]
F64 = NDArray[np.float64]
Places = NDArray[np.int64]


@compiled
def cut_rows(
    codes: U32, bounds: Places, kinds: NDArray[np.int8], dictionary: Dictionary, lengths: I32, counts: Places
) -> None:
    """Cut texts. The lengths of the words of text i go to ``lengths[bounds[i]:]``, their number to ``counts[i]``."""
    longest = 0
    for row in range(len(counts)):
        longest = max(longest, bounds[row + 1] - bounds[row])
    route, ends, pairs = np.empty(longest + 1), np.empty(longest + 1, np.int32), np.empty(longest + 1, np.int64)
    before = np.zeros(longest, np.uint8)
    for row in range(len(counts)):
        text = codes[bounds[row] : bounds[row + 1] - 1]
        out = lengths[bounds[row] : bounds[row + 1]]
        count, place = 0, 0
        while place < len(text):
            begin = place
            while place < len(text) and kind_of(text[place], kinds) != OTHER:
                place += 1
            if place > begin:
                count = _cut_block(text, begin, place, kinds, dictionary, route, pairs, ends, before, out, count)
            else:
                out[count] = 1
                count += 1
                place += 1
        counts[row] = count


@compiled
def place_words(words: I32, bounds: Places, lengths: I32, counts: Places) -> bool:
    """Take word lengths of texts, the breaks between texts among them, to where `cut_rows` puts them; False where a
    word reaches over the end of its text."""
    token = 0
    for row in range(len(counts)):
        at, count = bounds[row], 0
        end = bounds[row + 1] - 1
        while at < end and token < len(words):
            lengths[bounds[row] + count] = words[token]
            at += words[token]
            count += 1
            token += 1
        if at != end:
            return False
        counts[row] = count
        if row < len(counts) - 1:
            if token == len(words) or words[token] != 1:
                return False
            token += 1
    return token == len(words)


@inlined
def _cut_block(
    text: U32, begin: int, end: int, kinds: NDArray[np.int8], dictionary: Dictionary, route: F64, pairs: Places,
    ends: I32, before: NDArray[np.uint8], out: I32, count: int,
) -> int:  # fmt: skip
    """Add the words of characters that may form words; give how many there are then."""
    _find_pairs(text, begin, end, dictionary, pairs)
    _find_route(text, begin, end, dictionary, pairs, route, ends)
    ends[end] = end + 2  # no single character follows the last
    place = begin
    while place < end:
        following = ends[place]
        if (following - place == 1) & (ends[following] - following == 1):
            first = place
            while ends[place] - place == 1:
                place += 1
            if _is_word(text, first, place, dictionary, pairs):
                out[count : count + place - first] = 1
                count += place - first
            else:
                count = cut_unknown(text, first, place, kinds, dictionary, before, out, count)
            continue
        out[count] = following - place
        count += 1
        place = following
    return count


@inlined
def _find_pairs(text: U32, begin: int, end: int, dictionary: Dictionary, pairs: Places) -> None:
    """Fill ``pairs`` with where in the dictionary each character and the next lead, -1 where no word begins so.

    Memory is asked for before it is read: first for all pairs, then for what may follow those found.
    """
    branches = dictionary.branches
    for place in range(begin, end - 1):
        prefetch(branches, line_of(first_node(text[place]), np.uint64(text[place + 1]), branches))
        prefetch(dictionary.firsts, np.int64(text[place]))
    pairs[end - 1] = -1
    for place in range(begin, end - 1):
        pair = step(first_node(text[place]), text[place + 1], branches)
        pairs[place] = pair
        prefetch(branches, line_of(node_at(pair), np.uint64(text[min(place + 2, end - 1)]), branches))


@inlined
def _find_route(text: U32, begin: int, end: int, dictionary: Dictionary, pairs: Places, route: F64, ends: I32) -> None:
    """Fill ``ends`` with where the word that begins at each character ends on the likeliest path to the end."""
    branches, shares = dictionary.branches, dictionary.shares
    route[end] = 0
    for first in range(end - 1, begin - 1, -1):
        best, chosen = -np.inf, -1
        share = dictionary.firsts[text[first]]
        if share != NO_WORD:
            best, chosen = share + route[first + 1], first + 1
        place, slot = first + 2, pairs[first]
        while slot >= 0:
            share = shares[slot + 1]
            if share != NO_WORD and share + route[place] >= best:
                best, chosen = share + route[place], place
            if place == end or not goes_on(slot, branches):
                break
            slot = step(node_at(slot), text[place], branches)
            place += 1
        if chosen < 0:
            best, chosen = dictionary.unknown + route[first + 1], first + 1
        route[first], ends[first] = best, chosen


@inlined
def _is_word(text: U32, begin: int, end: int, dictionary: Dictionary, pairs: Places) -> bool:
    """Tell whether characters, two or more, are a word."""
    slot = pairs[begin]
    for place in range(begin + 2, end):
        if slot < 0:
            return False
        slot = step(node_at(slot), text[place], dictionary.branches)
    return bool(slot >= 0 and dictionary.shares[slot + 1] != NO_WORD)
