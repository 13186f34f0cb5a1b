"""Signals: the few numbers of a comment from which the heads decide.

- Each *view* is a linear reading of the n-grams (what stars say, what negative comments say ...). Beside its value
  goes its *weight of evidence*, the sum of the absolute contributions: a comment with strong words on both sides reads
  differently from one without any, though both sum to nothing.
- The *word vector* of a comment brings words near that mean alike, also those no label was ever seen for.
- Its *shape* is what n-grams cannot show: length and marks.

The facet head reads two kinds more: a *facet view* for each facet, and the *cues*: what the phrases of the taxonomy
that stand in the comment speak for and against, each with the weight its accuracy earned it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

F32 = NDArray[np.float32]

#: What comments are counted for.
MARKS = ("?", "!", "哈", "[", "…", "。", "但", "不")

# A long comment holds more of everything. Polarity asks what outweighs what, so its rows have length 1; a facet asks
# whether a thing is there at all, so its rows keep part of their length: (length / typical) ** kept.
TYPICAL_LENGTH = 70.0
KEPT_LENGTH = 0.35


class ViewReader:
    """Read views: ``views`` is ``(n_ngrams, n_views) float32``, the weight of each n-gram in each view."""

    def __init__(self, views: F32) -> None:
        self._both: F32 = np.concatenate([views, np.abs(views)], axis=1)
        self.width = self._both.shape[1]

    def __call__(self, weighed: csr_matrix) -> F32:
        """Give ``(n_texts, 2 * n_views)``: each view's value, then each view's weight of evidence."""
        signals: F32 = np.asarray(weighed @ self._both, dtype=np.float32)
        return signals


class TableReader:
    """Sum the rows of a table over the n-grams of each comment: ``table`` is ``(n_known, n_columns)``, row by row of
    the n-grams in ``columns`` ``(n_known,)``."""

    def __init__(self, table: F32, columns: NDArray[np.int32], n_ngrams: int) -> None:
        self._table = table
        self._rows = np.full(n_ngrams, -1, np.int32)
        self._rows[columns] = np.arange(len(columns), dtype=np.int32)

    def __call__(self, counts: csr_matrix) -> tuple[F32, NDArray[np.int64]]:
        """Give the sums ``(n_texts, n_columns)`` and how many n-grams of the table stand in each text."""
        from scipy.sparse import csr_matrix  # here: compiled code needs none

        rows = self._rows[counts.indices]
        known = rows >= 0
        ends = np.concatenate([[0], np.cumsum(known)])[counts.indptr]
        shape = (counts.shape[0], len(self._table))
        sums: F32 = csr_matrix((counts.data[known], rows[known], ends), shape=shape) @ self._table
        return sums, np.diff(ends)


class VectorReader:
    """Read word vectors: ``vectors`` is ``(n_words, n_dimensions)``, of the n-grams in ``columns`` ``(n_words,)``."""

    def __init__(self, vectors: F32, columns: NDArray[np.int32], n_ngrams: int) -> None:
        self._read = TableReader(vectors, columns, n_ngrams)
        self.width = vectors.shape[1]

    def __call__(self, counts: csr_matrix) -> F32:
        """Give ``(n_texts, n_dimensions)``: the sum of the vectors of the words, over the root of their number."""
        sums, words = self._read(counts)
        roots: F32 = np.sqrt(np.maximum(words, 1)).astype(np.float32)
        return sums / roots[:, None]


class SignalReader:
    """Read what both heads use: views, word vector and shape, side by side."""

    def __init__(self, views: ViewReader, vectors: VectorReader) -> None:
        self._views, self._vectors = views, vectors

    def __call__(self, texts: Sequence[str], counts: csr_matrix, weighed: csr_matrix) -> F32:
        """Give ``(n_texts, n_signals)`` of normalised texts, their counts and their weighed counts."""
        shape = read_shape(texts, np.diff(counts.indptr))
        return np.concatenate([self._views(weighed), self._vectors(counts), shape], axis=1)

    def vectors_in(self, signals: F32) -> F32:
        """Give the word vectors ``(n_texts, n_dimensions)`` among the signals."""
        vectors: F32 = signals[:, self._views.width : self._views.width + self._vectors.width]
        return vectors


class FacetViewReader:
    """Read facet views: ``views`` is ``(n_known, n_facets)``, of the n-grams in ``columns`` ``(n_known,)``."""

    def __init__(self, views: F32, columns: NDArray[np.int32], n_ngrams: int) -> None:
        self._read = TableReader(views, columns, n_ngrams)

    def __call__(self, weighed: csr_matrix, lengths: F32) -> F32:
        """Give ``(n_texts, n_facets)``; ``lengths`` ``(n_texts,)`` are what the rows had before weighing."""
        sums, _ = self._read(weighed)
        return sums * facet_scale(lengths)[:, None]


class CueReader:
    """Read cues: the n-gram in ``columns`` ``(n_cues,)`` weighs so much in ``weights`` ``(n_cues,)`` for its facet in
    ``facets`` ``(n_cues,)``, or against it where it is a counter-cue, counted from the number of facets on; ``shape``
    is the number of n-grams and twice that of facets. Raises ValueError where a cue lies outside of it."""

    def __init__(self, columns: NDArray[np.int32], facets: NDArray[Any], weights: F32, shape: tuple[int, int]) -> None:
        np.ravel_multi_index((columns, facets), shape)
        self._entries, self._shape = (weights, (columns, facets)), shape

    @cached_property
    def _table(self) -> csr_matrix:
        from scipy.sparse import csr_matrix  # here: compiled code needs none

        return csr_matrix(self._entries, shape=self._shape)

    def __call__(self, counts: csr_matrix) -> F32:
        """Give ``(n_texts, 2 * n_facets)``; how often a cue stands in a comment does not matter."""
        found: F32 = (presence(counts) @ self._table).toarray()
        return found


def presence(counts: csr_matrix) -> csr_matrix:
    """Give ``(n_texts, n_ngrams)``, 1 where a count is not 0."""
    from scipy.sparse import csr_matrix  # here: compiled code needs none

    return csr_matrix((np.ones_like(counts.data), counts.indices, counts.indptr), shape=counts.shape)


def facet_scale(lengths: F32) -> F32:
    """Give ``(n_texts,)`` what facet views multiply rows of length 1 by, from their lengths before."""
    scale: F32 = ((np.maximum(lengths, 1e-6) / TYPICAL_LENGTH) ** KEPT_LENGTH).astype(np.float32)
    return scale


def read_shape(texts: Sequence[str], known: NDArray[Any]) -> F32:
    """Give ``(n_texts, 2 + n_marks)``: log length, log count of known n-grams, log count of each mark."""
    columns = [[len(text) for text in texts], known]
    columns += [[text.count(mark) for text in texts] for mark in MARKS]
    return np.log1p(np.asarray(columns, np.float32)).T
