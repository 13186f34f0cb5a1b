"""The terms that name a segment: said more in it than beside it, beyond chance. They are also its first cues."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from model.words import Words
from service.monitor.rising_terms import RisingTerm, rising_terms

#: Gives the words of texts, normalised, as `model.Scorer.words` does.
Cut = Callable[[Sequence[str]], Words]

#: As many as a circle of one's own has cues at most.
MOST_NAMING_TERMS = 30


def name_segment(
    inside: Sequence[str], outside: Sequence[str], cut: Cut, most: int = MOST_NAMING_TERMS
) -> list[RisingTerm]:
    """Give the terms that set the comments ``inside`` a segment apart from those ``outside``, the surest first.

    The log odds are those of `rising_terms`, whose ``before`` is the share of the comments
    outside that hold the term, ``after`` of those inside. Texts that are not kept any more (empty) count on no side.

    >>> cut = lambda texts: Words.of([text.split() for text in texts])
    >>> said = ["直播 回放"] * 30 + [""], ["配乐 好听"] * 90
    >>> [each.term for each in name_segment(*said, cut)]
    ['回放', '直播']
    """
    return rising_terms(cut([text for text in outside if text]), cut([text for text in inside if text]), most)
