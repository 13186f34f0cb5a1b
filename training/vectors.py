"""Word vectors from unlabelled comments: words that stand in the same company get near vectors.

Positive pointwise mutual information of words within a window, factored by a truncated singular value decomposition
(Levy, Goldberg and Dagan 2015, "Improving distributional similarity with lessons learned from word embeddings"):
context distribution smoothed by 0.75, shift log 5, singular values to the power 0.5. No random network, no thread
order: the same corpus gives the same vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.utils.extmath import randomized_svd

F32 = NDArray[np.float32]

_WINDOW = 5
_SMOOTHING = 0.75
_SHIFT = np.log(5.0)
_RARE = 1e-3
_SLICE = 4_000_000


def fit_vectors(words: NDArray[np.int32], rows: NDArray[np.int32], n_words: int, dimensions: int) -> F32:
    """Give ``(n_words, dimensions)`` vectors of length 1, times the weight of the word (frequent words weigh little).

    ``words`` are the word numbers of the corpus in reading order (-1: a word without a vector) and ``rows`` the
    comment each stands in.
    """
    counts = np.bincount(words[words >= 0], minlength=n_words).astype(np.float64)
    left, values, _ = randomized_svd(
        _mutual_information(_company(words, rows, n_words)), dimensions, n_iter=4, random_state=0
    )
    vectors = left * np.sqrt(values)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    weighted: F32 = (vectors * rarity(counts)[:, None]).astype(np.float32)
    return weighted


def rarity(counts: NDArray[np.float64]) -> F32:
    """Give the weight of each word, from nearly 0 for the most frequent to 1 (Arora, Liang and Ma 2017)."""
    weights: F32 = (_RARE / (_RARE + counts / counts.sum())).astype(np.float32)
    return weights


def _company(words: NDArray[np.int32], rows: NDArray[np.int32], n_words: int) -> csr_matrix:
    """Count which words stand within the window of each other, near ones more."""
    total = csr_matrix((n_words, n_words), dtype=np.float32)
    for start in range(0, len(words), _SLICE):
        here, comment = words[start : start + _SLICE], rows[start : start + _SLICE]
        for distance in range(1, _WINDOW + 1):
            one, other = here[:-distance], here[distance:]
            both = (comment[:-distance] == comment[distance:]) & (one >= 0) & (other >= 0)
            weights = np.full(int(both.sum()), 1 / distance, np.float32)
            total = total + coo_matrix((weights, (one[both], other[both])), shape=total.shape).tocsr()
    return total + total.T


def _mutual_information(company: csr_matrix) -> csr_matrix:
    pairs = company.tocoo()
    word = np.asarray(company.sum(axis=1)).ravel()
    context = word**_SMOOTHING
    context = context / context.sum()
    information = np.log(pairs.data / (word[pairs.row] * context[pairs.col])) - _SHIFT
    kept = information > 0
    shape: Sequence[int] = company.shape
    return csr_matrix((information[kept].astype(np.float32), (pairs.row[kept], pairs.col[kept])), shape=shape)
