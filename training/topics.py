"""Topic vectors: words that stand in the same threads, videos and works get near vectors.

The company within a window (`training.vectors`) tells how a word is used; the document it stands in tells what is
talked about there, which is what circles are made of. This is where a comment's community of origin enters: boards,
zones, topics and captions are documents, so they shape the words and never become a label of a single comment. Positive
pointwise mutual information of words and documents, factored by a truncated singular value decomposition (latent
semantic analysis, Deerwester et al. 1990).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.utils.extmath import randomized_svd

F32 = NDArray[np.float32]

_PART = 100
_PART_OF_WORK = 400


def documents(name: str, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Name the document of each record of a corpus: thread, video or work, else a part of its community."""
    named = []
    for place, record in enumerate(records):
        if key := record.get("thread_id") or record.get("bvid"):
            named.append(f"{name} {key}")
        elif community := record.get("community"):
            named.append(f"{name} {community} {place // _PART}")
        else:
            named.append(f"{name} {record.get('title') or record.get('src')} {place // _PART_OF_WORK}")
    return named


def fit_topics(words: NDArray[np.int32], document: NDArray[np.int64], n_words: int, dimensions: int) -> F32:
    """Give ``(n_words, dimensions)`` vectors of length 1.

    ``words`` are word numbers of a corpus (-1: none) and ``document`` ``(n_occurrences,)`` the one each stands in.
    """
    there = words >= 0
    ones = np.ones(int(there.sum()), np.float32)
    shape = (int(document.max()) + 1, n_words)
    counts: csr_matrix = coo_matrix((ones, (document[there], words[there])), shape=shape).tocsr()
    pairs = counts.tocoo()
    row, column = np.asarray(counts.sum(axis=1)).ravel(), np.asarray(counts.sum(axis=0)).ravel()
    information = np.log(pairs.data * ones.sum() / (row[pairs.row] * column[pairs.col]))
    kept = information > 0
    strength = (information[kept] * np.sqrt(np.log1p(pairs.data[kept]))).astype(np.float32)
    found = csr_matrix((strength, (pairs.row[kept], pairs.col[kept])), shape=shape)
    _, values, right = randomized_svd(found, dimensions, n_iter=3, random_state=0)
    vectors = right.T * np.sqrt(values)
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    unit: F32 = (vectors / lengths).astype(np.float32)
    return unit


def join_vectors(parts: Iterable[F32], counts: NDArray[np.float64], dimensions: int) -> F32:
    """Give ``(n_words, dimensions)`` that keep most of what several vectors of the same words say together.

    Principal directions of the parts side by side, each part of the same mean square, frequent words counting more.
    """
    whole = np.concatenate([part / np.sqrt(np.mean(part**2)) for part in parts], axis=1)
    weights = np.sqrt(counts + 5)[:, None].astype(np.float32)
    _, _, directions = randomized_svd(whole * weights, dimensions, n_iter=4, random_state=0)
    joined: F32 = (whole @ directions.T).astype(np.float32)
    return joined
