"""A comment as a MinHash sketch: how near two comments are, told from a few bytes of each.

A comment is read as the set of its characters and of its pairs of neighbouring characters within a clause, so that a
few edited characters, emoji, other punctuation or another order of the clauses leave most of the set. The share of
equal places in two sketches estimates the Jaccard similarity of the two sets (Broder, "On the resemblance and
containment of documents", 1997). Of a place 8 bits are kept; chance then makes 1/256 of the unequal ones equal (Li and
König, "b-Bit minwise hashing", 2010).

Of a brief comment a few edits leave hardly a pair. It is read as the set of its characters alone, each a bit of
`CHARACTER_BITS`, so few that the set itself is kept.
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
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]

#: Texts of fewer Chinese characters have no sketch: many people say the same short thing.
LEAST_CHARACTERS = 10
#: Texts are brief that have so many Chinese characters: of fewer than ten a sketch is too rough, up to here not sure.
BRIEF = (5, 14)
#: Bits of the set of a brief text's characters, and words of 64 bits that hold it.
CHARACTER_BITS = 256
WORDS = CHARACTER_BITS // 64
#: Bytes of a sketch.
PLACES = 32
#: Sketches of different versions cannot be compared.
VERSION = int(RMinHash.ALGORITHM_VERSION)

_LONGEST = 256  # characters read of a comment
_SEED = 20
_LEAST_DIFFERENT = 4  # characters of a brief text: many say one word again and again
_BEYOND = 0x10000  # what lies beyond is emoji and the rarest of characters, read as nothing
_HAN = 0x3400  # letters from here on are Chinese characters, but for hangul
_SLASH = ord("/")
_MARKS = tuple(map(ord, "@&#["))  # a text without these and without // is all its author's own
_ASIDE = re.compile(r"#[^#]{1,40}#|\[[^\[\]]{1,12}\]|回复@")  # topics, emotes and whom one answers: no one's own words


def sketch(texts: Sequence[str]) -> tuple[Bytes, Ints, U64]:
    """Give ``(sketches, rows, characters)``: ``(m, PLACES) uint8`` of the texts that are long enough, ``(m,)`` which
    they are, and ``(n, WORDS) uint64`` the sets of the characters of brief texts, all 0 for others.

    Links, mentions, topics, emotes and what is passed on behind ``//@`` do not count.

    >>> said = ["剧情太拖沓了，看到一半就想走", "好看", "看到一半就想走！！剧情太拖沓了😂"]
    >>> sketches, rows, characters = sketch(said)
    >>> rows.tolist(), bool((sketches[0] == sketches[1]).all()), characters.any(axis=1).tolist()
    ([0, 2], True, [True, False, True])
    """
    rows, tokens, offsets, characters = _read(texts)
    if not len(rows):
        return np.empty((0, PLACES), np.uint8), rows, characters
    places = array("I")  # which reads lists of integers quicker than NumPy does
    for digest in RMinHash.digest_matrix_from_flat_token_hashes(tokens, offsets, PLACES, _SEED).to_rows():
        places.fromlist(digest)
    mixed = np.frombuffer(places, np.uint32) * np.uint32(0x9E3779B1) >> np.uint32(24)
    return mixed.astype(np.uint8).reshape(-1, PLACES), rows, characters


def _read(texts: Sequence[str]) -> tuple[Ints, U64, U64, U64]:
    """Give which texts are long enough, the hashes of their characters and pairs, where each text's begin, and the sets
    of characters of the brief ones.

    Where they begin is ``(m + 1,)``. A token that occurs twice is given twice, and a clause's last character once more
    in place of a pair: the sketch is of the set.
    """
    units, ends = _units(texts)
    marked = np.zeros(len(texts), np.bool_)
    if find_marked(units, ends, marked):
        said = list(texts)
        for row in np.flatnonzero(marked).tolist():
            said[row] = _said(said[row])
        units, ends = _units(said)
    tokens, offsets = np.empty(2 * len(units), np.int64), np.zeros(len(texts) + 1, np.int64)
    taken, characters = np.empty(len(texts), np.int64), np.zeros((len(texts), WORDS), np.uint64)
    m = cut(units, ends, _letters(), tokens, offsets, taken, characters)
    offsets = offsets[: m + 1]
    hashes = _mixed(tokens[: offsets[m]].view(np.uint64))
    return taken[:m], hashes, offsets.view(np.uint64), characters


def _units(texts: Sequence[str]) -> tuple[U32, Ints]:
    """Give the code points of all texts, and where each text ends."""
    units = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    return units, np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))


@compiled
def find_marked(units: U32, ends: Ints, marked: Bools) -> int:
    """Let ``marked`` ``(n,)`` take which texts have marks of what is not their author's own; give how many."""
    found = start = 0
    for row in range(len(ends)):
        before = 0
        for at in range(start, min(ends[row], start + _LONGEST)):
            unit = int(units[at])
            if unit in _MARKS or (unit == _SLASH and before == _SLASH):
                marked[row] = True
                found += 1
                break
            before = unit
        start = ends[row]
    return found


@compiled
def cut(
    units: U32,
    ends: Ints,
    letters: NDArray[np.uint16],
    tokens: Ints,
    offsets: Ints,
    taken: Ints,
    characters: U64,
) -> int:
    """Cut texts of code points ``units`` into ``tokens``, whose ``offsets`` are those of the texts ``taken``, the long
    enough ones; give how many these are. ``characters`` ``(n, WORDS)`` takes the sets of the brief ones."""
    m = start = end = 0
    for row in range(len(ends)):
        stop = min(ends[row], start + _LONGEST)
        size, following = 0, 0
        kept = end
        for at in range(stop - 1, start - 1, -1):
            letter = int(letters[units[at]]) if units[at] < _BEYOND else 0
            size += letter >= _HAN
            if letter > 0:
                tokens[end] = letter
                tokens[end + 1] = letter << 16 | following if following > 0 else letter
                end += 2
            following = letter
        if BRIEF[0] <= size <= BRIEF[1]:
            different = 0
            for at in range(kept, end, 2):
                bit = (tokens[at] * 0x9E37 & 0xFFFF) >> 8
                word, mask = bit >> 6, np.uint64(1) << np.uint64(bit & 63)
                different += (characters[row, word] & mask) == 0
                characters[row, word] |= mask
            if different < _LEAST_DIFFERENT:
                characters[row] = 0
        if size >= LEAST_CHARACTERS:
            taken[m] = row
            m += 1
            offsets[m] = end
        else:
            end = kept
        start = ends[row]
    return m


def _said(text: str) -> str:
    """Give what the author says; letters are not yet folded."""
    text = text[:_LONGEST]
    if "//" in text or "@" in text or "&" in text:
        text = normalise(text.split("//@", 1)[0])
    if "#" in text or "[" in text or "@" in text:
        text = _ASIDE.sub(" ", text)
    return text


@cache
def _letters() -> NDArray[np.uint16]:
    """Map code points to the letter or digit that `model.text.normalise` reads them as, and to 0 what is none."""
    letters = [chr(code) for code in range(_BEYOND) if chr(code).isalnum()]
    table = np.zeros(_BEYOND, np.uint16)
    for start in range(0, len(letters), 1_000):  # a longer text would be cut
        block = letters[start : start + 1_000]
        for letter, read in zip(block, normalise(" ".join(block)).split(" "), strict=True):
            table[ord(letter)] = ord(read) if ord(read) < _BEYOND else ord(letter)
    return table


def _mixed(tokens: U64) -> U64:
    """Spread tokens over 64 bits, in place (MurmurHash3's fmix64)."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        tokens ^= tokens >> np.uint64(33)
        tokens *= np.uint64(factor)
    tokens ^= tokens >> np.uint64(33)
    return tokens
