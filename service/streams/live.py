"""The streams of the running service: watching, telling and forgetting, each a task beside the requests."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

from model import Scorer
from service.notify.addresses import webhook_addresses
from service.notify.notifier import Notifier
from service.scoring import LiveModel, NotReady
from service.settings import Settings
from service.store.errors import StoreError
from service.store.intake import Incoming, Receipt
from service.store.store import Store, open_store
from service.streams.accepting import Accepting
from service.streams.engine import STEP, Engine
from service.streams.messages import Messenger

T = TypeVar("T")

logger = logging.getLogger("poquan.streams")

#: Comments that may wait to be watched before further ones are refused for a while.
MOST_WAITING = 200_000

_LOOK_AT_SILENCES = 5.0  # seconds
_LOOK_AGAIN, _TRY_AGAIN = 1.0, 5.0  # seconds
_STEP_EVERY = 0.3  # seconds between steps, unless the comments of a whole step wait
_FORGET_EVERY = 3_600.0  # seconds
_DAY = 86_400.0


class StreamsOff(Exception):
    """This process does not own the streams."""


class TooFarBehind(Exception):
    """More comments wait to be watched than may."""


class LiveStreams:
    """Accepts comments for streams and keeps their monitors going.

    ``on_step`` is called with the number of comments of each step and the seconds from the acceptance of the oldest of
    them until all were watched. ``stopping`` tells those who wait for news that there will be none.
    """

    def __init__(self, settings: Settings, live: LiveModel) -> None:
        self.settings = settings
        self._live = live
        self._store: Store | None = None
        self._engine: Engine | None = None
        self._engine_free = anyio.Lock()
        self._accepting: Accepting | None = None
        self._accepted, self._news = asyncio.Event(), asyncio.Event()
        self._times: deque[tuple[int, float]] = deque()  # place accepted last, and when
        self._notifier: Notifier | None = None
        self.last_accepted = self.last_watched = 0
        self.stopping = False
        self.on_step: Callable[[int, float], None] = lambda comments, seconds: None

    @property
    def store(self) -> Store:
        """What the streams are kept in. Raises `StreamsOff` where this process does not own them."""
        if self._store is None:
            raise StreamsOff(
                "The streams are off in this process: POQUAN_STREAMS is false, or the service has several workers."
            )
        return self._store

    @property
    def is_open(self) -> bool:
        """Whether this process owns the streams now."""
        return self._store is not None

    @property
    def behind(self) -> int:
        """How many accepted comments wait to be watched."""
        return self.last_accepted - self.last_watched

    @property
    def hot(self) -> int:
        """How many monitors are in memory."""
        return self._engine.hot if self._engine is not None else 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Own the streams of the settings' database for as long as this lasts. Raises `StoreError`."""
        if not self.settings.streams:
            yield
            return
        self.stopping = False
        addresses = webhook_addresses(self.settings.webhooks)
        self._store = store = await anyio.to_thread.run_sync(open_store, self.settings.database)
        messenger = Messenger(store, addresses, self.settings.external_url)
        self._engine = engine = Engine(store, messages=messenger.messages, most_hot=self.settings.hot_streams)
        self._accepting = accepting = Accepting(store, self._note_accepted)
        secret = self.settings.webhook_secret
        self._notifier = Notifier(
            store, addresses, secret=None if secret is None else secret.get_secret_value().encode()
        )
        self.last_watched = await anyio.to_thread.run_sync(store.processed_seq)
        self.last_accepted = max(self.last_watched, await anyio.to_thread.run_sync(store.last_seq))
        try:
            async with anyio.create_task_group() as tasks:
                for task in (accepting.run, self._watch_all, self._notifier.run, self._tell_untold, self._forget_old):
                    tasks.start_soon(task)
                yield
                tasks.cancel_scope.cancel()
        finally:
            self.stop_telling()
            with anyio.CancelScope(shield=True):
                accepting.refuse_waiting()
                async with self._engine_free:
                    await self._close(engine, store)

    async def accept(self, incoming: Incoming) -> Receipt:
        """Accept a request's comments; they are on disk when this comes back. Raises `StoreError`, `TooFarBehind`."""
        _ = self.store
        assert self._accepting is not None
        if self.behind + len(incoming.comments) > MOST_WAITING:
            raise TooFarBehind(f"{self.behind} comments wait to be watched, and {MOST_WAITING} may.")
        return await self._accepting.accept(incoming)

    async def ask(self, question: Callable[[Store], T]) -> T:
        """Ask the store, in a thread."""
        store = self.store
        return await anyio.to_thread.run_sync(lambda: question(store))

    async def with_engine(self, work: Callable[[Engine, Scorer], T]) -> T:
        """Do something with the engine while it does nothing else. Raises `NotReady` before a model is loaded."""
        _ = self.store
        scorer = self._live.scorer
        async with self._engine_free:
            assert self._engine is not None
            engine = self._engine
            done = await anyio.to_thread.run_sync(lambda: work(engine, scorer))
        self.spread()
        return done

    @property
    def news(self) -> asyncio.Event:
        """What is set when something is told next; take it before looking, so that nothing told meanwhile is missed."""
        return self._news

    def spread(self) -> None:
        """Wake all who wait for news, and who delivers them."""
        self._news.set()
        self._news = asyncio.Event()
        self.wake_notifier()

    def wake_notifier(self) -> None:
        """Have the messages that are due delivered now."""
        if self._notifier is not None:
            self._notifier.wake()

    def stop_telling(self) -> None:
        """Let those who wait for news go, as no more will come."""
        self.stopping = True
        self._news.set()

    async def _close(self, engine: Engine, store: Store) -> None:
        """Keep every monitor's state and close the store; what cannot be kept is worked out anew at the next start."""
        try:
            await anyio.to_thread.run_sync(engine.park)
        except StoreError as error:
            logger.error("The newest states were not kept, which costs the next start some time: %s", error)
        finally:
            self._store = self._engine = self._notifier = None
            await anyio.to_thread.run_sync(store.close)

    def _note_accepted(self, seq: int) -> None:
        self.last_accepted = seq
        self._times.append((seq, time.monotonic()))
        self._accepted.set()

    async def _watch_all(self) -> None:
        """Watch what was accepted, in this run or the one before; whatever fails is tried again, not lost."""
        assert self._engine is not None
        engine = self._engine
        while True:
            self._accepted.clear()
            begun = time.monotonic()
            accepted, told = self.last_accepted, engine.last_event
            try:
                scorer = self._live.scorer
                async with self._engine_free:
                    taken = await anyio.to_thread.run_sync(engine.step, scorer)
                if taken:
                    await self._note_watched(taken)
                    if engine.last_event != told:
                        self.spread()
            except NotReady:
                await anyio.sleep(_LOOK_AGAIN / 10)
            except Exception as error:
                _log_failure("Watching failed", error)
                await anyio.sleep(_TRY_AGAIN)
            else:
                if taken:
                    await self._gather_more(begun)
                    continue
                self.last_watched = max(self.last_watched, accepted)  # comments that waited may have been deleted
                with anyio.move_on_after(_LOOK_AGAIN):
                    await self._accepted.wait()

    async def _gather_more(self, begun: float) -> None:
        """Let comments gather before the next step where few wait: many together cost less than as many steps."""
        while self.behind < STEP and (left := begun + _STEP_EVERY - time.monotonic()) > 0:
            await anyio.sleep(min(left, _STEP_EVERY / 4))

    async def _note_watched(self, taken: int) -> None:
        self.last_watched = await self.ask(Store.processed_seq)
        now, oldest = time.monotonic(), 0.0
        while self._times and self._times[0][0] <= self.last_watched:
            oldest = max(oldest, now - self._times.popleft()[1])
        self.on_step(taken, oldest)

    async def _tell_untold(self) -> None:
        """Tell of alerts whose silences have ended."""
        while True:
            await anyio.sleep(_LOOK_AT_SILENCES)
            try:
                await self.tell_untold()
            except Exception as error:
                _log_failure("Telling what was silenced failed", error)

    async def tell_untold(self) -> None:
        """Tell now of the alerts that fire and no silence covers any more. Raises `StoreError`."""
        async with self._engine_free:
            assert self._engine is not None
            await anyio.to_thread.run_sync(self._engine.tell_untold)
        self.wake_notifier()

    async def _forget_old(self) -> None:
        """Drop texts, and comments, whose keeping time is over."""
        while True:
            for days, drop in (
                (self.settings.keep_texts_days, Store.drop_texts),
                (self.settings.keep_comments_days, Store.drop_comments),
            ):
                if days is not None:
                    await self._drop(drop, time.time() - days * _DAY)
            await anyio.sleep(_FORGET_EVERY)

    async def _drop(self, drop: Callable[[Store, float], int], before: float) -> None:
        try:
            async with self._engine_free:
                assert self._engine is not None
                await anyio.to_thread.run_sync(self._engine.park)  # only what a snapshot covers may go
            while await self.ask(lambda store: drop(store, before)):
                await anyio.sleep(0)
        except StoreError as error:
            logger.error("Old comments were not dropped: %s", error)


def _log_failure(what: str, error: Exception) -> None:
    """Tell the kind of an error and where it rose; its message may quote a comment, unless it is the store's."""
    told = str(error) if isinstance(error, StoreError) else "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s (%s); it is tried again, nothing is lost.\n%s", what, type(error).__name__, told)
