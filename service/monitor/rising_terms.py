"""The terms that rose: which words and short phrases the comments of a change use more than those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from model.words import Words

Bools = NDArray[np.bool_]
F64 = NDArray[np.float64]
Ints = NDArray[np.int64]
U64 = NDArray[np.uint64]

MOST_TERMS = 10

#: A term below this z-score, or in fewer of the comments, did not surely rise.
_LEAST_Z = 2.0
_LEAST_COMMENTS = 3

#: The prior counts for so many terms, spread as in both sets together: what any comment says is drawn to no difference.
_PRIOR = 500.0

#: Words that argue without naming anything. The prior draws them to no difference only where both sets are written
#: alike, and angry comments argue more.
_ARGUING = """
一个 一样 一种 一直 一些 一点 一下 一次 不是 不能 不会 不要 不过 不知 不知道 之前 之后 之类 也许 什么 怎么 这么
那么 多么 为什么 人家 他们 她们 它们 你们 我们 咱们 大家 自己 别人 以后 以前 但是 可是 而且 因为 所以 因此 于是
如果 虽然 即使 只是 只有 还是 还有 或者 或许 就是 就算 可以 可能 能够 应该 需要 必须 已经 曾经 正在 那个 那些
那样 那种 这个 这些 这样 这种 这里 那里 这次 这部 那部 这是 那是 都是 也是 不了 没有 没有人 真的 其实 确实 实在
然后 后来 现在 今天 昨天 明天 时候 时间 东西 事情 几年 出来 起来 下来 下去 上去 过来 过去 进去 回来 任何 所有
很多 许多 有些 有点 有人 有的 各种 每个 一定 完全 非常 特别 十分 觉得 感觉 知道 看到 看见 听到 认为 以为 比如
例如 甚至 反正 毕竟 居然 竟然 难道 到底 究竟 根本 简直 几乎 再次 又是 的话 来说 而已 罢了 以及 关于 对于 由于
通过 根据 按照 为了 除了 无论 不管
"""
_PARTICLES = (
    "的了着过是在就也都和与及或而但把被给对从向到于以之其所吗呢吧啊呀哦嘛我你他她它这那哪个些一又再还才只"
    "很说让去来上下里中人会要想为因跟比等得地有做曾遭并更最如像则却便将已两三几部次种年月日天号"
)

_LONGEST = 6  # characters of a phrase
_LONGEST_LATIN = 20

_OTHER, _HAN, _LATIN = range(3)
_BEYOND = 0x10000  # no Chinese or Latin letter that a term is written in
_DIGITS = 32  # more than a term has characters
_POWERS = np.cumprod(np.append(np.uint64(1), np.full(_DIGITS - 1, 0x9E3779B97F4A7C15, np.uint64)))


@dataclass(frozen=True, slots=True)
class RisingTerm:
    """A term, the z-score of its log-odds, and the share of the comments of each set it stands in."""

    term: str
    z: float
    before: float
    after: float


def rising_terms(before: Words, after: Words, most: int = MOST_TERMS) -> list[RisingTerm]:
    """Give the terms that the comments ``after`` use more than those ``before``, the surest first.

    A term is a word of two characters or more, or two words side by side one of which has a single character (不 好笑
    is a phrase, 好笑 alone would say the contrary). It counts once a comment. The score is the log-odds ratio with
    informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words", Political Analysis 16:372,
    equations 15, 18, 22), the prior being the term's share in both sets. Of terms that hold each other the one that
    says more is kept.

    >>> before, after = Words.of([["好看", "剧情"]] * 40), Words.of([["注水", "剧情"]] * 20)
    >>> [each.term for each in rising_terms(before, after)]
    ['注水']
    """
    old, new = terms_of(before), terms_of(after)
    known, numbers = np.unique(np.append(old.keys, new.keys), return_inverse=True)
    old_numbers, new_numbers = np.split(numbers, [len(old.keys)])
    theirs, ours = old.counted(old_numbers, len(known)), new.counted(new_numbers, len(known))
    z = _z(theirs, ours)
    place = np.zeros(len(known), np.int64)
    place[new_numbers] = np.arange(len(new_numbers))  # where each term stands in one of the comments
    found = [
        RisingTerm(
            new.text(int(place[each])),
            float(z[each]),
            float(theirs[each] / max(1, len(before.counts))),
            float(ours[each] / len(after.counts)),
        )
        for each in np.flatnonzero((ours >= _LEAST_COMMENTS) & (z >= _LEAST_Z)).tolist()
    ]
    found.sort(key=lambda each: (-each.z, each.term))
    return _distinct(found, most)


def _z(theirs: Ints, ours: Ints) -> F64:
    """Give the z-score of each term's rise from the comments it stands in of one set and of the other."""
    n_old, n_new = int(theirs.sum()), int(ours.sum())
    prior = _PRIOR * (ours + theirs) / max(1, n_old + n_new)
    new, old = ours + prior, theirs + prior
    rise = np.log(new / np.maximum(1.0, n_new + _PRIOR - new)) - np.log(old / np.maximum(1.0, n_old + _PRIOR - old))
    z: F64 = rise / np.sqrt(1 / new + 1 / old)
    return z


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of some comments, one place each time one stands in a comment.

    ``keys`` tell terms apart: their characters as the digits of a number, modulo 2**64. ``comment`` is whose they are,
    ``begin`` and ``length`` where they stand in ``codes``.
    """

    codes: NDArray[np.uint32]
    keys: U64
    comment: Ints
    begin: Ints
    length: Ints

    def text(self, place: int) -> str:
        """Give a term as a string."""
        begin = self.begin[place]
        return str(self.codes[begin : begin + self.length[place]].data, "utf-32-le")

    def counted(self, numbers: Ints, n_terms: int) -> Ints:
        """Give ``(n_terms,)`` in how many comments each term stands, ``numbers`` being the term at each place."""
        once = np.unique(self.comment * n_terms + numbers)
        return np.bincount(once % max(1, n_terms), minlength=n_terms)


def terms_of(words: Words) -> Terms:
    """Give the terms of comments.

    >>> terms = terms_of(Words.of([["太", "难看", "，", "注水"]]))
    >>> [terms.text(place) for place in range(len(terms.keys))]
    ['难看', '注水', '太难看']
    """
    lengths = words.lengths
    if not len(lengths):
        none = np.empty(0, np.int64)
        return Terms(words.codes, np.empty(0, np.uint64), none, none, none)
    begin = np.cumsum(lengths) - lengths
    comment = np.repeat(np.arange(len(words.counts)), words.counts)
    keys = _keys(words, begin)
    kept = _may_be_said(words, begin)
    whole = np.flatnonzero(kept & (lengths > 1) & ~np.isin(keys, _say_nothing()))
    together = lengths[:-1] + lengths[1:]
    phrase = kept[:-1] & kept[1:] & (comment[:-1] == comment[1:]) & (together <= _LONGEST)
    (first,) = np.nonzero(phrase & ((lengths[:-1] == 1) | (lengths[1:] == 1)))
    return Terms(
        words.codes,
        np.append(keys[whole], keys[first] + _POWERS[lengths[first]] * keys[first + 1]),
        np.append(comment[whole], comment[first]),
        np.append(begin[whole], begin[first]),
        np.append(lengths[whole], together[first]),
    )


def _may_be_said(words: Words, begin: Ints) -> Bools:
    """Tell ``(n_words,)`` which words may be a term or a part of one: all Chinese, or Latin, and no particle."""
    kinds = _kinds()[np.minimum(words.codes, _BEYOND)]
    kind, same = kinds[begin], np.maximum.reduceat(kinds, begin) == np.minimum.reduceat(kinds, begin)
    latin = (kind == _LATIN) & (words.lengths > 1) & (words.lengths <= _LONGEST_LATIN)
    particle = (words.lengths == 1) & np.isin(words.codes[begin], [ord(each) for each in _PARTICLES])
    said: Bools = same & ((kind == _HAN) | latin) & ~particle
    return said


@cache
def _kinds() -> NDArray[np.int8]:
    kinds = np.full(_BEYOND + 1, _OTHER, np.int8)
    kinds[0x3400:0xA000] = _HAN
    kinds[ord("a") : ord("z") + 1] = _LATIN
    return kinds


@cache
def _say_nothing() -> U64:
    words = Words.of([_ARGUING.split()])
    return _keys(words, np.cumsum(words.lengths) - words.lengths)


def _keys(words: Words, begin: Ints) -> U64:
    digit = np.minimum(np.arange(len(words.codes)) - np.repeat(begin, words.lengths), _DIGITS - 1)
    keys: U64 = np.add.reduceat(words.codes * _POWERS[digit], begin)
    return keys


def _distinct(ranked: Sequence[RisingTerm], most: int) -> list[RisingTerm]:
    kept: list[RisingTerm] = []
    for each in ranked:
        if len(kept) == most:
            break
        if not any(each.term in other.term or other.term in each.term for other in kept):
            kept.append(each)
    return kept
