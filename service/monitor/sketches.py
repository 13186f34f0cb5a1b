"""A comment as a MinHash sketch: how near two comments are, told from a few bytes of each.

A comment is read as the set of its characters and of its pairs of neighbouring characters within a clause, so that a
few edited characters, emoji, other punctuation or another order of the clauses leave most of the set. The share of
equal places in two sketches estimates the Jaccard similarity of the two sets (Broder, "On the resemblance and
containment of documents", 1997). Of a place 8 bits are kept; chance then makes 1/256 of the unequal ones equal (Li and
König, "b-Bit minwise hashing", 2010).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from model.text import normalise
from service.monitor.loops import compiled

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
U64 = NDArray[np.uint64]

#: Texts of fewer Chinese characters have no sketch: many people say the same short thing.
LEAST_CHARACTERS = 10
#: Bytes of a sketch.
PLACES = 32
#: Sketches of different versions cannot be compared.
VERSION = int(RMinHash.ALGORITHM_VERSION)

_LONGEST = 256  # characters read of a comment
_SEED = 20
_BEYOND = 0x10000  # what lies beyond is emoji and the rarest of characters, read as nothing
_HAN = 0x3400  # letters from here on are Chinese characters, but for hangul
_LINE_BREAK = ord("\n")
_MARKED = re.compile(r"[@&#\[\n]|//")  # a text without such is all its author's own
_ASIDE = re.compile(r"#[^#]{1,40}#|\[[^\[\]]{1,12}\]|回复@")  # topics, emotes and whom one answers: no one's own words


def sketch(texts: Sequence[str]) -> tuple[Bytes, Ints]:
    """Give ``(sketches, rows)`` of the texts that are long enough: ``(m, PLACES) uint8``, and ``(m,)`` which they are.

    Links, mentions, topics, emotes and what is passed on behind ``//@`` do not count.

    >>> sketches, rows = sketch(["剧情太拖沓了，看到一半就想走", "好看", "看到一半就想走！！剧情太拖沓了😂"])
    >>> rows.tolist(), bool((sketches[0] == sketches[1]).all())
    ([0, 2], True)
    """
    rows, tokens, offsets = _tokens(texts)
    if not len(rows):
        return np.empty((0, PLACES), np.uint8), rows
    digests = RMinHash.digest_matrix_from_flat_token_hashes(tokens, offsets, PLACES, _SEED).to_rows()
    # By way of bytes, which is quicker than to have NumPy read lists of integers.
    places = np.frombuffer(b"".join([array("I", digest).tobytes() for digest in digests]), np.uint32)
    mixed = places * np.uint32(0x9E3779B1) >> np.uint32(24)
    return mixed.astype(np.uint8).reshape(-1, PLACES), rows


def _tokens(texts: Sequence[str]) -> tuple[Ints, U64, U64]:
    """Give which texts are long enough, the hashes of their characters and pairs, and where each text's begin.

    The last are ``(m + 1,)``. A token that occurs twice is given twice, and a clause's last character once more in
    place of a pair: the sketch is of the set.
    """
    long = [row for row, text in enumerate(texts) if len(text) >= LEAST_CHARACTERS]
    if not long:
        return np.empty(0, np.int64), np.empty(0, np.uint64), np.zeros(1, np.uint64)
    said = [
        text if len(text) <= _LONGEST and not _MARKED.search(text) else _said(text)
        for text in map(texts.__getitem__, long)
    ]
    units = np.frombuffer(("\n".join(said) + "\n").encode("utf-16-le", "surrogatepass"), "<u2")
    tokens, offsets = np.empty(2 * len(units), np.int64), np.zeros(len(long) + 1, np.int64)
    taken = np.empty(len(long), np.int64)
    m = cut(units, _letters(), tokens, offsets, taken)
    offsets = offsets[: m + 1]
    return np.array(long, np.int64)[taken[:m]], _mixed(tokens[: offsets[m]].view(np.uint64)), offsets.view(np.uint64)


@compiled
def cut(units: NDArray[np.uint16], letters: NDArray[np.uint16], tokens: Ints, offsets: Ints, taken: Ints) -> int:
    """Cut lines of UTF-16 ``units`` into ``tokens``, whose ``offsets`` are those of the lines ``taken``, the long
    enough ones; give how many these are."""
    m = line = start = end = 0
    for place in range(len(units)):
        if units[place] != _LINE_BREAK:
            continue
        characters = 0
        for at in range(start, place):
            characters += letters[units[at]] >= _HAN
        if characters >= LEAST_CHARACTERS:
            for at in range(start, place):
                letter, following = int(letters[units[at]]), int(letters[units[at + 1]])
                if letter > 0:
                    tokens[end] = letter
                    tokens[end + 1] = letter << 16 | following if following > 0 else letter
                    end += 2
            taken[m] = line
            m += 1
            offsets[m] = end
        line += 1
        start = place + 1
    return m


def _said(text: str) -> str:
    """Give what the author says, on one line; letters are not yet folded."""
    text = text[:_LONGEST]
    if "//" in text or "@" in text or "&" in text:
        text = normalise(text.split("//@", 1)[0])
    if "#" in text or "[" in text or "@" in text:
        text = _ASIDE.sub(" ", text)
    return text.replace("\n", " ")


@cache
def _letters() -> NDArray[np.uint16]:
    """Map UTF-16 units to the letter or digit `model.text.normalise` reads them as, and to 0 what is none."""
    letters = [chr(code) for code in range(_BEYOND) if chr(code).isalnum()]
    table = np.zeros(_BEYOND, np.uint16)
    for start in range(0, len(letters), 1_000):  # a longer text would be cut
        block = letters[start : start + 1_000]
        for letter, read in zip(block, normalise(" ".join(block)).split(" "), strict=True):
            table[ord(letter)] = ord(read) if ord(read) < _BEYOND else ord(letter)
    return table


def _mixed(tokens: U64) -> U64:
    """Spread tokens over 64 bits (MurmurHash3's fmix64)."""
    tokens = (tokens ^ (tokens >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    tokens = (tokens ^ (tokens >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return tokens ^ (tokens >> np.uint64(33))
