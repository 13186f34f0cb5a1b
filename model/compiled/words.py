"""Words: jieba's algorithm over code points - the likeliest path through the dictionary, and what it leaves unknown cut
by a hidden Markov model.

Chinese words are jieba's; where it matters how Latin letters joined by marks are cut, rjieba's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.compiled.dictionary import FIRST, LAST, Dictionary, child_of, slot_of
from model.compiled.lanes import prefetch
from model.compiled.machine_code import compiled

I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]
Places = NDArray[np.int64]

_PLANE = 0x10000
_PERCENT, _POINT, _HYPHEN, _LINE = map(ord, "%.-_")
_BEGIN, _END, _MIDDLE, _SINGLE = range(4)
_OTHER, _MARK, _LATIN, _HAN = range(4)
_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2EBEF),
           (0x2F800, 0x2FA1F))  # fmt: skip


def _kinds() -> NDArray[np.int8]:
    """Give ``(0x30000,)`` what each code point is to jieba."""
    kinds = np.full(0x30000, _OTHER, np.int8)
    for first, last in _RANGES:
        kinds[first : last + 1] = _HAN
    for mark in "+#&._%-":
        kinds[ord(mark)] = _MARK
    for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
        kinds[ord(letter)] = _LATIN
    return kinds


KINDS = _kinds()


@compiled
def cut_rows(
    codes: U32, bounds: Places, kinds: NDArray[np.int8], dictionary: Dictionary, lengths: I32, counts: Places
) -> None:
    """Cut texts. The lengths of the words of text i go to ``lengths[bounds[i]:]``, their number to ``counts[i]``."""
    longest = 0
    for row in range(len(counts)):
        longest = max(longest, bounds[row + 1] - bounds[row])
    route, ends = np.empty(longest + 1, np.float64), np.empty(longest + 1, np.int32)
    before = np.zeros((longest, 4), np.int8)
    for row in range(len(counts)):
        text = codes[bounds[row] : bounds[row + 1] - 1]
        out = lengths[bounds[row] : bounds[row + 1]]
        count, place = 0, 0
        while place < len(text):
            begin = place
            while place < len(text) and _kind(text[place], kinds) != _OTHER:
                place += 1
            if place > begin:
                count = _cut_block(text, begin, place, kinds, dictionary, route, ends, before, out, count)
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


@compiled
def _kind(code: int, kinds: NDArray[np.int8]) -> int:
    return kinds[code] if code < len(kinds) else _OTHER


@compiled
def _cut_block(
    text: U32, begin: int, end: int, kinds: NDArray[np.int8], dictionary: Dictionary, route: F64, ends: I32,
    before: NDArray[np.int8], out: I32, count: int,
) -> int:  # fmt: skip
    """Add the words of characters that may form words; give how many there are then."""
    _find_route(
        text,
        begin,
        end,
        dictionary.roots,
        dictionary.branches,
        dictionary.log_frequency,
        dictionary.unknown,
        route,
        ends,
    )
    place, single = begin, -1
    while place <= end:
        following = ends[place] if place < end else place + 2
        if following - place == 1:
            if single < 0:
                single = place
        else:
            if single >= 0:
                if place - single == 1:
                    out[count] = 1
                    count += 1
                elif _is_word(text, single, place, dictionary.roots, dictionary.branches, dictionary.log_frequency):
                    for _ in range(single, place):
                        out[count] = 1
                        count += 1
                else:
                    count = _cut_unknown(
                        text,
                        single,
                        place,
                        kinds,
                        dictionary.start,
                        dictionary.change,
                        dictionary.emit,
                        before,
                        out,
                        count,
                    )
                single = -1
            if place < end:
                out[count] = following - place
                count += 1
        place = following
    return count


@compiled
def _find_route(
    text: U32, begin: int, end: int, roots: I32, branches: U64, log_frequency: F64, unknown: float,
    route: F64, ends: I32,
) -> None:  # fmt: skip
    """Fill ``ends`` with where the word that begins at each character ends on the likeliest path to the end."""
    mask = np.uint64(len(branches) - 1)
    for place in range(begin, end - 1):
        root = roots[text[place]] if text[place] < _PLANE else 0
        prefetch(branches, np.int64(slot_of(np.uint64(root), np.uint64(text[place + 1]), mask)))
    route[end] = 0
    for first in range(end - 1, begin - 1, -1):
        best, chosen = -np.inf, -1
        code = text[first]
        node: Any = np.int64(roots[code]) if code < _PLANE else child_of(0, code, branches)
        place = first + 1
        while node != 0:
            share = log_frequency[node]
            if share != np.inf and share + route[place] >= best:
                best, chosen = share + route[place], place
            if place == end:
                break
            node = child_of(node, text[place], branches)
            place += 1
        if chosen < 0:
            best, chosen = unknown + route[first + 1], first + 1
        route[first], ends[first] = best, chosen


@compiled
def _is_word(text: U32, begin: int, end: int, roots: I32, branches: U64, log_frequency: F64) -> bool:
    node: Any = np.int64(roots[text[begin]]) if text[begin] < _PLANE else child_of(0, text[begin], branches)
    for place in range(begin + 1, end):
        if node == 0:
            return False
        node = child_of(node, text[place], branches)
    return bool(node != 0 and log_frequency[node] != np.inf)


@compiled
def _cut_unknown(
    text: U32, begin: int, end: int, kinds: NDArray[np.int8], start: F64, change: F64, emit: F64,
    before: NDArray[np.int8], out: I32, count: int,
) -> int:  # fmt: skip
    """Add the words of a run of single characters; give how many there are then."""
    place = begin
    while place < end:
        first = place
        while place < end and FIRST <= text[place] <= LAST:
            place += 1
        if place - first > 1:
            count = _follow_states(text, first, place, start, change, emit, before, out, count)
            continue
        if place > first:
            out[count] = 1
            count += 1
            continue
        while place < end and not FIRST <= text[place] <= LAST:
            first, place = place, _past_letters(text, place, end, kinds)
            if place == first:
                while place < end and kinds[text[place]] != _LATIN and not FIRST <= text[place] <= LAST:
                    place += 1
            out[count] = place - first
            count += 1
    return count


@compiled
def _past_letters(text: U32, begin: int, end: int, kinds: NDArray[np.int8]) -> int:
    """Give where letters and digits that begin here end, with those joined to them by single joints and a percent sign
    behind; ``begin`` where there are none."""
    place = begin
    while place < end and kinds[text[place]] == _LATIN:
        while place < end and kinds[text[place]] == _LATIN:
            place += 1
        if place + 1 < end and _is_joint(text[place]) and kinds[text[place + 1]] == _LATIN:
            place += 1
    if place > begin and place < end and text[place] == _PERCENT:
        place += 1
    return place


@compiled
def _is_joint(code: int) -> bool:
    return code in (_POINT, _HYPHEN, _LINE)


@compiled
def _follow_states(
    text: U32, first: int, last: int, start: F64, change: F64, emit: F64, before: NDArray[np.int8], out: I32, count: int
) -> int:
    """Add the words of the likeliest states of characters, by Viterbi's algorithm; of equals the later counts."""
    row = emit[text[first] - FIRST]
    b, e, m, s = start[0] + row[0], start[1] + row[1], start[2] + row[2], start[3] + row[3]
    be, bm, eb, es = change[0, 1], change[0, 2], change[1, 0], change[1, 3]
    me, mm, sb, ss = change[2, 1], change[2, 2], change[3, 0], change[3, 3]
    for place in range(first + 1, last):
        code = text[place] - FIRST
        to_b, to_e, to_m, to_s = emit[code, 0], emit[code, 1], emit[code, 2], emit[code, 3]
        e_b, s_b = e + eb + to_b, s + sb + to_b
        b_e, m_e = b + be + to_e, m + me + to_e
        b_m, m_m = b + bm + to_m, m + mm + to_m
        e_s, s_s = e + es + to_s, s + ss + to_s
        before[place, 0] = _SINGLE if s_b >= e_b else _END
        before[place, 1] = _MIDDLE if m_e >= b_e else _BEGIN
        before[place, 2] = _MIDDLE if m_m >= b_m else _BEGIN
        before[place, 3] = _SINGLE if s_s >= e_s else _END
        b, e, m, s = max(s_b, e_b), max(m_e, b_e), max(m_m, b_m), max(s_s, e_s)
    state: Any = _SINGLE if s >= e else _END
    for place in range(last - 1, first - 1, -1):
        following = np.int64(before[place, state])
        before[place, 0] = state
        state = following
    begin, after = first, first
    for place in range(first, last):
        state = np.int64(before[place, 0])
        if state == _BEGIN:
            begin = place
        elif state == _END:
            out[count] = place + 1 - begin
            count += 1
            after = place + 1
        elif state == _SINGLE:
            out[count] = 1
            count += 1
            after = place + 1
    if after < last:
        out[count] = last - after
        count += 1
    return count
