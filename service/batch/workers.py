"""Scoring processes, as many as cores, each fed by a thread of this process."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from service.batch.chunks import Chunk
from service.batch.messages import Failed, Load, Ready, Refused, Task
from service.batch.scoring import Labelled
from service.errors import ServiceError

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class Workers:
    """Scores chunks in `jobs` processes and gives the results in the order of the chunks.

    Processes are begun as they are needed, or before with `begin`, so that a short dump has one. The first tells which
    model it has loaded; those begun later load that very one. Raises `ServiceError` where the model cannot be loaded or
    a process dies.
    """

    def __init__(self, model: Path | None, home: Path, jobs: int) -> None:
        self._load = Load(model, home)
        self._jobs = jobs
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="scoring")
        self._own = threading.local()
        self._processes: list[_Process] = []
        self._spare: list[_Process] = []
        self._lock = threading.Lock()

    def begin(self, processes: int) -> None:
        """Let up to so many processes load the model while this one does something else."""
        while len(self._processes) < min(processes, self._jobs):
            self._spare.append(self._begin_process())

    def start(self, task: Task) -> Ready:
        """Wait for the first process, which `begin` has begun; the version and the folder of its model."""
        self._task = task
        self._first = self._spare[0].ready()
        self._load = replace(self._load, model=self._first.model)
        return self._first

    def label(self, chunks: Iterable[Chunk]) -> Iterator[Labelled]:
        """The labelled chunks in order; at most three a process are held at a time."""
        under_way: deque[Future[Labelled]] = deque()
        try:
            for chunk in chunks:
                with interrupts_held_back():
                    under_way.append(self._threads.submit(self._label, chunk))
                while len(under_way) >= 3 * self._jobs or _is_done(under_way):
                    yield _next(under_way)
            while under_way:
                yield _next(under_way)
        finally:
            for future in under_way:
                future.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End all processes; what they are doing is thrown away."""
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.kill()  # one may have been starting
            process.close()

    def _label(self, chunk: Chunk) -> Labelled:
        process: _Process | None = getattr(self._own, "process", None)
        if process is None:
            process = self._own.process = self._ready_process()
        answer: Labelled = process.ask(chunk)
        return answer

    def _ready_process(self) -> "_Process":
        with self._lock:
            process = self._spare.pop(0) if self._spare else self._begin_process()
        ready = process.ready()
        if ready.version != self._first.version:
            raise ServiceError(
                f"The model in {ready.model} changed during the run, from {self._first.version} to {ready.version}; "
                "put the old one back and go on with --resume, or start anew with --overwrite."
            )
        process.tell(self._task)
        return process

    def _begin_process(self) -> "_Process":
        process = _Process(self._load)
        self._processes.append(process)
        return process


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Let Ctrl-C wait until the block is left; a second one breaks in.

    Raised where a future is being waited for, it may leave the lock of that future held, and the thread that scores
    waits for it for ever (https://bugs.python.org/issue29988).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if caught:
        signal.raise_signal(signal.SIGINT)


def _is_done(under_way: deque[Future[Labelled]]) -> bool:
    with interrupts_held_back():
        return bool(under_way) and under_way[0].done()


def _next(under_way: deque[Future[Labelled]]) -> Labelled:
    with interrupts_held_back():
        return under_way.popleft().result()


class _Process:
    def __init__(self, load: Load) -> None:
        # -P: a folder called `model` where the user stands must not be taken for ours. Its own process group: Ctrl-C
        # at the terminal is for the parent, which then ends the pipes.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.batch.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ONE_THREAD,
            process_group=0,
        )
        self._ready: Ready | None = None
        self.tell(load)

    def ready(self) -> Ready:
        """Wait until the model is loaded."""
        if self._ready is None:
            self._ready = self._answer()
        return self._ready

    def ask(self, message: object) -> Any:
        """Send a message and wait for the answer to it."""
        self.tell(message)
        return self._answer()

    def tell(self, message: object) -> None:
        """Send a message."""
        pipe = self._process.stdin
        assert pipe is not None
        with self._ended_too_early():
            pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
            pipe.flush()

    def _answer(self) -> Any:
        pipe = self._process.stdout
        assert pipe is not None
        with self._ended_too_early():
            answer = pickle.load(pipe)  # noqa: S301 - from our own process
        if isinstance(answer, Refused):
            raise ServiceError(answer.message)
        if isinstance(answer, Failed):
            raise RuntimeError(f"A scoring process failed:\n{answer.traceback}")
        return answer

    @contextmanager
    def _ended_too_early(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise ServiceError(
                f"A scoring process ended before its time (exit code {self._process.wait()}); if the machine ran out "
                "of memory, go on with fewer --jobs."
            ) from None

    def kill(self) -> None:
        """End the process; what it is doing is thrown away."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Close the pipes to a process that has ended."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what the dead process did not take
                    pipe.close()
