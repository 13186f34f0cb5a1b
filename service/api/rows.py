"""Rows: scores written as JSON by compiled code, to the byte what `service.api.results` gives orjson to write.

Probabilities have four decimals, so a number is one of ten thousand and its digits need no shortest-float search; keys
and names are copied. The lock of the interpreter is released meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from model import POLARITIES, FacetNames, Scores
from model.compiled.lanes import STRIDE, move
from model.compiled.machine_code import compiled, inlined

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

_PARTS = (
    *(f'"polarity":"{polarity}","polarity_score":' for polarity in POLARITIES),
    *(',"p_negative":', ',"p_neutral":', ',"p_positive":'),
    *(',"circles":[', '],"aspects":[', '],"stage":', ',"p_circles":{', '},"p_aspects":{', '},"p_stages":{'),
)
_NUMBERS, _LISTS, _CHANCES, _END, _NAMES = 3, 6, 9, 12, 13
_LONGEST_NUMBER = 7  # -0.1234
_COMMA, _COLON, _POINT, _MINUS = map(ord, ",:.-")
_U = np.uint64
_ZERO = _U(ord("0"))
_NULL = tuple(b"null")
_BEYOND = bytes(STRIDE)  # behind letters, as whole strides are copied


class Texts(NamedTuple):
    """The parts rows are made of: part i is ``letters[ends[i]:ends[i + 1]]``; from `_NAMES` on the names of facets in
    quotes, ``kinds[j]`` to ``kinds[j + 1]`` being those of one kind. ``room`` is the most bytes of a row."""

    letters: Bytes
    ends: Places
    kinds: Places
    room: int


def write_rows(
    scores: Scores, version: str, names: Sequence[Any], indices: Sequence[int], every: Sequence[bool]
) -> list[bytes]:
    """Give the object of each comment; ``names`` are their ids (None: without one), ``every`` whether the probability
    of every facet is told."""
    heads = [_head(name, index) for name, index in zip(names, indices, strict=True)]
    texts = _texts(scores.facets.names, version)
    out = np.empty(sum(map(len, heads)) + texts.room * len(heads) + STRIDE, np.uint8)
    ends = np.empty(len(heads) + 1, np.int64)
    _write(
        np.frombuffer(b"".join([*heads, _BEYOND]), np.uint8),
        np.fromiter(map(len, heads), np.int64, len(heads)),
        np.ascontiguousarray(scores.probabilities),
        np.ascontiguousarray(scores.decided),
        np.ascontiguousarray(scores.facets.chances),
        np.ascontiguousarray(scores.facets.decided),
        np.fromiter(every, np.bool_, len(heads)),
        texts.letters,
        texts.ends,
        texts.kinds,
        out,
        ends,
    )
    whole, places = out[: ends[-1]].tobytes(), ends.tolist()
    return [whole[begin:end] for begin, end in pairwise(places)]


def _head(name: Any, index: int) -> bytes:
    return b'{"index":%d,' % index if name is None else b'{"id":%b,"index":%d,' % (orjson.dumps(name), index)


@lru_cache(maxsize=8)
def _texts(names: FacetNames, version: str) -> Texts:
    parts = [part.encode() for part in (*_PARTS, f'}},"model":{_quoted(version)}}}', *map(_quoted, names.all))]
    kinds = (0, names.circle_columns.stop, names.aspect_columns.stop, names.stage_columns.stop)
    # A facet stands in a list and before a number, each with two marks beside it.
    room = 2 * sum(map(len, parts)) + (len(names) + 4) * (_LONGEST_NUMBER + 4)
    letters = np.frombuffer(b"".join([*parts, _BEYOND]), np.uint8)
    ends = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return Texts(letters, ends, np.asarray(kinds, np.int64), room)


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


@compiled
def _write(
    heads: Bytes, lengths: Places, probabilities: NDArray[np.float32], decided: Places, chances: NDArray[np.float32],
    named: NDArray[np.bool_], every: NDArray[np.bool_], letters: Bytes, ends: Places, kinds: Places, out: Bytes,
    row_ends: Places,
) -> None:  # fmt: skip
    """Fill ``out`` with rows, row i from ``row_ends[i]`` to ``row_ends[i + 1]``."""
    at, head = 0, 0
    row_ends[0] = 0
    for row in range(len(lengths)):
        at = _copy(heads, head, head + lengths[row], out, at)
        head += lengths[row]
        at = _copy(letters, ends[decided[row]], ends[decided[row] + 1], out, at)
        at = _number(np.float64(probabilities[row, 2] - probabilities[row, 0]), out, at)
        for polarity in range(3):
            part = _NUMBERS + polarity
            at = _copy(letters, ends[part], ends[part + 1], out, at)
            at = _number(np.float64(probabilities[row, polarity]), out, at)
        for kind in range(3):
            at = _copy(letters, ends[_LISTS + kind], ends[_LISTS + kind + 1], out, at)
            at = _list(named[row], kinds[kind], kinds[kind + 1], kind == 2, letters, ends, out, at)
        for kind in range(3):
            at = _copy(letters, ends[_CHANCES + kind], ends[_CHANCES + kind + 1], out, at)
            begin = at
            for facet in range(kinds[kind], kinds[kind + 1]):
                if every[row] or named[row, facet]:
                    if at > begin:
                        out[at] = _COMMA
                        at += 1
                    at = _copy(letters, ends[_NAMES + facet], ends[_NAMES + facet + 1], out, at)
                    out[at] = _COLON
                    at = _number(np.float64(chances[row, facet]), out, at + 1)
        at = _copy(letters, ends[_END], ends[_END + 1], out, at)
        row_ends[row + 1] = at


@inlined
def _copy(letters: Bytes, begin: int, end: int, out: Bytes, at: int) -> int:
    """Copy whole strides, of which the last reaches beyond: both arrays have room, and what comes next is written over
    it."""
    for place in range(begin, end, STRIDE):
        move(letters, place, out, at + place - begin)
    return at + end - begin


@inlined
def _list(
    named: NDArray[np.bool_], first: int, last: int, one: bool, letters: Bytes, ends: Places, out: Bytes, at: int
) -> int:
    """Write the names of a kind with commas between; of the kind that has ``one`` at most that or null."""
    begin = at
    for facet in range(first, last):
        if named[facet] and not (one and at > begin):
            if at > begin:
                out[at] = _COMMA
                at += 1
            at = _copy(letters, ends[_NAMES + facet], ends[_NAMES + facet + 1], out, at)
    if one and at == begin:
        return _null(out, at)
    return at


@inlined
def _null(out: Bytes, at: int) -> int:
    for letter in _NULL:
        out[at] = letter
        at += 1
    return at


@inlined
def _number(value: float, out: Bytes, at: int) -> int:
    """Write a number from -1 to 1 to four decimals as orjson does: no zero at the end but the one behind a point."""
    if not abs(value) <= 1.0001:
        return _null(out, at)
    steps: Any = np.uint64(np.rint(abs(value) * 10_000))
    if value < 0:
        out[at] = _MINUS
        at += 1
    # By constants, so that no division is left in the machine code.
    out[at] = _ZERO + steps // _U(10_000)
    out[at + 1] = _POINT
    out[at + 2] = _ZERO + steps // _U(1_000) % _U(10)
    out[at + 3] = _ZERO + steps // _U(100) % _U(10)
    out[at + 4] = _ZERO + steps // _U(10) % _U(10)
    out[at + 5] = _ZERO + steps % _U(10)
    if steps % _U(10):
        return at + 6
    if steps % _U(100):
        return at + 5
    return at + 4 if steps % _U(1_000) else at + 3
