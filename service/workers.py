"""Workers: processes that answer at one door, forked from one that has loaded the model, whose memory they share."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from types import FrameType
from typing import NamedTuple, NoReturn

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from model import Scorer

logger = logging.getLogger("poquan.service")

_LOOK_EVERY = 0.25  # seconds
_PATIENCE = 30.0  # seconds until a new worker must answer
_LAST_MOMENT = 0.25  # seconds
_SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


class Worker(NamedTuple):
    """A worker process, and the end of a pipe that it writes to when it answers and closes when it ends."""

    pid: int
    said: int

    def answers(self, within: float) -> bool:
        """Whether it answers before so many seconds have passed."""
        end = time.monotonic() + within
        os.set_blocking(self.said, False)
        while time.monotonic() < end:
            try:
                return bool(os.read(self.said, 1))
            except BlockingIOError:
                time.sleep(0.01)
        return False


class Workers:
    """Keeps ``count`` workers at a door, until it is told to end by SIGINT or SIGTERM.

    A worker that dies is replaced. SIGHUP loads the model anew; then workers that have it take the place of the others
    one by one, and those end when they have answered what they were asked. ``load`` gives the model, in a process of
    one thread; ``configure`` what a worker serves it by.
    """

    def __init__(
        self, door: socket, count: int, load: Callable[[], Scorer], configure: Callable[[Scorer], uvicorn.Config]
    ) -> None:
        self._door = door
        self._count = count
        self._load = load
        self._configure = configure
        self._workers: list[Worker] = []
        self._asked: set[int] = set()
        self._woken = threading.Event()
        self._alive, self._held = os.pipe()  # who reads sees the end of it when this process has ended

    def run(self) -> None:
        """Serve. Raises `ModelError` where there is no model to begin with."""
        self._scorer = self._load()
        before = {number: signal.signal(number, self._ask) for number in _SIGNALS}
        try:
            self._workers = [self._fork() for _ in range(self._count)]
            while not {signal.SIGINT, signal.SIGTERM} & self._asked:
                if signal.SIGHUP in self._asked:
                    self._asked.discard(signal.SIGHUP)  # an end asked for meanwhile must not be forgotten
                    self._renew()
                if not self._replace_dead():
                    break
                self._woken.wait(_LOOK_EVERY)
                self._woken.clear()
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked.add(number)
        self._woken.set()

    def _fork(self) -> Worker:
        said, tells = os.pipe()
        gc.collect()
        gc.freeze()  # so that no collection in a worker writes to what is shared
        pid = os.fork()
        if pid == 0:
            os.close(said)
            os.close(self._held)
            self._work(tells)
        os.close(tells)
        return Worker(pid, said)

    def _work(self, tells: int) -> NoReturn:
        code = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            if hasattr(signal, "SIGHUP"):
                signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the application listens
            server = _Server(self._configure(self._scorer), tells, self._alive)
            server.run([self._door])
            code = 0 if server.started else STARTUP_FAILURE
        except KeyboardInterrupt:
            code = 0
        except Exception:
            logger.exception("A worker failed.")
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _renew(self) -> None:
        try:
            self._scorer = self._load()
        except Exception as error:  # whatever is the matter with a new model, the workers there are go on
            logger.error("The model was not loaded. %s The one before goes on answering.", error)
            return
        for place, old in enumerate(self._workers):
            new = self._fork()
            if not new.answers(within=_PATIENCE):
                logger.error("A new worker did not answer within %.0f seconds; the one before stays.", _PATIENCE)
                _tell(new, signal.SIGKILL)
                _wait(new)
                return
            self._workers[place] = new
            _tell(old, signal.SIGTERM)
            _wait(old)

    def _replace_dead(self) -> bool:
        """Fork anew what has died; False where a worker could not even begin."""
        for place, worker in enumerate(self._workers):
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                os.close(worker.said)
                if os.waitstatus_to_exitcode(status) == STARTUP_FAILURE:
                    logger.error("A worker could not begin to answer; the service ends.")
                    del self._workers[place]
                    return False
                if not self._asked:
                    logger.error("Worker %d has died; another takes its place.", pid)
                    self._workers[place] = self._fork()
        return True

    def _end(self) -> None:
        for worker in self._workers:
            _tell(worker, signal.SIGTERM)
        for worker in self._workers:
            _wait(worker)
        os.close(self._alive)
        os.close(self._held)


class _Server(uvicorn.Server):
    """Says when it answers, and ends when the process that forked it has ended."""

    def __init__(self, config: uvicorn.Config, tells: int, alive: int) -> None:
        super().__init__(config)
        self._tells = tells
        self._alive = alive

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            asyncio.get_running_loop().add_reader(self._alive, self._orphaned)
            with suppress(BrokenPipeError):  # who forked it has ended already
                os.write(self._tells, b".")

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Take no more connections, then give those just taken the time to send what they came to ask."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(_LAST_MOMENT)
        await super().shutdown(sockets)

    def _orphaned(self) -> None:
        asyncio.get_running_loop().remove_reader(self._alive)
        self.should_exit = True


def _tell(worker: Worker, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(worker.pid, number)


def _wait(worker: Worker) -> None:
    try:
        os.waitpid(worker.pid, 0)
    except ChildProcessError:
        return
    os.close(worker.said)
