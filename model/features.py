"""Features: hashed n-grams of characters and of words.

An n-gram is named by a 64-bit hash of its code points, so a model file holds numbers and no one's text. Hashing is
plain unsigned arithmetic on arrays, the same on every machine:

- characters: ``h = h * P + code + 1`` over the n code points, then a finaliser (MurmurHash3's fmix64) salted by n;
- a word: the sum of ``(code + 1) * P**k`` over its characters, finalised; word pairs combine two word hashes.

All arithmetic is modulo 2**64. Spaces are characters but not words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]

#: The odd multiplier of every hash, and what words and word pairs are salted by (characters by their number).
PRIME = 0x9E3779B97F4A7C15
WORD, WORD_PAIR = 101, 102
SPACE = ord(" ")

_INVERSE = pow(PRIME, -1, 2**64)


@dataclass(frozen=True, slots=True)
class NgramSpec:
    """Which n-grams are taken: characters 1 to ``characters``, words 1 to ``words`` (at most 2)."""

    characters: int = 4
    words: int = 2


def hash_ngrams(
    texts: Sequence[str], words: Sequence[Sequence[str]], spec: NgramSpec = NgramSpec()
) -> tuple[NDArray[np.int64], U64]:
    """Give ``(rows, hashes)`` of every n-gram occurrence, in no particular order.

    ``texts`` are normalised, ``words`` their words, which join to the text. ``rows`` is ``(n_ngrams,) int64``, the
    index of the text; ``hashes`` is ``(n_ngrams,) uint64``.
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.uint64)
    parts = [*_character_ngrams(codes, lengths, spec.characters), *_word_ngrams(codes, words, spec.words)]
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.uint64)
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([hashes for _, hashes in parts])


def _character_ngrams(codes: U64, lengths: NDArray[np.int64], longest: int) -> list[tuple[NDArray[np.int64], U64]]:
    row = np.repeat(np.arange(len(lengths)), lengths)
    room = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))
    parts = []
    hashes = np.zeros(len(codes), np.uint64)
    for n in range(1, min(longest, len(codes)) + 1):
        count = len(codes) - n + 1
        hashes = hashes[:count] * np.uint64(PRIME) + codes[n - 1 :] + np.uint64(1)
        inside = room[:count] >= n
        parts.append((row[:count][inside], _finalise(hashes[inside], n)))
    return parts


def _word_ngrams(codes: U64, words: Sequence[Sequence[str]], longest: int) -> list[tuple[NDArray[np.int64], U64]]:
    counts = np.fromiter(map(len, words), np.int64, len(words))
    lengths = np.fromiter(map(len, chain.from_iterable(words)), np.int64, int(counts.sum()))
    ends = np.cumsum(lengths)
    starts = ends - lengths
    row = np.repeat(np.arange(len(words)), counts)
    spoken = codes[starts] != SPACE
    row, starts, ends = row[spoken], starts[spoken], ends[spoken]
    prefix = np.concatenate([np.zeros(1, np.uint64), np.cumsum((codes + np.uint64(1)) * _powers(PRIME, len(codes)))])
    single = _finalise((prefix[ends] - prefix[starts]) * _powers(_INVERSE, len(codes) + 1)[starts], WORD)
    parts = [(row, single)][:longest]
    if longest >= 2:
        together = row[:-1] == row[1:]
        parts.append(
            (row[:-1][together], _finalise(single[:-1][together] * np.uint64(PRIME) + single[1:][together], WORD_PAIR))
        )
    return parts


def _powers(base: int, count: int) -> U64:
    factors = np.full(count, base, np.uint64)
    factors[:1] = 1
    return np.cumprod(factors)


def _finalise(hashes: U64, salt: int) -> U64:
    hashes = hashes + np.uint64(salt * PRIME % 2**64)
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return hashes ^ (hashes >> np.uint64(33))
