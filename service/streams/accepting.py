"""Requests accepted together: one transaction, and one wait for the disk, for all that came during the last one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import anyio.to_thread

from service.store.errors import StoreError
from service.store.intake import Incoming, Receipt
from service.store.store import Store

#: Requests, and comments, that are accepted in one transaction.
MOST_REQUESTS, MOST_COMMENTS = 500, 20_000

#: Seconds between transactions while many send at once: each request costs less the more there are together.
_EVERY = 0.05

_Waiting = tuple[Incoming, asyncio.Future[Receipt]]


class Accepting:
    """Accepts comments into a store, requests in the order they came in.

    ``on_accepted`` is called with the place of the last comment of each transaction that brought a new one.
    """

    def __init__(self, store: Store, on_accepted: Callable[[int], None]) -> None:
        self._store = store
        self._on_accepted = on_accepted
        self._requests: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()

    async def accept(self, incoming: Incoming) -> Receipt:
        """Accept a request's comments; they are on disk when this comes back. Raises `StoreError`."""
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._requests.append((incoming, receipt))
        self._arrived.set()
        return await receipt

    async def run(self) -> None:
        """Accept what arrives, for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._requests:
                begun, taken = time.monotonic(), self._take()
                await self._accept_together(taken)
                if len(taken) > 1:
                    await asyncio.sleep(begun + _EVERY - time.monotonic())

    def refuse_waiting(self) -> None:
        """Tell all who wait that nothing is accepted any more."""
        while self._requests:
            _answer(self._requests.popleft()[1], StoreError("The service is stopping; send the comments again."))

    def _take(self) -> list[_Waiting]:
        taken: list[_Waiting] = []
        comments = 0
        while self._requests and len(taken) < MOST_REQUESTS and comments < MOST_COMMENTS:
            taken.append(self._requests.popleft())
            comments += len(taken[-1][0].comments)
        return taken

    async def _accept_together(self, taken: Sequence[_Waiting]) -> None:
        given = await anyio.to_thread.run_sync(_accepted, self._store, [incoming for incoming, _ in taken])
        seqs = [each.seq for each in given if isinstance(each, Receipt) and each.seq is not None]
        if seqs:
            self._on_accepted(max(seqs))
        for (_, receipt), each in zip(taken, given, strict=True):
            _answer(receipt, each)


def _accepted(store: Store, batches: Sequence[Incoming]) -> Sequence[Receipt | Exception]:
    """Accept requests together; where they meet an unexpected error, each by itself, so that one fails alone."""
    try:
        return store.accept(batches, time.time())
    except StoreError as error:
        return [error] * len(batches)
    except Exception as error:
        if len(batches) > 1:
            return [each for batch in batches for each in _accepted(store, [batch])]
        return [error]


def _answer(receipt: asyncio.Future[Receipt], given: Receipt | Exception) -> None:
    if receipt.done():  # who asked has gone
        return
    if isinstance(given, Exception):
        receipt.set_exception(given)
    else:
        receipt.set_result(given)
