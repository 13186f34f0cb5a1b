"""Where in the space of word vectors a stream says what its first phase did not: caps around a direction.

Vectors are centred and whitened by the first phase, so that what its comments differ in anyway counts little, brought
to length 1 and rounded to whole numbers of 1/254. A dot product of two such rows is a whole number below 2**24, exact
in float32 in whatever order it is summed: in one space, regions come out the same to the last bit on any machine.

A *cap* is all rows whose cosine to a direction is at least a limit. Of a cap one expects as many rows in the window as
the first phase had in it; the rest is new. So a cap's *purity* is the share of its members beyond that expectation, and
its limit is the lowest at which the purity holds. This is cheaper than clustering everything, whose clusters are mostly
what was always there, and draws the boundary where it matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.monitor.loops import compiled

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.int8] | F32  # whole numbers, also where they are kept as float32 to be multiplied often

#: What a coordinate of 1.0 is rounded to; coordinates beyond a half are cut, which in 32 dimensions or more is rare.
UNIT = 254
_MOST = 127

_NEAR = 0.3  # cosine within which the rows around a candidate are counted
_CANDIDATES = 128
_CLEAR = 3.0  # standard errors by which a candidate's surroundings must have grown
_MOST_TRIED = 8
_STEPS = 6
_LOWEST_COSINE = 0.1


@dataclass(frozen=True, slots=True)
class Space:
    """The coordinates rows are compared in: ``centre`` ``(d,)`` and ``turn`` ``(d, d)``, from the first phase."""

    centre: F32
    turn: F32

    @classmethod
    def of(cls, first: Rows, shrinkage: float) -> Space:
        """Fit it on the rows ``(n, d)`` of a first phase: whiten by their covariance plus ``shrinkage`` times its mean
        variance (Ledoit and Wolf 2004 shrink to the same target)."""
        whole = first.astype(np.float64)  # sums of whole numbers: exact
        centre = whole.sum(axis=0) / len(whole) / UNIT
        covariance = whole.T @ whole / len(whole) / UNIT**2 - np.outer(centre, centre)
        variances, axes = np.linalg.eigh(covariance)
        turn = axes / np.sqrt(np.maximum(variances, 0) + shrinkage * max(variances.mean(), 1e-6))
        return cls(centre.astype(np.float32), turn.astype(np.float32))

    def __call__(self, rows: Rows) -> NDArray[np.int8]:
        """Give rows ``(n, d)`` in these coordinates. Always ask for the same n: the product may round by it."""
        return rounded((rows.astype(np.float32) / np.float32(UNIT) - self.centre) @ self.turn)


@dataclass(frozen=True, slots=True)
class Cap:
    """``direction`` ``(d,)`` and the least dot product ``limit`` of a member, both in units of `UNIT`."""

    direction: Rows
    limit: int

    def holds(self, rows: Rows) -> Bools:
        """Tell which rows ``(n, d)`` are members."""
        inside: Bools = dots(rows, self.direction) >= self.limit
        return inside

    def cosines(self, rows: Rows) -> F32:
        """Give the cosine ``(n,)`` of each row to the direction."""
        return dots(rows, self.direction) / np.float32(UNIT**2)


def rounded(vectors: F32 | F64) -> NDArray[np.int8]:
    """Give vectors ``(n, d)`` brought to length 1, as whole numbers; a vector of length 0 stays 0."""
    whole = np.empty(vectors.shape, np.int8)
    round_to_length(np.ascontiguousarray(vectors), whole)
    return whole


@compiled
def round_to_length(vectors: NDArray[Any], whole: NDArray[np.int8]) -> None:
    """Let ``whole`` ``(n, d)`` take the vectors ``(n, d)`` as `rounded` gives them."""
    for row in range(len(vectors)):
        squares = 0.0
        for column in range(vectors.shape[1]):
            squares += float(vectors[row, column]) ** 2
        scale = UNIT / max(sqrt(squares), 1e-9)
        for column in range(vectors.shape[1]):
            whole[row, column] = int(min(max(round(vectors[row, column] * scale), -_MOST), _MOST))


def dots(rows: Rows, others: Rows) -> F32:
    """Give exact dot products of rows ``(n, d)`` with one ``(d,)`` or several ``(m, d)``."""
    product: F32 = rows.astype(np.float32, copy=False) @ others.astype(np.float32, copy=False).T
    return product


class Seed(NamedTuple):
    """A ``direction`` ``(d,)`` and, where they are known, the dot products with it of all rows ``(n,)`` of the window
    and of the first phase."""

    direction: Rows
    dots: tuple[F32, F32] | None


def seeds(window: Rows, first: Rows) -> Iterator[Seed]:
    """Give the directions of rows around which the window is denser than the first phase, densest first.

    The first is where the window as a whole has moved to, which finds a group too loose to be dense anywhere. Then come
    rows, spread evenly over the window, whose surroundings have clearly grown, by three standard errors at least: eight
    at most, none near another.
    """
    if not len(window) or not len(first):
        return
    yield Seed(rounded((_mean(window) - _mean(first))[None])[0], None)
    candidates = window[:: max(1, len(window) // _CANDIDATES)]
    near, weight = _NEAR * UNIT**2, len(window) / len(first)
    dots_now = dots(candidates, window)
    now = counts_from(dots_now, near)
    # Where even an empty first phase would leave the growth unclear it need not be looked at.
    worth = np.flatnonzero(now >= _CLEAR * np.sqrt(now + 4 * weight))
    candidates, now = candidates[worth], now[worth]
    dots_before = dots(candidates, first)
    before = weight * counts_from(dots_before, near)
    grown = (now - before) / np.sqrt(now + weight * before + 4 * weight)
    beside = dots(candidates, candidates) >= near
    taken, tried = np.zeros(len(candidates), np.bool_), 0
    for place in np.argsort(-grown, kind="stable").tolist():
        if grown[place] < _CLEAR or tried == _MOST_TRIED:
            return
        if not taken[place]:
            taken |= beside[place]
            tried += 1
            yield Seed(candidates[place].astype(np.int8), (dots_now[worth[place]], dots_before[place]))


def fit_cap(window: Rows, first: Rows, seed: Seed, weight: float, purity: float, least: int) -> Cap | None:
    """Give the cap that ``seed`` grows to, or None where no pure one of ``least`` members is there.

    ``weight`` is how many rows the window has for one of the first phase. Each step takes the widest pure cap, and
    turns its direction to the mean of its members less what was expected there anyway.
    """
    (direction, known), found = seed, None
    for _ in range(_STEPS):
        now, before = known or (dots(window, direction), dots(first, direction))
        limit = _widest(now, before, weight, purity, least)
        if limit is None:
            return None
        found = Cap(direction, limit)
        mean = sum_from(window, now, limit) - weight * sum_from(first, before, limit)
        turned = rounded(mean[None])[0]
        if np.array_equal(turned, direction):
            break
        direction, known = turned, None
    return found


def _mean(rows: Rows) -> F64:
    ones = np.ones(len(rows), np.float32)
    return sum_from(rows, ones, 1.0) / len(rows)


def _widest(now: F32, before: F32, weight: float, purity: float, least: int) -> int | None:
    """Give the lowest limit at which the members are pure; one comment of the first phase counts as come too late."""
    lowest = _LOWEST_COSINE * UNIT**2
    members, expected = from_limit(now, lowest), from_limit(before, lowest)
    members.sort()
    expected.sort()
    place = widest(members, expected, weight, 1 - purity, least)
    return None if place < 0 else int(members[place])


@compiled
def sum_from(rows: Rows, numbers: F32, limit: float) -> F64:
    """Give the sum ``(d,)`` of those rows ``(n, d)`` whose number ``(n,)`` is ``limit`` or more."""
    total = np.zeros(rows.shape[1])
    for row in range(len(rows)):
        if numbers[row] >= limit:
            for column in range(rows.shape[1]):
                total[column] += rows[row, column]
    return total


@compiled
def from_limit(numbers: F32, limit: float) -> F32:
    """Give those of the numbers ``(n,)`` that are ``limit`` or more."""
    chosen, count = np.empty_like(numbers), 0
    for number in numbers:
        chosen[count] = number  # kept where the next is written behind it; without a branch, which would be slower
        count += number >= limit
    return chosen[:count]


@compiled
def counts_from(numbers: F32, limit: float) -> Ints:
    """Give ``(n,)`` how many of the numbers ``(n, m)`` are ``limit`` or more."""
    counts = np.zeros(len(numbers), np.int64)
    for row in range(len(numbers)):
        for column in range(numbers.shape[1]):
            counts[row] += numbers[row, column] >= limit
    return counts


@compiled
def widest(now: F32, before: F32, weight: float, impurity: float, least: int) -> int:
    """Give the place in ``now`` of the lowest number from which on ``least`` or more are there, of which at most the
    part ``impurity`` was to be expected: ``weight`` times one more than in ``before``; -1 where there is none. Both are
    sorted."""
    behind, best = len(before), -1
    for place in range(len(now) - 1, -1, -1):
        while behind > 0 and before[behind - 1] >= now[place]:
            behind -= 1
        members = len(now) - place
        if members >= least and weight * (1 + len(before) - behind) <= impurity * members:
            best = place
    return best
