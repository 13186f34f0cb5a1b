"""What the memory of this machine gives one core: bytes a second in a row, lines a second at random."""

from __future__ import annotations

import statistics
import time

import numpy as np
from numba import njit
from numpy.typing import NDArray

_BYTES = 256 * 2**20
_LINE = 8  # items of 8 bytes
_READS = 4_000_000


def sequential_read() -> float:
    """Give bytes a second of a sum over 256 MB."""
    data = np.ones(_BYTES // 8, np.int64)
    return _BYTES / _seconds(lambda: _sum(data))


def random_reads() -> float:
    """Give lines a second, each at a place that does not depend on the last."""
    data = np.ones(_BYTES // 8, np.int64)
    places = np.random.default_rng(0).integers(0, len(data) // _LINE, _READS) * _LINE
    return _READS / _seconds(lambda: _gather(data, places))


def _seconds(work: object) -> float:
    assert callable(work)
    times = []
    for _ in range(6):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return statistics.median(times[1:])


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _sum(data: NDArray[np.int64]) -> int:
    total = 0
    for value in data:
        total += value
    return total


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _gather(data: NDArray[np.int64], places: NDArray[np.int64]) -> int:
    total = 0
    for place in places:
        total += data[place]
    return total
