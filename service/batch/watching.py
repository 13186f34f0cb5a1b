"""Show how a labelling goes: a bar on a terminal, a line now and then elsewhere, nothing when asked to be quiet."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_SECONDS_BETWEEN_LINES = 15.0


def watch_on(console: Console, quiet: bool) -> "Bar | Lines | Silence":
    """The `label.Watch` that suits the console."""
    if quiet:
        return Silence()
    return Bar(console) if console.is_terminal else Lines(console)


class Bar:
    """A progress bar with comments a second and the time left."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("labelling"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[labelled]:,} comments, {task.fields[rate]:,.0f}/s,"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("labelling", total=1.0, labelled=0, rate=0.0)
        self._started: float | None = None

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._progress.console.print(sentence, soft_wrap=True)

    def update(self, share: float, labelled: int) -> None:
        """Move the bar."""
        self._started = self._started or time.monotonic()
        seconds = max(time.monotonic() - self._started, 1e-9)
        rate = labelled / seconds if seconds > 1 else 0.0
        self._progress.update(self._task, completed=share, labelled=labelled, rate=rate)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class Lines:
    """A plain line every quarter of a minute, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = self._last = time.monotonic()

    def say(self, sentence: str) -> None:
        """Print a sentence."""
        self._console.print(sentence, soft_wrap=True)

    def update(self, share: float, labelled: int) -> None:
        """Print a line when the last one is old."""
        now = time.monotonic()
        if now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            self.say(f"{share:.0%}, {labelled:,} comments, {labelled / (now - self._started):,.0f}/s")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


class Silence:
    """Shows nothing."""

    def say(self, sentence: str) -> None:
        """Keep it."""

    def update(self, share: float, labelled: int) -> None:
        """Keep it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return
