"""The live model: loaded in the background, swapped without a pause, asked from a bounded number of threads."""

import logging
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from model import ModelError, Scorer
from model.registry import current_model
from service.settings import Settings

T = TypeVar("T")

logger = logging.getLogger("poquan.service")


class NotReady(Exception):
    """No model is loaded; the message says whether it is on its way or why it could not be loaded."""


class Busy(Exception):
    """As many requests wait for a scoring thread as may wait."""


class ReloadFailed(Exception):
    """The model could not be loaded; the message names why. The one before it goes on answering."""


class LiveModel:
    """The scorer that answers now.

    `threads` requests are scored at a time (default: one for each core) and `waiting` more may wait for a thread.
    `prepare` is called with each scorer before it answers.
    """

    def __init__(
        self,
        settings: Settings,
        scorer: Scorer | None = None,
        *,
        threads: int | None = None,
        waiting: int = 128,
        prepare: Callable[[Scorer], None] = lambda scorer: None,
    ) -> None:
        self.settings = settings
        self.waiting = waiting
        self._prepare = prepare
        self._threads = anyio.CapacityLimiter(threads or os.cpu_count() or 1)
        self._loader = anyio.CapacityLimiter(1)
        self._one_reload = anyio.Lock()
        self._scorer = scorer
        self._reason = "The model is being loaded."

    @property
    def scorer(self) -> Scorer:
        """The model to answer with; keep it for the whole of one answer. Raises `NotReady` before the first load."""
        if self._scorer is None:
            raise NotReady(self._reason)
        return self._scorer

    @property
    def version(self) -> str | None:
        """The version of the live model, None before the first load."""
        return self._scorer.version if self._scorer is not None else None

    @property
    def compiled(self) -> bool:
        """Whether the live model reads comments by compiled code, a few in less time than a change of threads takes."""
        return self._scorer is not None and self._scorer.compiled

    @property
    def queue(self) -> int:
        """How many requests wait for a thread."""
        return self._threads.statistics().tasks_waiting

    async def run(self, work: Callable[[], T], *, admitted: bool = False) -> T:
        """What `work` gives, run in a scoring thread.

        Raises `Busy` when too many wait already, unless the request was `admitted` before.
        """
        if not admitted and self.queue >= self.waiting:
            raise Busy(f"{self.queue} requests are waiting to be scored, which is the most that may wait.")
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    async def reload(self) -> Scorer:
        """Load the model the settings name, or the current one of the home, and let it answer from now on.

        Answers under way end with the model they began with. Raises `ReloadFailed`, and changes nothing then.
        """
        async with self._one_reload:
            try:
                scorer = await anyio.to_thread.run_sync(self._load, limiter=self._loader)
            except (ModelError, OSError) as error:
                self._reason = str(error)
                raise ReloadFailed(self._reason) from error
            except Exception as error:
                self._reason = f"Loading the model met an unexpected {type(error).__name__}; the log says where."
                logger.error("%s\n%s", self._reason, "".join(traceback.format_tb(error.__traceback__)))
                raise ReloadFailed(self._reason) from error
            self._scorer = scorer
            logger.info("The model %s answers.", scorer.version)
            return scorer

    def _load(self) -> Scorer:
        scorer = load_warm(self.settings)
        self._prepare(scorer)
        return scorer

    async def reload_or_log(self) -> None:
        """`reload` for a caller who is not there to be told: a failure goes to the log."""
        try:
            await self.reload()
        except ReloadFailed as failure:
            goes_on = f"The model {self.version} goes on answering." if self.version else "No model answers."
            logger.error("The model was not loaded. %s %s", failure, goes_on)


def load_warm(settings: Settings) -> Scorer:
    """The model of these settings, so warm that the first request is as fast as the next."""
    folder: Path = settings.model or current_model(settings.home)
    scorer = Scorer.load(folder)
    scorer.score(["好看，值得二刷"], explain=True)
    return scorer
