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
from types import FrameType, TracebackType
from typing import Any, Self

from service.batch.chunks import Chunk
from service.batch.messages import Failed, Ready, Refused, Task
from service.batch.scoring import Labelled
from service.errors import ServiceError

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class Workers:
    """Scores chunks in `jobs` processes and gives the results in the order of the chunks.

    Processes are started as they are needed, so that a short dump starts one. The first tells which model it has
    loaded; the others load that very one. Raises `ServiceError` where the model cannot be loaded or a process dies.
    """

    def __init__(self, task: Task, jobs: int) -> None:
        self._task = task
        self._jobs = jobs
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="scoring")
        self._own = threading.local()
        self._processes: list[_Process] = []
        self._spare: list[_Process] = []
        self._lock = threading.Lock()

    def start(self) -> Ready:
        """Start the first process; the version and the folder of its model."""
        first = self._start_process()
        self._task = replace(self._task, model=first.ready.model)
        self._spare.append(first)
        return first.ready

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
            with self._lock:
                process = self._spare.pop() if self._spare else None
            process = self._own.process = process or self._start_process()
        answer: Labelled = process.ask(chunk)
        return answer

    def _start_process(self) -> "_Process":
        process = _Process(self._task)
        with self._lock:
            self._processes.append(process)
            first = self._processes[0].ready
        if process.ready.version != first.version:
            raise ServiceError(
                f"The model in {first.model} changed during the run, from {first.version} to {process.ready.version}; "
                "put the old one back and go on with --resume, or start anew with --overwrite."
            )
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
    def __init__(self, task: Task) -> None:
        # -P: a folder called `model` where the user stands must not be taken for ours. Its own process group: Ctrl-C
        # at the terminal is for the parent, which then ends the pipes.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.batch.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ONE_THREAD,
            process_group=0,
        )
        self.ready: Ready = self.ask(task)

    def ask(self, message: object) -> Any:
        """Send a message and wait for the answer to it."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        try:
            pickle.dump(message, process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            answer = pickle.load(process.stdout)  # noqa: S301 - from our own process
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise ServiceError(
                f"A scoring process ended before its time (exit code {process.wait()}); if the machine ran out of "
                "memory, go on with fewer --jobs."
            ) from None
        if isinstance(answer, Refused):
            raise ServiceError(answer.message)
        if isinstance(answer, Failed):
            raise RuntimeError(f"A scoring process failed:\n{answer.traceback}")
        return answer

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
