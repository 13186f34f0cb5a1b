"""Kinds: what each code point is to jieba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.compiled.dictionary import CODES
from model.compiled.machine_code import inlined

#: What a code point is: none that words are made of, a mark within words, a Latin letter or digit, a Chinese character.
OTHER, MARK, LATIN, HAN = range(4)

_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2EBEF),
           (0x2F800, 0x2FA1F))  # fmt: skip


def _kinds() -> NDArray[np.int8]:
    """Give ``(CODES,)`` what each code point is to jieba."""
    kinds = np.full(CODES, OTHER, np.int8)
    for first, last in _RANGES:
        kinds[first : last + 1] = HAN
    for mark in "+#&._%-":
        kinds[ord(mark)] = MARK
    for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
        kinds[ord(letter)] = LATIN
    return kinds


KINDS = _kinds()


@inlined
def kind_of(code: int, kinds: NDArray[np.int8]) -> int:
    """Give what a code point is, by `KINDS`."""
    return kinds[code] if code < len(kinds) else OTHER
