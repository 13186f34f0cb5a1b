"""The loops over comments of a panel and of the index of near-copies, compiled by numba.

Where numba cannot be loaded the same functions run as Python, with the same results and many times slower.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import log1p
from typing import Any, TypeVar

from service.monitor.comments import F64, Bools, Ints
from service.monitor.watch import PENDING, QUIET

F = TypeVar("F", bound=Callable[..., Any])

#: A watch is pending from this part of the evidence on with which it fires.
PENDING_PART = 0.01

logger = logging.getLogger("poquan.monitor")


def compiled(function: F) -> F:
    """Compile a function when it is first called, or load what an earlier process compiled."""
    try:
        from model.compiled.machine_code import compiled_beside
    except Exception as error:  # whatever fails in a compiler, streams can be watched without one
        logger.warning("Streams are watched without compiled code, many times slower (%s); pip install numba.", error)
        return function
    return compiled_beside(function)


def inlined(function: F) -> F:
    """Compile a function into those that call it."""
    try:
        from model.compiled.machine_code import inlined as within
    except Exception:  # `compiled` tells of it
        return function
    return within(function)


@compiled
def add_up(rows: F64, weights: F64, total: F64) -> None:
    """Add rows ``(n, k)`` times their weights to a ``total`` ``(k,)``, one after the other."""
    for row in range(len(rows)):
        for column in range(len(total)):
            total[column] += weights[row] * rows[row, column]


@inlined
def place_bet(gain: float, column: int, sizes: F64, middle: int, sums: F64, cusum: F64, ceiling: F64) -> None:
    """Feed one comment to one detector: bets of all ``sizes`` on it, each times ``gain``."""
    for size in range(len(sizes)):
        sums[column, size] = (1 + sums[column, size]) * (1 + sizes[size] * gain)
    if gain > 0 or cusum[column] > 0:
        height = max(cusum[column] + log1p(sizes[middle] * gain), 0.0)
        cusum[column] = min(height, ceiling[column])


@inlined
def evidence_of(column: int, sums: F64) -> float:
    """Give the mean of a detector's sums over the sizes."""
    total = 0.0
    for size in range(sums.shape[1]):
        total += sums[column, size]
    mean: float = total / sums.shape[1]
    return mean


@compiled
def bet(
    signals: F64,
    weights: F64,
    means: F64,
    sizes: F64,
    middle: int,
    sums: F64,
    cusum: F64,
    ceiling: F64,
    evidence: F64,
    heights: F64,
) -> None:
    """Feed comments ``signals``, ``weights`` and ``means`` ``(n, k)`` to detectors, whose ``sums`` ``(k, n_sizes)`` and
    ``cusum`` ``(k,)`` change in place; ``evidence`` and ``heights`` ``(n, k)`` take S and the CUSUM after each.
    """
    for row in range(signals.shape[0]):
        for column in range(signals.shape[1]):
            weight = weights[row, column]
            if weight > 0:
                gain = weight * (signals[row, column] / means[row, column] - 1)
                place_bet(gain, column, sizes, middle, sums, cusum, ceiling)
            evidence[row, column] = evidence_of(column, sums)
            heights[row, column] = cusum[column]


@compiled
def feed(
    start: int,
    stop: int,
    seq: Ints,
    time: F64,
    signals: F64,
    weights: F64,
    strata: Ints,
    bounds: F64,
    learned: Bools,
    limits: F64,
    status: Ints,
    sizes: F64,
    middle: int,
    sums: F64,
    cusum: F64,
    ceiling: F64,
    total: F64,
    count: F64,
    waiting_total: F64,
    waiting_count: F64,
    zero_seq: Ints,
    zero_time: F64,
    since: Ints,
    changed: Bools,
) -> tuple[int, bool]:
    """Feed the comments from ``start`` to ``stop`` of ``signals`` and ``weights`` ``(n, k)`` to a panel, up to the
    first after which a watch changes its status; give the place behind the last taken, and whether there is one.

    The first watch is held against the ``bounds`` of the watch named in ``strata`` ``(n,)``. In place change the
    detectors, ``sums`` and ``cusum``; what baselines will have learned, ``total`` to ``waiting_count`` ``(k,)``: the
    comments up to the last at zero, and those that wait behind it; where each watch was last at zero and how many
    comments ago, ``zero_seq`` to ``since``; and ``changed`` ``(k,)``: which watches are to change after the last.
    """
    for row in range(start, stop):
        crossed = False
        for column in range(signals.shape[1]):
            weight = weights[row, column]
            signal = signals[row, column]
            kind = strata[row] if column == 0 else column
            if weight > 0:
                if learned[kind]:
                    gain = weight * (signal / bounds[kind] - 1)
                    place_bet(gain, column, sizes, middle, sums, cusum, ceiling)
                waiting_total[column] += weight * signal
                waiting_count[column] += weight
            at_zero = cusum[column] == 0
            if status[column] == QUIET:
                pending = weight > 0 and evidence_of(column, sums) >= limits[column] * PENDING_PART
                changed[column] = pending  # without a comment, evidence is what it was
            else:
                fires = status[column] == PENDING and evidence_of(column, sums) >= limits[column]
                changed[column] = at_zero or fires
            crossed = crossed or changed[column]
            if at_zero and status[column] == QUIET:
                total[column] += waiting_total[column]
                count[column] += waiting_count[column]
                waiting_total[column] = 0.0
                waiting_count[column] = 0.0
                zero_seq[column] = seq[row]
                zero_time[column] = time[row]
                since[column] = 0
            else:
                since[column] += 1
        if crossed:
            return row + 1, True
    return stop, False
