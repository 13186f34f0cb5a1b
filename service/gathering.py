"""Gathering: small pieces of work done together, so that what each costs by itself is paid once.

Nothing waits for company. An idle gathering begins at once; what arrives while it works, or in the same turn of the
event loop, is done together next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from service.scoring import Busy, LiveModel

T = TypeVar("T")
R = TypeVar("R")

#: Characters of the comments that are scored in the event loop at once; it stands still for about a millisecond then.
TOGETHER = 1_500
#: Requests that may wait here for each that may wait for a thread: they are done many at a time.
_MANY = 8


class _Piece(NamedTuple, Generic[T, R]):
    item: T
    size: int
    answer: asyncio.Future[R]


class Gathering(Generic[T, R]):
    """Does pieces of work for one live model.

    ``work`` gives the result of each of some items, in their order. Where comments are read by compiled code it runs in
    the event loop, for a change of threads costs more than it; else in a scoring thread.
    """

    def __init__(self, live: LiveModel, work: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self._live = live
        self._work = work
        self._waiting: deque[_Piece[T, R]] = deque()
        self._begun = False
        self._away: set[asyncio.Task[None]] = set()

    async def do(self, item: T, size: int) -> R:
        """What `work` gives for an item of so many characters. Raises `Busy`, and what `work` raises for this item."""
        if len(self._waiting) >= _MANY * self._live.waiting:
            raise Busy(f"{len(self._waiting)} requests are waiting to be scored, which is the most that may wait.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        self._waiting.append(_Piece(item, size, answer))
        if not self._begun:
            self._begun = True
            loop.call_soon(self._next)
        return await answer

    def _next(self) -> None:
        taken = self._take()
        if self._live.compiled:
            self._finish(taken, self._done(taken))
            return
        away = asyncio.get_running_loop().create_task(self._do_elsewhere(taken))
        self._away.add(away)
        away.add_done_callback(self._away.discard)

    def _take(self) -> list[_Piece[T, R]]:
        taken: list[_Piece[T, R]] = []
        size = 0
        while self._waiting and (not taken or size + self._waiting[0].size <= TOGETHER):
            piece = self._waiting.popleft()
            if not piece.answer.done():  # else who asked has gone
                taken.append(piece)
                size += piece.size
        return taken

    async def _do_elsewhere(self, taken: list[_Piece[T, R]]) -> None:
        try:
            done = await self._live.run(lambda: self._done(taken), admitted=True)
        except Exception as error:
            done = [error] * len(taken)
        self._finish(taken, done)

    def _done(self, taken: Sequence[_Piece[T, R]]) -> list[R | Exception]:
        """Do pieces together; where that fails each by itself, so that no one's error is another's."""
        try:
            return list(self._work([piece.item for piece in taken]))
        except Exception as error:
            if len(taken) > 1:
                return [done for piece in taken for done in self._done([piece])]
            return [error]

    def _finish(self, taken: list[_Piece[T, R]], done: list[R | Exception]) -> None:
        for piece, result in zip(taken, done, strict=True):
            if piece.answer.done():
                continue
            if isinstance(result, Exception):
                piece.answer.set_exception(result)
            else:
                piece.answer.set_result(result)
        self._begun = bool(self._waiting)
        if self._begun:
            asyncio.get_running_loop().call_soon(self._next)
