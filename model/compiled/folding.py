"""Folding: normalising whole batches of code points, as `model.text` does string by string.

A comment that needs a regular expression (a link, a mention, an HTML entity) or is too long is named, so that
`model.text.normalise` reads it; all others are folded here.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from model.compiled.machine_code import compiled, inlined
from model.text import MAX_CHARACTERS, folding

U32 = NDArray[np.uint32]
Places = NDArray[np.int64]

#: What parts the comments of a batch; `normalise` leaves none inside one.
BREAK = ord("\n")

_SPACE, _AND, _AT, _SLASH = ord(" "), ord("&"), ord("@"), ord("/")
_NOTHING, _BEYOND = 0, 1  # control characters, which no folded text holds
_PLANE = 0x10000
_KEPT_OF_RUN = 3


@cache
def folding_table() -> NDArray[np.uint16]:
    """Give ``(65536,)`` what each code point is read as: 0 for nothing, 1 for one beyond 16 bits, a space for every
    white space."""
    table = np.arange(_PLANE, dtype=np.uint16)
    for code, read in folding().items():
        simple = ord(read) if read else _NOTHING
        table[code] = simple if simple < _PLANE else _BEYOND
    spaces = re.findall(r"\s", "".join(map(chr, range(_PLANE))))
    table[[ord(space) for space in spaces]] = _SPACE
    return table


@compiled
def fold(
    codes: U32, ends: Places, table: NDArray[np.uint16], folded: U32, bounds: Places, hard: NDArray[np.bool_]
) -> int:
    """Fold comments ending at ``ends`` in ``codes``; those marked in ``hard`` are taken as they are.

    Fills ``folded`` (room for ``len(codes) + len(ends)``), a `BREAK` after each comment, and ``bounds``
    ``(n_texts + 1,)``, where each begins; comment i ends at ``bounds[i + 1] - 1``. Marks in ``hard`` what it could not
    fold, and gives how many those are.
    """
    at, begin, left = 0, 0, 0
    for row in range(len(ends)):
        bounds[row] = at
        end = ends[row]
        if hard[row]:
            for place in range(begin, end):
                folded[at] = codes[place]
                at += 1
        else:
            at = _fold_one(codes, begin, end, table, folded, at)
            if at < 0:
                hard[row] = True
                left += 1
                at = bounds[row]
        begin = end
        folded[at] = BREAK
        at += 1
    bounds[len(ends)] = at
    return left


@inlined
def _fold_one(codes: U32, begin: int, end: int, table: NDArray[np.uint16], folded: U32, at: int) -> int:
    """Fold one comment to ``folded[at:]``; give where it ends, -1 where it can't be folded here."""
    if end - begin > MAX_CHARACTERS:
        return -1
    start = at
    for place in range(begin, end):
        code = codes[place]
        if code == _AND:
            return -1
        if code < _PLANE:
            code = np.uint32(table[code])
        if code == _NOTHING:
            continue
        if code == _SPACE:
            if at > start and folded[at - 1] != _SPACE:
                folded[at] = code
                at += 1
            continue
        if code in (_AT, _BEYOND) or (code == _SLASH and at > start and folded[at - 1] == _SLASH):
            return -1
        if at - start >= _KEPT_OF_RUN and folded[at - 1] == code and folded[at - 2] == code and folded[at - 3] == code:
            continue
        folded[at] = code
        at += 1
    if at > start and folded[at - 1] == _SPACE:
        at -= 1
    return at
