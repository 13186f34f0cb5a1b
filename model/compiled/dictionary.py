"""Dictionary: jieba's words and the parameters of its hidden Markov model, laid out for `model.compiled.words`.

They are read from the files of the jieba package, without importing it. The words are a trie in one table of open
addressing, a slot to a beginning of words. The slots of a line of the cache are compared together: a step from
character to character reads one line, and hardly a branch has to be foretold. Once laid out the tables are kept beside
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

from model.compiled.machine_code import code_folder, compiled, inlined
from model.compiled.tables import fixed
from model.files import ModelError, read_model, write_model

log = logging.getLogger(__name__)

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

#: The states of the model, in jieba's letters.
STATES = "BEMS"
#: The characters the model knows, first and last.
FIRST, LAST = 0x4E00, 0x9FD5

_PARAMETERS = ("start", "trans", "emit")
_SPACE = re.compile(r"\s")
_NEVER = -3.14e100  # jieba's log of nought
#: In place of the log share of what only begins words.
NO_WORD = np.inf
#: Code points words are made of lie below.
CODES = 0x30000

_ROOM = 1 << 20  # slots, a power of two
_LINE = 8  # places of ``branches`` in a line of the cache
_CODE_BITS, _FLAG_BITS = np.uint64(21), np.uint64(1)
_FIRST_OF_WORD, _GOES_ON, _ONE = np.uint64(_ROOM), np.uint64(1), np.uint64(1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Dictionary(NamedTuple):
    """A trie of words and a hidden Markov model.

    A slot is two places of ``branches`` ``(2 * n_slots,)``: where it comes from, its character and whether words go on
    from it; then the logarithm of the share of the word that ends here, infinite where none does, which ``shares``
    shows, the same memory. ``firsts`` ``(n_codes,)`` are the log shares of words of one character, ``unknown`` that of
    a character no word begins with. ``start`` ``(4,)``, ``change`` ``(4, 4)`` and ``emit`` ``(n_characters, 4)`` are
    logarithms of the hidden Markov model.
    """

    branches: U64
    shares: F64
    firsts: F64
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
        return fixed(Dictionary(shares=arrays["branches"].view(np.float64), **parts))
    except (ModelError, OSError, KeyError, TypeError):
        dictionary = lay_out(folder, lexicon)
    _keep(kept, dictionary)
    return dictionary


def _keep(kept: Path, dictionary: Dictionary) -> None:
    """Keep tables for later processes, where they can be kept."""
    arrays = dictionary._asdict()
    unknown, _ = arrays.pop("unknown"), arrays.pop("shares")
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
    branches, frequency, singles = np.zeros(2 * _ROOM, np.uint64), np.full(_ROOM, -1), np.full(CODES, -1)
    if not _plant(np.frombuffer(lines, np.uint8), branches, frequency, singles):
        raise OverflowError(f"{len(lexicon)} own words are too many for the table of words")
    total = math.log(frequency[frequency > 0].sum() + singles[singles > 0].sum())
    shares = branches.view(np.float64)
    shares[1::2] = _log_shares(frequency, total)
    return fixed(Dictionary(branches, shares, _log_shares(singles, total), 0.0 - total, *_markov(folder / "finalseg")))


def _log_shares(frequency: I64, log_total: float) -> F64:
    """Give logarithms, not numpy's, which may differ in the last bit: ties would, too."""
    distinct, place = np.unique(frequency, return_inverse=True)
    logarithms = [math.log(each) - log_total if each > 0 else -math.inf for each in distinct.tolist()]
    return np.where(frequency < 0, NO_WORD, np.array(logarithms)[place])


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


@inlined
def first_node(code: int) -> np.uint64:
    """Give the node of a word's first character."""
    return _FIRST_OF_WORD + np.uint64(code)


@inlined
def line_of(node: np.uint64, code: np.uint64, branches: U64) -> Any:
    """Give where the search for what follows a node begins, in ``branches``."""
    mixed = ((node << _CODE_BITS) | code) * _SPREAD
    return np.int64((mixed ^ (mixed >> np.uint64(29))) & np.uint64(len(branches) // _LINE - 1)) * _LINE


@inlined
def step(node: np.uint64, code: int, branches: U64) -> Any:
    """Give the place in ``branches`` that a character leads to from a node, -1 where no word goes on so."""
    name = (node << _CODE_BITS) | np.uint64(code)
    line = line_of(node, np.uint64(code), branches)
    while True:
        found: Any = np.int64(-1)
        for slot in range(line, line + _LINE, 2):
            found = slot if branches[slot] >> _FLAG_BITS == name else found
        if (found >= 0) | (branches[line + _LINE - 2] == 0):
            return found
        line = (line + _LINE) & np.int64(len(branches) - 1)


@inlined
def goes_on(slot: Any, branches: U64) -> bool:
    """Tell whether words go on from a place in ``branches``."""
    return bool(branches[slot] & _GOES_ON)


@inlined
def node_at(slot: Any) -> np.uint64:
    """Give the node at a place in ``branches``."""
    return np.uint64(slot) >> _ONE


@compiled
def _plant(text: NDArray[np.uint8], branches: U64, frequency: I64, singles: I64) -> bool:
    """Read lines of UTF-8: a word, a space, a number and what may follow. False where the table is too small."""
    planted, place = 0, 0
    while place < len(text):
        slot: Any = np.int64(-1)
        node, first, length = _ONE, 0, 0
        while text[place] != 32 and text[place] != 10:
            code: Any = np.int64(text[place])
            n_bytes = 1 if code < 0x80 else 2 if code < 0xE0 else 3 if code < 0xF0 else 4
            if n_bytes > 1:
                code &= 0x7F >> n_bytes
            for _ in range(1, n_bytes):
                place += 1
                code = (code << 6) | np.int64(text[place] & 0x3F)
            place += 1
            length += 1
            if length == 1:
                first = code
                node = first_node(code)
                continue
            following = step(node, code, branches)
            if following < 0:
                planted += 1
                if planted > len(frequency) * 3 // 4:
                    return False
                following = line_of(node, np.uint64(code), branches)
                while branches[following] != 0:
                    following = (following + 2) & np.int64(len(branches) - 1)
                branches[following] = ((node << _CODE_BITS) | np.uint64(code)) << _FLAG_BITS
                if slot >= 0:
                    branches[slot] |= _GOES_ON
            slot, node = following, node_at(following)
        number: Any = 0
        while text[place] == 32:
            place += 1
        while 48 <= text[place] <= 57:
            number = number * 10 + np.int64(text[place]) - 48
            place += 1
        while text[place] != 10:
            place += 1
        place += 1
        if length > 1:
            frequency[slot >> 1] = number
        elif length == 1 and first < len(singles):
            singles[first] = number
    return True
