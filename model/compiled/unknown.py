"""Unknown words: what the dictionary leaves as single characters, joined by jieba's hidden Markov model.

Chinese words are jieba's; where it matters how Latin letters joined by marks are cut, rjieba's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.compiled.dictionary import FIRST, LAST, Dictionary
from model.compiled.kinds import LATIN
from model.compiled.machine_code import inlined

I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]

_PERCENT, _POINT, _HYPHEN, _LINE = map(ord, "%.-_")
_BEGIN, _END, _MIDDLE, _SINGLE = range(4)
_ENDS = 1  # the bit of the states that end a word
_BITS, _STATE = 2, 3  # of a state, and all of them set


@inlined
def cut_unknown(
    text: U32, begin: int, end: int, kinds: NDArray[np.int8], dictionary: Dictionary, before: NDArray[np.uint8],
    out: I32, count: int,
) -> int:  # fmt: skip
    """Add the words of a run of single characters; give how many there are then."""
    place = begin
    while place < end:
        first = place
        while place < end and FIRST <= text[place] <= LAST:
            place += 1
        if place - first > 1:
            count = _follow_states(text, first, place, dictionary, before, out, count)
            continue
        if place > first:
            out[count] = 1
            count += 1
            continue
        while place < end and not FIRST <= text[place] <= LAST:
            first, place = place, _past_letters(text, place, end, kinds)
            if place == first:
                while place < end and kinds[text[place]] != LATIN and not FIRST <= text[place] <= LAST:
                    place += 1
            out[count] = place - first
            count += 1
    return count


@inlined
def _past_letters(text: U32, begin: int, end: int, kinds: NDArray[np.int8]) -> int:
    """Give where letters and digits that begin here end, with those joined to them by single joints and a percent sign
    behind; ``begin`` where there are none."""
    place = begin
    while place < end and kinds[text[place]] == LATIN:
        while place < end and kinds[text[place]] == LATIN:
            place += 1
        if place + 1 < end and _is_joint(text[place]) and kinds[text[place + 1]] == LATIN:
            place += 1
    if place > begin and place < end and text[place] == _PERCENT:
        place += 1
    return place


@inlined
def _is_joint(code: int) -> bool:
    return code in (_POINT, _HYPHEN, _LINE)


@inlined
def _follow_states(
    text: U32, first: int, last: int, dictionary: Dictionary, before: NDArray[np.uint8], out: I32, count: int
) -> int:
    """Add the words of the likeliest states of characters, by Viterbi's algorithm; of equals the later counts.

    ``before`` is scratch: for each character, which state leads to each of its own.
    """
    start, change, emit = dictionary.start, dictionary.change, dictionary.emit
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
        to_begin = _SINGLE if s_b >= e_b else _END
        to_end = _MIDDLE if m_e >= b_e else _BEGIN
        to_middle = _MIDDLE if m_m >= b_m else _BEGIN
        to_single = _SINGLE if s_s >= e_s else _END
        before[place] = to_begin | to_end << _BITS | to_middle << 2 * _BITS | to_single << 3 * _BITS
        b, e, m, s = max(s_b, e_b), max(m_e, b_e), max(m_m, b_m), max(s_s, e_s)
    state: Any = np.int64(_SINGLE if s >= e else _END)
    for place in range(last - 1, first - 1, -1):
        following = np.int64(before[place]) >> _BITS * state & _STATE
        before[place] = state
        state = following
    begin = first
    for place in range(first, last):  # the last state ends a word
        out[count] = place + 1 - begin
        ended = before[place] & _ENDS
        count += ended
        begin = place + 1 if ended else begin
    return count
