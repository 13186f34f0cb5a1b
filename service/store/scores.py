"""A comment's scores as bytes: float16 probabilities and vector, and one bit a facet for what is named."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from service.monitor.comments import F32, Bools
from service.store.errors import StoreError

_HALF = np.dtype("<f2")
N_POLARITIES = 3


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Scores of a batch: ``polarity (n, 3)``, ``facets`` and ``decided (n, n_facets)``, ``vectors (n, n_dimensions)``.

    The numbers are float32 arrays of values that float16 holds.
    """

    polarity: F32
    facets: F32
    decided: Bools
    vectors: F32


def rounded(values: ArrayLike) -> F32:
    """Give numbers as they will come back from the store, so that who is fed these now is fed the same then.

    >>> rounded([0.1]).tolist()
    [0.0999755859375]
    """
    return np.asarray(values).astype(_HALF).astype(np.float32)


def pack_scores(polarity: F32, facets: F32, decided: Bools, vectors: F32) -> list[bytes]:
    """Give the bytes to store for each comment of a batch; shapes as in `Unpacked`."""
    n = len(polarity)
    numbers = np.concatenate([polarity, facets, vectors], axis=1).astype(_HALF)
    block = np.concatenate([numbers.view(np.uint8), np.packbits(decided, axis=1)], axis=1)
    raw, width = block.tobytes(), block.shape[1]
    return [raw[start : start + width] for start in range(0, n * width, width)]


def unpack_scores(packed: Sequence[bytes], n_facets: int, n_dimensions: int) -> Unpacked:
    """Give back what was packed. Raises `StoreError` where the bytes are not of a model of these dimensions."""
    n_numbers = N_POLARITIES + n_facets + n_dimensions
    width = n_numbers * _HALF.itemsize + (n_facets + 7) // 8
    for length in {len(each) for each in packed} - {width}:
        raise StoreError(
            f"The stored scores are damaged: a comment has {length} bytes, its model writes {width}; "
            "put a copy of the database back in its place."
        )
    block = np.frombuffer(b"".join(packed), np.uint8).reshape(len(packed), width)
    halves: NDArray[np.float16] = np.ascontiguousarray(block[:, : n_numbers * _HALF.itemsize]).view(_HALF)
    polarity, facets, vectors = np.split(halves.astype(np.float32), [N_POLARITIES, N_POLARITIES + n_facets], axis=1)
    bits = np.unpackbits(block[:, n_numbers * _HALF.itemsize :], axis=1, count=n_facets)
    return Unpacked(*map(np.ascontiguousarray, (polarity, facets, bits.astype(bool), vectors)))
