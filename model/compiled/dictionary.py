"""Dictionary: jieba's words and the parameters of its hidden Markov model, laid out for `model.compiled.words`.

They are read from the files of the jieba package, without importing it. The words are a trie whose branches lie in one
table of open addressing: a slot holds parent, character and child in 64 bits. Once laid out the tables are kept beside
the compiled code, under digests as a model is: later processes map them into memory and share them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import re
from collections.abc import Mapping
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.compiled.machine_code import code_folder, compiled
from model.compiled.tables import fixed
from model.files import ModelError, read_model, write_model

log = logging.getLogger(__name__)

I32 = NDArray[np.int32]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

#: The states of the model, in jieba's letters.
STATES = "BEMS"
#: The characters the model knows, first and last.
FIRST, LAST = 0x4E00, 0x9FD5

_PARAMETERS = ("start", "trans", "emit")
_SPACE = re.compile(r"\s")
_NEVER = -3.14e100  # jieba's log of nought
_NO_WORD = np.inf  # in place of the log frequency of what only begins words
_PLANE = 0x10000
_CODE_BITS, _NODE_BITS = np.uint64(21), np.uint64(20)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_CHILD = np.uint64((1 << 20) - 1)


class Dictionary(NamedTuple):
    """``roots`` ``(65536,)`` are the nodes of first characters, ``branches`` the others; ``log_frequency``
    ``(n_nodes,)`` the logarithm of each word's share, infinite where a node is no word; ``unknown`` that of a character
    no word begins with. ``start`` ``(4,)``, ``change`` ``(4, 4)`` and ``emit`` ``(n_characters, 4)`` are logarithms of
    the hidden Markov model."""

    roots: I32
    branches: U64
    log_frequency: F64
    unknown: float
    start: F64
    change: F64
    emit: F64


def load_dictionary(lexicon: Mapping[str, int]) -> Dictionary:
    """Give jieba's dictionary with a lexicon, words and their frequencies, added. Raises OSError or ImportError where
    the jieba package lacks its files, OverflowError where there are too many words for the table."""
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ImportError("the jieba package is not installed")
    folder = Path(spec.origin).parent
    kept = code_folder() / f"dictionary-{_digest(folder, lexicon)}"
    try:
        manifest, arrays = read_model(kept)
        parts: dict[str, Any] = {**arrays, "unknown": manifest["unknown"]}
        return fixed(Dictionary(**parts))
    except (ModelError, OSError, KeyError, TypeError):
        dictionary = lay_out(folder, lexicon)
    _keep(kept, dictionary)
    return dictionary


def _keep(kept: Path, dictionary: Dictionary) -> None:
    """Keep tables for later processes, where they can be kept."""
    arrays = dictionary._asdict()
    unknown = arrays.pop("unknown")
    try:
        write_model(kept, {"unknown": unknown}, arrays)
    except OSError as error:
        log.debug("The dictionary is laid out anew in every process, a sixth of a second: %s", error)


def _digest(folder: Path, lexicon: Mapping[str, int]) -> str:
    """Name a state of jieba's files and a lexicon."""
    files = [folder / "dict.txt", *(folder / "finalseg" / f"prob_{name}.py" for name in _PARAMETERS)]
    states = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(json.dumps([states, list(lexicon.items())]).encode()).hexdigest()[:16]


def lay_out(folder: Path, lexicon: Mapping[str, int]) -> Dictionary:
    """Read the dictionary in jieba's folder and add a lexicon."""
    lines = (folder / "dict.txt").read_bytes().rstrip(b"\n") + b"\n"
    lines += "".join(f"{word} {frequency}\n" for word, frequency in lexicon.items() if not _SPACE.search(word)).encode()
    room = 1 << 20
    roots, branches = np.zeros(_PLANE, np.int32), np.zeros(room, np.uint64)
    frequency = np.full(room, -1, np.int32)
    n_nodes = _plant(np.frombuffer(lines, np.uint8), roots, branches, frequency)
    if n_nodes < 0:
        raise OverflowError(f"{len(lexicon)} own words are too many for the table of words")
    frequency = frequency[:n_nodes]
    word = frequency >= 0
    total = math.log(
        frequency[word].sum(dtype=np.int64)
    )  # not numpy's logarithm, which may differ in the last bit: ties would, too
    distinct, place = np.unique(frequency[word], return_inverse=True)
    log_frequency = np.full(n_nodes, _NO_WORD)
    logarithms = np.array([math.log(each) if each else -math.inf for each in distinct.tolist()])
    log_frequency[word] = (logarithms - total)[place]
    return fixed(Dictionary(roots, branches, log_frequency, 0.0 - total, *_markov(folder / "finalseg")))


def _markov(folder: Path) -> tuple[F64, F64, F64]:
    start, change, emit = (_constant(folder / f"prob_{name}.py") for name in _PARAMETERS)
    emits = np.full((LAST + 1 - FIRST, len(STATES)), _NEVER)
    for place, state in enumerate(STATES):
        for character, value in emit[state].items():
            if FIRST <= ord(character) <= LAST:
                emits[ord(character) - FIRST, place] = value
    return (
        np.array([start[state] for state in STATES]),
        np.array([[change[before].get(after, _NEVER) for after in STATES] for before in STATES]),
        emits,
    )


def _constant(file: Path) -> Any:
    """Give the one constant of a module of jieba's."""
    spec = spec_from_file_location(f"_jieba_{file.stem}", file)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.P


@compiled
def slot_of(parent: np.uint64, code: np.uint64, mask: np.uint64) -> np.uint64:
    """Give where the search for a branch begins."""
    mixed = ((parent << _CODE_BITS) | code) * _SPREAD
    return (mixed ^ (mixed >> np.uint64(29))) & mask


@compiled
def child_of(parent: int, code: int, branches: U64) -> Any:
    """Give the node that a character leads to from a node, 0 where none."""
    mask = np.uint64(len(branches) - 1)
    name = (np.uint64(parent) << _CODE_BITS) | np.uint64(code)
    slot = slot_of(np.uint64(parent), np.uint64(code), mask)
    while branches[slot] != 0:
        if branches[slot] >> _NODE_BITS == name:
            return np.int64(branches[slot] & _CHILD)
        slot = (slot + np.uint64(1)) & mask
    return 0


@compiled
def _plant(text: NDArray[np.uint8], roots: I32, branches: U64, frequency: I32) -> int:
    """Read lines of UTF-8: a word, a space, a number and what may follow. Give the number of nodes, the root among
    them."""
    mask = np.uint64(len(branches) - 1)
    nodes, place = 1, 0
    while place < len(text):
        node: Any = 0
        first = True
        while text[place] != 32 and text[place] != 10:
            code: Any = np.int64(text[place])
            length = 1 if code < 0x80 else 2 if code < 0xE0 else 3 if code < 0xF0 else 4
            if length > 1:
                code &= 0x7F >> length
            for _ in range(1, length):
                place += 1
                code = (code << 6) | np.int64(text[place] & 0x3F)
            following: Any = np.int64(roots[code]) if first and code < _PLANE else child_of(node, code, branches)
            if following == 0:
                if nodes >= len(frequency) - 1:
                    return -1
                following = nodes
                nodes += 1
                if first and code < _PLANE:
                    roots[code] = following
                else:
                    slot = slot_of(np.uint64(node), np.uint64(code), mask)
                    while branches[slot] != 0:
                        slot = (slot + np.uint64(1)) & mask
                    name = (np.uint64(node) << _CODE_BITS) | np.uint64(code)
                    branches[slot] = (name << _NODE_BITS) | np.uint64(following)
            node = following
            first = False
            place += 1
        number: Any = 0
        while text[place] == 32:
            place += 1
        while 48 <= text[place] <= 57:
            number = number * 10 + np.int64(text[place]) - 48
            place += 1
        while text[place] != 10:
            place += 1
        place += 1
        frequency[node] = number
    return nodes
