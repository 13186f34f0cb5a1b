"""Copy-paste waves planted into a stream of real comments, and organic comments planted the same way beside them.

A wave is one template spread by many authors, each of whom changes it a little so that no two are equal: a few
characters, emoji, the order of the clauses, the punctuation. The template and the organic comments are the caller's,
drawn from a corpus at run time or made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Row = Mapping[str, Any]

#: Key of a row that was planted; the rows of the stream do not have it.
PLANTED = "planted"

_CLAUSE = re.compile(r"([^，。！？、；：…~,.!?;:\s]+)([，。！？、；：…~,.!?;:\s]*)")
_PUNCTUATION = ("，", "。", "！", "！！", "～", "…", " ", "、", ",", "")
_EMOJI = ("😂", "👍", "❤️", "😭", "🔥", "🙏", "💪", "🤮", "[doge]", "[赞]")
_CHARACTERS = "的了啊吧呢嘛呀哦真很太都也还就是好大多看人个这那有不"


@dataclass(frozen=True, slots=True)
class Disguise:
    """How much a copy differs: up to ``edits`` characters, and the chances of the other changes.

    Every copy has at least one character edited; ``reordered``, ``punctuated`` and ``emoji`` are the chances that its
    clauses change places, its punctuation is drawn anew, and that it gets one to three emoji.
    """

    edits: int = 3
    reordered: float = 0.5
    punctuated: float = 0.5
    emoji: float = 0.5


def copies(template: str, number: int, seed: int = 0, disguise: Disguise = Disguise()) -> list[str]:
    """Give ``number`` copies of a template, each changed a little, the same for the same seed.

    Raises ValueError where the template has nothing but punctuation.
    """
    clauses = _CLAUSE.findall(template)
    if not clauses:
        raise ValueError(f"The template {template!r} has no clause to copy; give a comment of some words.")
    rng = np.random.default_rng(seed)
    return [_copy(clauses, rng, disguise) for _ in range(number)]


def organic(pool: Sequence[str], number: int, seed: int = 0) -> list[str]:
    """Give ``number`` different comments of a pool, in random order; raises ValueError where it holds fewer."""
    distinct = sorted(set(pool))
    if len(distinct) < number:
        raise ValueError(
            f"The pool has {len(distinct)} different comments where {number} are asked; give a larger one."
        )
    order = np.random.default_rng(seed).permutation(len(distinct))
    return [distinct[place] for place in order[:number].tolist()]


def needed(rows: Sequence[Row], begin: int, end: int | None = None, share: float = 0.2) -> int:
    """Give how many comments must be planted among ``rows[begin:end]`` to be ``share`` of the traffic there."""
    if not 0 < share < 1:
        raise ValueError(f"A share of {share} cannot be planted; give one between 0 and 1.")
    return round(len(rows[begin:end]) * share / (1 - share))


def plant(
    rows: Sequence[Row],
    texts: Iterable[str],
    begin: int,
    end: int | None = None,
    *,
    authors: int | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Give the stream with ``texts`` planted in their order at random places between ``rows[begin]`` and ``rows[end]``.

    A planted row is the stream's row it follows with another text and author (one of ``authors``, by default a new
    one each), no star, no likes and no gender, and is marked by ``PLANTED``; so it has the time and the platform of
    its place.
    """
    planted = list(texts)
    rng = np.random.default_rng(seed)
    stop = len(rows) if end is None else end
    places = np.sort(rng.integers(begin, stop, len(planted))).tolist()
    by_author = rng.permutation(len(planted)) % (authors or max(len(planted), 1))
    result: list[dict[str, Any]] = []
    at = 0
    for place, row in enumerate(rows):
        result.append(dict(row))
        while at < len(planted) and places[at] == place:
            result.append(_planted(row, planted[at], f"planted-{by_author[at]}"))
            at += 1
    return result


def _copy(clauses: Sequence[tuple[str, str]], rng: np.random.Generator, disguise: Disguise) -> str:
    words = [words for words, _ in clauses]
    marks = [mark for _, mark in clauses]
    for _ in range(rng.integers(1, disguise.edits + 1)):
        place = int(rng.choice(len(words), p=_by_length(words)))
        words[place] = _edited(words[place], rng)
    if rng.random() < disguise.reordered:
        words = [words[place] for place in rng.permutation(len(words))]
    if rng.random() < disguise.punctuated:
        marks = [_PUNCTUATION[place] for place in rng.integers(len(_PUNCTUATION), size=len(marks))]
    if rng.random() < disguise.emoji:
        for _ in range(rng.integers(1, 4)):
            place = int(rng.integers(len(marks)))
            marks[place] += _EMOJI[rng.integers(len(_EMOJI))]
    return "".join(word + mark for word, mark in zip(words, marks, strict=True))


def _by_length(words: Sequence[str]) -> list[float]:
    lengths = [len(word) + 1 for word in words]
    return [length / sum(lengths) for length in lengths]


def _edited(words: str, rng: np.random.Generator) -> str:
    """Give the words with one character put in, taken out or replaced."""
    kind = rng.integers(3)
    new = _CHARACTERS[rng.integers(len(_CHARACTERS))]
    if kind == 0 or not words:
        place = int(rng.integers(len(words) + 1))
        return words[:place] + new + words[place:]
    place = int(rng.integers(len(words)))
    return words[:place] + ("" if kind == 1 else new) + words[place + 1 :]


def _planted(row: Row, text: str, author: str) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key not in ("star", "likes", "gender", "label")}
    return kept | {"text": text, "user": author, PLANTED: True}
