"""The task that delivers what waits in the outbox."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import anyio.to_thread

from service.notify.addresses import shown
from service.notify.outbox import Delivery, Outbox
from service.notify.retries import ATTEMPTS, Outcome, wait

if TYPE_CHECKING:
    import httpx

ROUND = 64
"""Most deliveries, and so receivers, that are attempted at a time."""
LOOKED_EVERY = 1.0
"""Seconds between two looks into the outbox when nothing wakes the notifier."""

logger = logging.getLogger("poquan.notify")


class Notifier:
    """Delivers the messages of an outbox: receivers side by side, each in the order of its messages.

    `addresses` are those of the settings: a delivery to any other is dead. With `secret` every body is signed (header
    ``X-Poquan-Signature``). A message may arrive twice, when the process dies between the answer and its note: the
    header ``Idempotency-Key`` is then the same. `clock` gives seconds since 1970, `chance` numbers in [0, 1).
    """

    def __init__(
        self,
        outbox: Outbox,
        addresses: Collection[str],
        *,
        secret: bytes | None = None,
        client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._addresses = frozenset(addresses)
        self._secret = secret
        self._client = client
        self._clock = clock
        self._chance = chance
        self._busy: set[str] = set()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Have the outbox looked into at once; call it in the event loop's thread after putting a message there."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is under way then is attempted again by the next run."""
        try:
            async with asyncio.TaskGroup() as attempts:
                while True:
                    self._wake.clear()
                    for delivery in await self._due():
                        attempts.create_task(self._attempt(delivery))
                    try:
                        async with asyncio.timeout(LOOKED_EVERY):
                            await self._wake.wait()
                    except TimeoutError:
                        continue
        finally:
            await self.aclose()

    async def deliver_due(self) -> int:
        """Attempt once what is due now, and give how many deliveries that were."""
        due = await self._due()
        await asyncio.gather(*(self._attempt(delivery) for delivery in due))
        return len(due)

    async def aclose(self) -> None:
        """Close the connections; `run` does so itself."""
        if self._client is not None:
            await self._client.aclose()

    async def _due(self) -> list[Delivery]:
        """The deliveries to begin now, their receivers marked busy."""
        busy = set(self._busy)  # before the look: one that ends during it may still be among what is found
        try:
            found = await anyio.to_thread.run_sync(self._outbox.due, self._clock(), ROUND + len(busy))
        except Exception:
            logger.exception("The outbox cannot be read; it is looked into again in %g seconds.", LOOKED_EVERY)
            return []
        due = []
        for delivery in found:
            if delivery.url not in busy:
                busy.add(delivery.url)
                due.append(delivery)
        self._busy.update(delivery.url for delivery in due)
        return due

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            if delivery.url in self._addresses:
                outcome = await self._post(delivery)
            else:
                outcome = Outcome(error="It is no longer among POQUAN_WEBHOOKS.", lasting=True)
            await self._note(delivery, outcome)
        except Exception:  # the store's; the next look finds the delivery as it was
            logger.exception("Delivery %d to %s could not be noted.", delivery.id, shown(delivery.url))
            await asyncio.sleep(LOOKED_EVERY)
        finally:
            self._busy.discard(delivery.url)
            self._wake.set()

    async def _post(self, delivery: Delivery) -> Outcome:
        from service.notify.posting import open_client, post  # here: most services tell nobody, and start sooner

        self._client = self._client or open_client()
        return await post(self._client, delivery, self._secret)

    async def _note(self, delivery: Delivery, outcome: Outcome) -> None:
        if not outcome.error:
            await anyio.to_thread.run_sync(self._outbox.delivered, delivery.id)
            logger.info("Delivery %d to %s arrived.", delivery.id, shown(delivery.url))
            return
        attempts, now = delivery.attempts + 1, self._clock()
        dead = outcome.lasting or attempts >= ATTEMPTS
        seconds = 0.0 if dead else wait(attempts, outcome.retry_after, now, self._chance())
        error = f"{outcome.error} {outcome.detail}".strip()
        await anyio.to_thread.run_sync(self._outbox.failed, delivery.id, error, now + seconds, dead)
        what = "is given up" if dead else f"is tried again in {seconds:.0f} seconds"
        logger.warning(
            "Delivery %d to %s failed %d times and %s. %s",
            *(delivery.id, shown(delivery.url), attempts, what, outcome.error),
        )
