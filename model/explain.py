"""The words that decided: those whose removal moves the score.

A score near -1 or 1 hardly moves when one word goes, because the others say the same. Its strongest words are named all
the same, with the small effects they have: effects are compared within a comment, not across comments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

_READABLE = re.compile(r"[^\W_]|[\U0001F300-\U0001FAFF]")
_MOST_ASKED = 80
_MOST_SHOWN = 8
# Words after the first three are named from this effect on.
_LEAST_EFFECT = 0.001
_ALWAYS_SHOWN = 3
# Below this two scores differ by rounding only (float32, and the order of the additions in it).
_ROUNDING = 1e-6


class WordEffect(NamedTuple):
    """A word of the comment and its effect: the score with it minus the score without it, from -2 to 2."""

    word: str
    effect: float


def candidates(words: Sequence[str]) -> list[str]:
    """Give the words worth trying, each once, in the order of the comment: punctuation and spaces decide nothing."""
    return [word for word in dict.fromkeys(words) if _READABLE.search(word)][:_MOST_ASKED]


def without(words: Sequence[str], removed: str) -> str:
    """Give the comment as it reads with every occurrence of a word taken out."""
    return "".join(word for word in words if word != removed)


def strongest(words: Sequence[str], effects: NDArray[Any]) -> list[WordEffect]:
    """Give the words that moved the score most, strongest first: at most eight.

    The first three are given however little they moved it, later ones from an effect of 0.001.
    """
    ranked = sorted(zip(words, map(float, effects), strict=True), key=lambda pair: -abs(pair[1]))
    return [
        WordEffect(word, round(effect, 6))
        for rank, (word, effect) in enumerate(ranked[:_MOST_SHOWN])
        if abs(effect) >= (_ROUNDING if rank < _ALWAYS_SHOWN else _LEAST_EFFECT)
    ]
