"""How much a comment counts, so that no author and no thread can turn a stream alone.

Evidence of a change is summed over comments as if each were a new witness. An author's second comment is not, nor is
one more of a thread that has filled the stream, nor a copy of what was said before; each counts for less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from service.monitor.comments import F64, Bools, Ints

#: Comments counted until the older half of what is remembered is forgotten: one to two times as many are remembered.
GENERATION = 2_000
#: So many comments of a thread always count in full.
THREAD_ROOM = 30


class Dependence:
    """The weights of a stream's comments, each from those before it.

    Remembered are the latest ``generation`` to ``2 * generation`` comments that counted. Among them

    - an author's k-th comment counts ``1 / k**2``: with ``1 / k`` enough comments of one author would prove anything;
    - a thread's k-th comment counts ``min(1, part / k)``, where ``part`` is the size of the thread that a comment
      belongs to, in the mean over comments (the sum of squared sizes over the sum of sizes, with this one), at least
      ``room``. Where all is said under one video, or under many of like size, every comment counts in full; one thread
      that swells among small ones does not;
    - a near-copy counts 0 and is not remembered;
    - a brief comment that others have said before in much the same words, ``near`` of the latest brief ones, counts
      ``1 / near**2``: should they be the first copies of a wave, they prove little before it is known as one.

    All but the copies' multiply; an author or thread that is not known takes nothing away. A weight depends on the
    comments before, on whose the comment is, and on whether it was said before, never on what it says.
    """

    def __init__(self, generation: int = GENERATION, room: int = THREAD_ROOM) -> None:
        if generation < 1 or room < 1:
            raise ValueError(
                f"A generation of {generation} comments with room for {room} of a thread forgets everything; "
                "give at least 1 for both."
            )
        self.generation = generation
        self.room = room
        self._counted = 0  # in the current generation
        self._authors = _Sizes()
        self._threads = _Sizes()
        self._total = self._squares = 0  # sums of the threads' sizes and of their squares

    def update(
        self, authors: Sequence[str | None], threads: Sequence[str | None], copy: Bools, near: Ints | None = None
    ) -> F64:
        """Give the weights ``(n,)`` of the next comments in their order, from 0 to 1, and remember them.

        ``copy`` ``(n,)`` says which are near-copies, and ``near`` ``(n,)`` how many of the latest brief comments are
        near each, none where it is not given. Raises ValueError where they are not of one length.
        """
        comments = zip(authors, threads, copy.tolist(), strict=True)
        counting = [(author, thread) for author, thread, copied in comments if not copied]
        counted: list[float] = []
        while len(counted) < len(counting):
            left = self.generation - self._counted
            counted += self._count(counting[len(counted) : len(counted) + left])
        weights = np.zeros(len(copy))
        weights[~copy] = counted
        return weights if near is None else weights / np.maximum(near, 1) ** 2

    def _count(self, comments: Sequence[tuple[str | None, str | None]]) -> list[float]:
        """Give the weights of comments that have room in the current generation. One flat loop, for speed."""
        authors, authors_before = self._authors.current, self._authors.before
        threads, threads_before = self._threads.current, self._threads.before
        total, squares, room = self._total, self._squares, self.room
        weights = []
        for author, thread in comments:
            weight = 1.0
            if author is not None:
                size = authors[author] = authors.get(author, 0) + 1
                weight /= (size + authors_before.get(author, 0)) ** 2
            if thread is not None:
                size = threads[thread] = threads.get(thread, 0) + 1
                size += threads_before.get(thread, 0)
                total += 1
                squares += 2 * size - 1
                if size > room and size * total > squares:
                    weight *= max(squares / total, room) / size
            weights.append(weight)
        self._total, self._squares = total, squares
        self._counted += len(comments)
        if self._counted == self.generation:
            self._forget()
        return weights

    def _forget(self) -> None:
        self._counted = 0
        self._authors.forget()
        self._threads.forget()
        self._total, self._squares = self._threads.sums()

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
        dependence._total, dependence._squares = dependence._threads.sums()
        return dependence


@dataclass(slots=True)
class _Sizes:
    """How many comments each author or thread has, in the generation before and in the current one."""

    before: dict[str, int] = field(default_factory=dict)
    current: dict[str, int] = field(default_factory=dict)

    def forget(self) -> None:
        self.before, self.current = self.current, {}

    def sums(self) -> tuple[int, int]:
        """Give the sum of the sizes over both generations, and of their squares."""
        names = self.before.keys() | self.current.keys()
        sizes = [self.before.get(name, 0) + self.current.get(name, 0) for name in names]
        return sum(sizes), sum(size * size for size in sizes)

    def state(self) -> dict[str, Any]:
        return {
            "before": list(self.before),
            "before_sizes": np.array(list(self.before.values()), np.int64),
            "current": list(self.current),
            "current_sizes": np.array(list(self.current.values()), np.int64),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> _Sizes:
        return cls(
            dict(zip(state["before"], state["before_sizes"].tolist(), strict=True)),
            dict(zip(state["current"], state["current_sizes"].tolist(), strict=True)),
        )
