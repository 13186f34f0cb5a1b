"""The terms that rose: which words and short phrases the comments of a change use more than those before it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

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
_SAY_NOTHING = frozenset(_ARGUING.split())
_PARTICLES = frozenset(
    "的了着过是在就也都和与及或而但把被给对从向到于以之其所吗呢吧啊呀哦嘛我你他她它这那哪个些一又再还才只"
    "很说让去来上下里中人会要想为因跟比等得地有做曾遭并更最如像则却便将已两三几部次种年月日天号"
)

_LONGEST = 6  # characters of a phrase
_TERM = re.compile(r"[\u3400-\u9fff]+|[a-z]{2,20}|\[[^\[\]]{1,8}\]")


@dataclass(frozen=True, slots=True)
class RisingTerm:
    """A term, the z-score of its log-odds, and the share of the comments of each set it stands in."""

    term: str
    z: float
    before: float
    after: float


def rising_terms(before: Sequence[list[str]], after: Sequence[list[str]], most: int = MOST_TERMS) -> list[RisingTerm]:
    """Give the terms that the comments ``after`` use more than those ``before``, the surest first; comments as words.

    A term is a word of two characters or more, or two words side by side one of which has a single character (不 好笑
    is a phrase, 好笑 alone would say the contrary). It counts once a comment. The score is the log-odds ratio with
    informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words", Political Analysis 16:372,
    equations 15, 18, 22), the prior being the term's share in both sets. Of terms that hold each other the one that
    says more is kept.

    >>> [each.term for each in rising_terms([["好看", "剧情"]] * 40, [["注水", "剧情"]] * 20)]
    ['注水']
    """
    old, new = (Counter(term for words in texts for term in terms_of(words)) for texts in (before, after))
    n_old, n_new = old.total(), new.total()
    found: list[RisingTerm] = []
    for term, count in new.items():
        if count < _LEAST_COMMENTS:
            continue
        prior = _PRIOR * (count + old[term]) / (n_old + n_new)
        ours, theirs = count + prior, old[term] + prior
        rise = log(ours / max(1.0, n_new + _PRIOR - ours)) - log(theirs / max(1.0, n_old + _PRIOR - theirs))
        z = rise / sqrt(1 / ours + 1 / theirs)
        if z >= _LEAST_Z:
            found.append(RisingTerm(term, z, old[term] / max(1, len(before)), count / len(after)))
    found.sort(key=lambda each: (-each.z, each.term))
    return _distinct(found, most)


def terms_of(words: Sequence[str]) -> set[str]:
    """Give the terms of a comment.

    >>> sorted(terms_of(["太", "难看", "，", "注水"]))
    ['太难看', '注水', '难看']
    """
    terms = set()
    last = ""
    for kept in map(_term, words):
        if kept:
            if len(kept) > 1 and kept not in _SAY_NOTHING:
                terms.add(kept)
            if last and (len(last) == 1 or len(kept) == 1) and len(last) + len(kept) <= _LONGEST:
                terms.add(last + kept)
        last = kept
    return terms


@lru_cache(maxsize=1 << 16)
def _term(word: str) -> str:
    """Give the word where it may be a term or a part of one, else nothing."""
    return word if _TERM.fullmatch(word) and word not in _PARTICLES else ""


def _distinct(ranked: Sequence[RisingTerm], most: int) -> list[RisingTerm]:
    kept: list[RisingTerm] = []
    for each in ranked:
        if len(kept) == most:
            break
        if not any(each.term in other.term or other.term in each.term for other in kept):
            kept.append(each)
    return kept
