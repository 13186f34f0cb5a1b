"""How much a comment counts, so that no author and no thread can turn a stream alone.

Evidence of a change is summed over comments as if each were a new witness. An author's second comment is not, nor is
a thread that has filled the stream, nor a copy of what was said before; each counts for less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
F64 = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Comments counted before the older half of what is remembered is forgotten: one to two times as many are remembered.
GENERATION = 2_000
#: So many comments of a thread always count in full.
THREAD_ROOM = 30

#: `identity` of a name that is not known.
UNKNOWN = -1

_MERSENNE = (1 << 61) - 1


def identity(name: str | None) -> int:
    """Give a name as a number from 0 to ``2**61 - 2``, the same in every run, or ``UNKNOWN``.

    It is the name's UTF-8 bytes, read as one number, modulo the prime ``2**61 - 1``: cheap, and two names that differ
    in one stretch of up to seven bytes never meet.

    >>> identity("b"), identity(None)
    (98, -1)
    """
    return UNKNOWN if name is None else int.from_bytes(name.encode("utf-8", "surrogatepass"), "little") % _MERSENNE


class Dependence:
    """The weights of a stream's comments, from those before them.

    Remembered are the latest ``generation`` to ``2 * generation`` comments that counted. Among them

    - an author's k-th comment counts ``1 / k``;
    - a thread's k-th comment counts ``min(1, part / k)``, where ``part`` is the mean size of the thread a comment
      belongs to (the sum of squared sizes over the sum of sizes), at least ``room``. Where all is said under one
      video, or under many of equal size, every comment counts in full; one thread that swells among many does not;
    - a copy counts 0 and is not remembered.

    The two weights multiply; who or what is not known counts in full. A weight depends on the comments before it and
    on whose it is, never on what it says.
    """

    def __init__(self, generation: int = GENERATION, room: int = THREAD_ROOM) -> None:
        self.generation = generation
        self.room = room
        self._counted = 0  # comments of the current generation
        self._authors = _Sizes()
        self._threads = _Sizes()

    def update(self, authors: Sequence[str | None], threads: Sequence[str | None], copy: Bools) -> F64:
        """Give the weights ``(n,)`` of the next comments in their order, from 0 to 1, and remember them.

        ``copy`` ``(n,)`` says which are near-copies. Raises ValueError where the three are not of one length.
        """
        weights = []
        for author, thread, copied in zip(authors, threads, copy.tolist(), strict=True):
            weights.append(0.0 if copied else self._count(identity(author), identity(thread)))
        return np.array(weights, np.float64)

    def _count(self, author: int, thread: int) -> float:
        weight = 1.0
        if author != UNKNOWN:
            weight /= self._authors.add(author)
        if thread != UNKNOWN:
            part = self._threads.typical()
            weight *= min(1.0, max(part, self.room) / self._threads.add(thread))
        self._counted += 1
        if self._counted == self.generation:
            self._counted = 0
            self._authors.rotate()
            self._threads.rotate()
        return weight

    def state(self) -> dict[str, Any]:
        """Give all that is remembered, as JSON values and arrays of numbers."""
        return {
            "generation": self.generation,
            "room": self.room,
            "counted": self._counted,
            "authors": self._authors.state(),
            "threads": self._threads.state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Dependence:
        """Give the weights back as they were when ``state`` was taken; they go on as if never interrupted."""
        dependence = cls(int(state["generation"]), int(state["room"]))
        dependence._counted = int(state["counted"])
        dependence._authors = _Sizes.from_state(state["authors"])
        dependence._threads = _Sizes.from_state(state["threads"])
        return dependence


@dataclass(slots=True)
class _Sizes:
    """How many comments each author or thread has, in the current generation and the one before it."""

    before: dict[int, int] = field(default_factory=dict)
    current: dict[int, int] = field(default_factory=dict)
    total: int = 0  # of both
    squares: int = 0  # sum over the keys of the squared size

    def add(self, key: int) -> int:
        """Count one more of ``key`` and give how many there are."""
        size = self.current.get(key, 0) + 1
        self.current[key] = size
        size += self.before.get(key, 0)
        self.total += 1
        self.squares += 2 * size - 1
        return size

    def typical(self) -> float:
        """Give the size of the group that a comment belongs to, in the mean over comments; 0 without any."""
        return self.squares / self.total if self.total else 0.0

    def rotate(self) -> None:
        """Forget the generation before, and begin a new one."""
        self.before, self.current = self.current, {}
        self.total = sum(self.before.values())
        self.squares = sum(size * size for size in self.before.values())

    def state(self) -> dict[str, Ints]:
        return {
            f"{name}_{part}": np.fromiter(values, np.int64, len(table))
            for name, table in (("before", self.before), ("current", self.current))
            for part, values in (("keys", table.keys()), ("sizes", table.values()))
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Ints]) -> _Sizes:
        before, current = (
            dict(zip(state[f"{name}_keys"].tolist(), state[f"{name}_sizes"].tolist(), strict=True))
            for name in ("before", "current")
        )
        sizes = {key: before.get(key, 0) + current.get(key, 0) for key in before.keys() | current.keys()}
        return cls(before, current, sum(sizes.values()), sum(size * size for size in sizes.values()))
