"""Packing: what a model file holds of the fitted matrices: the n-grams worth keeping, in 8-bit steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.vocabulary import Vocabulary

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Packed:
    """The kept part of a vocabulary: ``kept`` are its columns; views and vectors as a reader of the file gets them."""

    vocabulary: Vocabulary
    kept: NDArray[np.int64]
    views: F32
    vectors: F32
    vector_columns: NDArray[np.int32]
    arrays: dict[str, NDArray[Any]]


def pack(
    vocabulary: Vocabulary,
    views: F32,
    vectors: F32,
    vector_columns: NDArray[np.int32],
    most: int,
    also: NDArray[np.int64],
) -> Packed:
    """Keep the ``most`` n-grams that matter to any view, every word with a vector, and the n-grams ``also``."""
    kept = np.union1d(np.union1d(_weightiest(vocabulary, views, most), vector_columns), also)
    small = Vocabulary(vocabulary.hashes[kept], vocabulary.idf[kept], vocabulary.spec)
    columns = small.find(vocabulary.hashes[vector_columns])
    view_steps, view_scales = to_steps(views[kept])
    vector_steps, vector_scales = to_steps(vectors)
    arrays: dict[str, NDArray[Any]] = {
        "hashes": small.hashes,
        "idf": small.idf.astype(np.float16),
        "views": view_steps,
        "views_scales": view_scales,
        "vectors": vector_steps,
        "vectors_scales": vector_scales,
        "vector_columns": columns,
    }
    return Packed(small, kept, view_steps * view_scales, vector_steps * vector_scales, columns, arrays)


def to_steps(matrix: F32) -> tuple[NDArray[np.int8], F32]:
    """Give a matrix as int8 steps and the size of a step in each column; the largest 0.01 % of weights are cut."""
    reach = np.quantile(np.abs(matrix), 0.9999, axis=0)
    scales = np.maximum(reach / 127, 1e-12).astype(np.float32)
    return np.clip(np.rint(matrix / scales), -127, 127).astype(np.int8), scales


def _weightiest(vocabulary: Vocabulary, views: F32, most: int) -> NDArray[np.int64]:
    """Rank n-grams by weight times how much of the corpus they touch, relative to the mean of each view."""
    pull = np.abs(views) * (vocabulary.idf * np.sqrt(vocabulary.document_share))[:, None]
    rank = (pull / np.maximum(pull.mean(axis=0), 1e-12)).max(axis=1)
    return np.argsort(-rank, kind="stable")[:most]
