"""Signals: the few numbers of a comment from which the heads decide.

Each *view* is a linear reading of the n-grams (what stars say, what negative comments say ...). Beside its value goes
its *weight of evidence*, the sum of the absolute contributions: a comment with strong words on both sides reads
differently from one without any, though both sum to nothing. Then come what n-grams cannot show (length, marks) and
the platform, where the caller knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

F32 = NDArray[np.float32]

#: Platforms with a column of their own; anything else is read without one.
PLATFORMS = (
    "bilibili",
    "douban",
    "douyin",
    "forum",
    "kuaishou",
    "maoyan",
    "mgtv",
    "tencent",
    "weibo",
    "xiaohongshu",
    "zhihu",
)

_SAME_PLATFORM = {
    "bili": "bilibili", "dy": "douyin", "ks": "kuaishou", "wb": "weibo", "xhs": "xiaohongshu", "tieba": "forum",
    "s1_forum": "forum", "tencent_video": "tencent", "哔哩哔哩": "bilibili", "b站": "bilibili", "豆瓣": "douban",
    "抖音": "douyin", "快手": "kuaishou", "猫眼": "maoyan", "微博": "weibo", "小红书": "xiaohongshu", "知乎": "zhihu",
    "贴吧": "forum", "腾讯视频": "tencent", "芒果tv": "mgtv",
}  # fmt: skip

_MARKS = ("?", "!", "哈", "[", "…", "。", "但", "不")


def read_views(weighed: csr_matrix, views: F32) -> F32:
    """Give ``(n_texts, 2 * n_views)``: each view's value, then each view's weight of evidence."""
    both: F32 = np.concatenate([views, np.abs(views)], axis=1)
    signals: F32 = np.asarray(weighed @ both, dtype=np.float32)
    return signals


def read_shape(texts: Sequence[str], known: NDArray[Any]) -> F32:
    """Give ``(n_texts, 2 + n_marks)``: log length, log count of known n-grams, log count of each mark."""
    columns = [[len(text) for text in texts], known]
    columns += [[text.count(mark) for text in texts] for mark in _MARKS]
    return np.log1p(np.asarray(columns, np.float32)).T


def read_platforms(platforms: Sequence[str | None] | None, n_texts: int) -> F32:
    """Give ``(n_texts, n_platforms)``: 1 in the column of the comment's platform, nothing where it is unknown."""
    columns = np.zeros((n_texts, len(PLATFORMS)), np.float32)
    for row, name in enumerate(platforms if platforms is not None else ()):
        if name is not None and (column := _COLUMN.get(str(name).strip().lower())) is not None:
            columns[row, column] = 1
    return columns


_COLUMN = {name: column for column, name in enumerate(PLATFORMS)}
_COLUMN |= {alias: _COLUMN[name] for alias, name in _SAME_PLATFORM.items()}
