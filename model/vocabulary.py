"""The n-grams a model knows, found by hash."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.features import NgramSpec, hash_ngrams

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Vocabulary:
    """Turn n-grams into weighted columns: ``(1 + log count) * idf``, each row of length 1.

    ``hashes`` is ``(n_ngrams,) uint64``, sorted; ``idf`` is ``(n_ngrams,) float32``, the inverse document frequency.
    Hashes are uniform, so a directory of their top bits leads to the one or two candidates of each look-up.
    """

    def __init__(self, hashes: NDArray[np.uint64], idf: NDArray[np.float32], spec: NgramSpec) -> None:
        self.hashes = np.asarray(hashes)  # a plain view of the mapped file: indexing a memmap is slower
        self.idf = idf
        self.spec = spec

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def document_share(self) -> NDArray[np.float32]:
        """``(n_ngrams,)`` the share of the texts it was counted over that hold each n-gram."""
        share: NDArray[np.float32] = np.exp(1 - self.idf)
        return share

    @cached_property
    def _directory(self) -> tuple[NDArray[np.int32], np.uint64, int]:
        """Where the hashes of each drawer begin, how far a hash is shifted right to give its drawer, and how many the
        fullest holds."""
        bits = max(1, len(self).bit_length())
        shift = np.uint64(64 - bits)
        counts = np.bincount((self.hashes >> shift).astype(np.int64), minlength=1 << bits)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), shift, int(counts.max(initial=0))

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Give the column of each hash, -1 where it is unknown."""
        first, shift, fullest = self._directory
        drawer = (hashes >> shift).astype(np.int64)
        candidate, end = first[drawer], first[drawer + 1]
        columns = np.full(len(hashes), -1, np.int32)
        open_ = np.flatnonzero(candidate < end)
        for _ in range(fullest):
            here = candidate[open_]
            found = self.hashes[here] == hashes[open_]
            columns[open_[found]] = here[found]
            candidate[open_] += 1
            open_ = open_[~found & (candidate[open_] < end[open_])]
        return columns

    def count(self, texts: Sequence[str], words: Sequence[Sequence[str]]) -> csr_matrix:
        """Give the ``(n_texts, n_ngrams) float32`` counts of the known n-grams of normalised texts."""
        from scipy.sparse import csr_matrix  # here: compiled code needs none

        rows, hashes = hash_ngrams(texts, words, self.spec)
        columns = self.find(hashes)
        known = columns >= 0
        ones = np.ones(int(known.sum()), np.float32)
        counts = csr_matrix((ones, (rows[known], columns[known])), shape=(len(texts), len(self)))
        counts.sum_duplicates()
        return counts

    def weigh(self, counts: csr_matrix) -> csr_matrix:
        """Give tf-idf rows of length 1 from counts (rows without a known n-gram stay empty)."""
        return self.weigh_with_lengths(counts)[0]

    def weigh_with_lengths(self, counts: csr_matrix) -> tuple[csr_matrix, NDArray[np.float32]]:
        """Give tf-idf rows of length 1 and ``(n_texts,)`` the length each had before."""
        from scipy.sparse import csr_matrix  # here: compiled code needs none

        data = (1 + np.log(counts.data)) * self.idf[counts.indices]
        ngrams = np.diff(counts.indptr)
        squares = np.bincount(np.repeat(np.arange(len(ngrams)), ngrams), data**2, minlength=len(ngrams))
        lengths: NDArray[np.float32] = np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)
        weighed = (data / np.repeat(lengths, ngrams)).astype(np.float32)
        return csr_matrix((weighed, counts.indices, counts.indptr), shape=counts.shape), lengths
