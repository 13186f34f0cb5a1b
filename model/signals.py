"""Signals: the few numbers of a comment from which the head decides.

- Each *view* is a linear reading of the n-grams (what stars say, what negative comments say ...). Beside its value
  goes its *weight of evidence*, the sum of the absolute contributions: a comment with strong words on both sides reads
  differently from one without any, though both sum to nothing.
- The *word vector* of a comment brings words near that mean alike, also those no label was ever seen for.
- Its *shape* is what n-grams cannot show: length and marks.

The platform, where the caller knows it, is no signal: it only shifts the calibration (see `PolarityHead`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

F32 = NDArray[np.float32]

#: Platforms with a calibration of their own; a comment from anywhere else is read without one.
PLATFORMS = ("bilibili", "douban", "forum", "maoyan", "weibo")

_SAME_PLATFORM = {
    "bili": "bilibili", "哔哩哔哩": "bilibili", "b站": "bilibili", "豆瓣": "douban", "s1_forum": "forum",
    "论坛": "forum", "猫眼": "maoyan", "wb": "weibo", "微博": "weibo",
}  # fmt: skip

_MARKS = ("?", "!", "哈", "[", "…", "。", "但", "不")


class ViewReader:
    """Read views: ``views`` is ``(n_ngrams, n_views) float32``, the weight of each n-gram in each view."""

    def __init__(self, views: F32) -> None:
        self._both: F32 = np.concatenate([views, np.abs(views)], axis=1)

    def __call__(self, weighed: csr_matrix) -> F32:
        """Give ``(n_texts, 2 * n_views)``: each view's value, then each view's weight of evidence."""
        signals: F32 = np.asarray(weighed @ self._both, dtype=np.float32)
        return signals


class VectorReader:
    """Read word vectors: ``vectors`` is ``(n_words, n_dimensions)``, of the n-grams in ``columns`` ``(n_words,)``."""

    def __init__(self, vectors: F32, columns: NDArray[np.int32], n_ngrams: int) -> None:
        self._vectors = vectors
        self._rows = np.full(n_ngrams, -1, np.int32)
        self._rows[columns] = np.arange(len(columns), dtype=np.int32)

    def __call__(self, counts: csr_matrix) -> F32:
        """Give ``(n_texts, n_dimensions)``: the sum of the vectors of the words, over the root of their number."""
        words = self._rows[counts.indices]
        known = words >= 0
        ends = np.concatenate([[0], np.cumsum(known)])[counts.indptr]
        shape = (counts.shape[0], len(self._vectors))
        sums: F32 = csr_matrix((counts.data[known], words[known], ends), shape=shape) @ self._vectors
        lengths: F32 = np.sqrt(np.maximum(np.diff(ends), 1)).astype(np.float32)
        return sums / lengths[:, None]


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
