"""The share of women among the authors of a batch: an estimate of a crowd, never of a person.

This is another question than the circle `women`, which is a matter talked about. Two witnesses answer it:

- *Declared* gender, where a dump carries it: the share among the authors who declare one, with Wilson's interval. It is
  of those who declare, who may not be like the others.
- *Self-references* in the text ("和男朋友看的", "陪老婆"), where no gender is declared. Hardly one comment in a hundred
  has one, and works differ in who writes so by more than chance (``_BETWEEN_TITLES``), so the interval stays some 60
  points wide however many comments there are. Every other trait of the text that was tried (words, vectors, style)
  tells women from men within a work and misplaces the whole crowd of the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from model.metrics import Estimate

#: Self-references below this number tell nothing.
LEAST = 20

_HE, _SHE = "(?:男朋友|男票|男友|老公)", "(?:女朋友|女票|女友|老婆|媳妇儿?)"
_WITH = "(?:和|跟|与|同|陪|带|拉|约|让|被|给|我|俺|咱|感谢|谢谢|问|着|了)(?:我|着|了|的|家|俺)*"
_WOMAN = re.compile(
    f"{_WITH}{_HE}|(?:和|跟|与|陪|带)(?:我|着|了)*闺蜜|老阿姨|老母亲|本姑娘|本仙女|作为一?个?女|我一个女|我们?女生"
)
_MAN = re.compile(
    f"{_WITH}{_SHE}|老爷们|大男人|糙汉|老父亲|作为一?个?男|我一个男|一个男(?:人|的|生)(?:都|也|看)|我们?男生"
)

# Every self-reference holds one of these; most comments hold none and need no closer look.
_WORTH_A_LOOK = re.compile("[男女老媳闺糙姑]")

# How many of a thousand comments that women write have a woman's and a man's self-reference, then how many of men's.
# Learnt from declared gender under two films, geometric means.
_OF_WOMEN, _OF_MEN = (7.03, 0.45), (0.37, 7.31)
# Standard deviation between titles of the log odds of a woman's self-reference among all, bounded by 306 titles.
_BETWEEN_TITLES = 0.75
_Z = 1.959964
_SHARES = np.linspace(0.005, 0.995, 199)
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)


@dataclass(frozen=True, slots=True)
class GenderCounts:
    """What a batch shows of its authors' gender: comments, those with declared gender, those with a self-reference."""

    comments: int = 0
    declared_women: int = 0
    declared_men: int = 0
    speaking_women: int = 0
    speaking_men: int = 0

    def __add__(self, other: GenderCounts) -> GenderCounts:
        return GenderCounts(
            self.comments + other.comments,
            self.declared_women + other.declared_women,
            self.declared_men + other.declared_men,
            self.speaking_women + other.speaking_women,
            self.speaking_men + other.speaking_men,
        )


@dataclass(frozen=True, slots=True)
class AuthorGender:
    """The share of women among authors with its 95 % interval, by ``basis`` ("declared" or "self-references")."""

    share: Estimate
    basis: str
    witnesses: int


def count_gender(texts: Iterable[str], genders: Iterable[str | None]) -> GenderCounts:
    """Count a batch; ``genders`` are "female", "male" or anything else for not declared.

    A text that repeats speaks once.

    >>> count_gender(["陪老婆看的", "陪老婆看的", "好看"], [None, None, "female"])
    GenderCounts(comments=3, declared_women=1, declared_men=0, speaking_women=0, speaking_men=1)
    """
    spoken, declared = list(texts), list(genders)
    distinct = set(filter(_WORTH_A_LOOK.search, spoken))
    women = {text for text in distinct if _WOMAN.search(text)}
    men = {text for text in distinct if _MAN.search(text)}
    return GenderCounts(
        len(spoken), declared.count("female"), declared.count("male"), len(women - men), len(men - women)
    )


def author_gender(counts: GenderCounts) -> AuthorGender | None:
    """Give the share of women among the authors, None where fewer than `LEAST` witnesses tell of it."""
    declared = counts.declared_women + counts.declared_men
    if declared >= LEAST:
        return AuthorGender(_wilson(counts.declared_women, declared), "declared", declared)
    speaking = counts.speaking_women + counts.speaking_men
    if speaking >= LEAST:
        return AuthorGender(_posterior(counts.speaking_women, counts.speaking_men), "self-references", speaking)
    return None


def _wilson(women: int, all_: int) -> Estimate:
    """Wilson's interval of a share (1927)."""
    share, z2 = women / all_, _Z**2
    centre = (share + z2 / (2 * all_)) / (1 + z2 / all_)
    margin = _Z / (1 + z2 / all_) * sqrt(share * (1 - share) / all_ + z2 / (4 * all_**2))
    return Estimate(share, centre - margin, centre + margin)


def _posterior(women: int, men: int) -> Estimate:
    """The posterior of the share from even odds, the error between titles integrated out (Gauss-Hermite)."""
    hers = _SHARES * _OF_WOMEN[0] + (1 - _SHARES) * _OF_MEN[0]
    his = _SHARES * _OF_WOMEN[1] + (1 - _SHARES) * _OF_MEN[1]
    odds = np.log(hers / his)[:, None] + _BETWEEN_TITLES * _NODES
    surprise = women * np.logaddexp(0, -odds) + men * np.logaddexp(0, odds)
    density = np.exp(surprise.min() - surprise) @ _WEIGHTS
    passed = np.cumsum(density) / density.sum()
    low, middle, high = np.interp((0.025, 0.5, 0.975), passed, _SHARES)
    return Estimate(float(middle), float(low), float(high))
