"""Comments that show a person what an alert is about: five that stand for many, and the five most liked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from service.monitor.comments import F32, F64, Bools, Ints

MOST_SHOWN = 5

#: Comments that share more of their pairs of characters say the same (Jaccard).
_SAME = 0.6

_SHORT, _LONG = 12, 120  # characters: a shorter one tells little, a longer one is not read
_CANDIDATES = 60
_APART = 0.6  # how much being like one that is shown already takes from a comment's worth


def representative(texts: Sequence[str], signal: F64, vectors: F32, terms: Mapping[str, float]) -> list[int]:
    """Give the places of comments that stand for what carries a signal, the most telling first, no two alike.

    A comment is worth more the surer its ``signal`` ``(n,)``, the nearer its vector (of ``vectors``
    ``(n, n_dimensions)``) to the mean of those that carry the signal, and the more of the rising ``terms`` (with their
    weights) it holds. They are taken one by one by maximal marginal relevance (Carbonell and Goldstein 1998, SIGIR).
    Those without the signal and empty texts are left out.
    """
    lengths = np.array([len(text.strip()) for text in texts], np.float64)
    ease = np.minimum(1, lengths / _SHORT) * np.minimum(1, (_LONG / np.maximum(lengths, 1)) ** 0.5)
    units = _units(vectors)
    near = units @ _units((signal[:, None] * vectors).sum(axis=0, keepdims=True))[0]
    named = np.array([sum(weight for term, weight in terms.items() if term in text) for text in texts], np.float64)
    worth = signal * ease * (1 + near + named / max(1.0, float(named.max(initial=0.0))))
    ranked = np.argsort(-worth, kind="stable")[:_CANDIDATES]
    left = [place for place in ranked.tolist() if worth[place] > 0]
    shown: list[int] = []
    closest = np.zeros(len(texts))
    while left and len(shown) < MOST_SHOWN:
        best = left.pop(int((worth[left] * (1 - _APART * np.maximum(0, closest[left]))).argmax()))
        if any(alike(texts[best], texts[other]) for other in shown):
            continue
        shown.append(best)
        closest = np.maximum(closest, units @ units[best])
    return shown


def most_liked(texts: Sequence[str], likes: Ints, carriers: Bools) -> list[int]:
    """Give the places of the most liked of the ``carriers`` ``(n,)``, no two alike and none without likes."""
    shown: list[int] = []
    for place in np.argsort(-likes, kind="stable").tolist():
        if len(shown) == MOST_SHOWN or likes[place] <= 0:
            break
        new = carriers[place] and texts[place].strip()
        if new and not any(alike(texts[place], texts[other]) for other in shown):
            shown.append(place)
    return shown


def alike(one: str, other: str) -> bool:
    """Tell whether two texts say the same with hardly another word.

    >>> alike("太难看了，别去！", "太难看了,别去!!"), alike("太难看了，别去！", "很好看，快去！")
    (True, False)
    """
    pairs, others = _pairs(one), _pairs(other)
    return len(pairs & others) > _SAME * len(pairs | others) if pairs and others else one.strip() == other.strip()


def _pairs(text: str) -> set[str]:
    letters = [character for character in text if character.isalnum()]
    return {a + b for a, b in pairwise(letters)}


def _units(vectors: F32) -> F64:
    lengths = np.sqrt((vectors.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
    units: F64 = vectors / np.maximum(lengths, 1e-12)
    return units
