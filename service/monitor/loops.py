"""The loops of detectors and baselines over comments, compiled by numba.

Where numba cannot be loaded the same functions run as Python, with the same results and many times slower.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import log1p
from typing import Any, TypeVar

from service.monitor.comments import F64, Bools

F = TypeVar("F", bound=Callable[..., Any])

logger = logging.getLogger("poquan.monitor")


def compiled(function: F) -> F:
    """Compile a function when it is first called, or load what an earlier process compiled."""
    try:
        from numba import njit
    except Exception as error:  # whatever fails in a compiler, streams can be watched without one
        logger.warning("Streams are watched without compiled code, many times slower (%s); pip install numba.", error)
        return function
    code: F = njit(nogil=True, cache=True, error_model="numpy")(function)
    return code


@compiled
def bet(
    signals: F64,
    weights: F64,
    means: F64,
    sizes: F64,
    middle: int,
    sums: F64,
    walk: F64,
    lowest: F64,
    ceiling: F64,
    course_sums: F64,
    course_walk: F64,
    course_lowest: F64,
) -> None:
    """Feed comments ``signals`` and ``weights`` ``(n, k)`` to detectors, whose ``sums`` ``(n_sizes, k)``, ``walk`` and
    ``lowest`` ``(k,)`` change in place; ``course_…`` take them after each comment. ``means`` are ``(n, k)`` or
    ``(1, k)``.
    """
    for row in range(signals.shape[0]):
        against = row if means.shape[0] > 1 else 0
        for column in range(signals.shape[1]):
            weight = weights[row, column]
            if weight > 0:
                gain = weight * (signals[row, column] / means[against, column] - 1)
                for size in range(len(sizes)):
                    sums[size, column] = (1 + sums[size, column]) * (1 + sizes[size] * gain)
                here = walk[column] + log1p(sizes[middle] * gain)
                if ceiling[column] < float("inf"):
                    here = min(max(here - lowest[column], 0.0), ceiling[column])
                    lowest[column] = 0.0
                walk[column] = here
                lowest[column] = min(lowest[column], here)
            for size in range(len(sizes)):
                course_sums[row, size, column] = sums[size, column]
            course_walk[row, column] = walk[column]
            course_lowest[row, column] = lowest[column]


@compiled
def learn(
    signals: F64,
    weights: F64,
    at_zero: Bools,
    total: F64,
    count: F64,
    waiting_total: F64,
    waiting_count: F64,
) -> None:
    """Take comments ``(n, k)`` into baselines ``(k,)``, in place: those up to the last at zero, and all that waited
    before it, into ``total`` and ``count``; those behind it into what waits."""
    for column in range(signals.shape[1]):
        for row in range(signals.shape[0]):
            waiting_total[column] += weights[row, column] * signals[row, column]
            waiting_count[column] += weights[row, column]
            if at_zero[row, column]:
                total[column] += waiting_total[column]
                count[column] += waiting_count[column]
                waiting_total[column] = 0.0
                waiting_count[column] = 0.0
