"""Where labelled rows go: a file that appears only when it is whole, or standard output."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

from service.batch.chunks import rejected_line
from service.batch.journal import Journal, Standing, check_same_run, draft_of
from service.batch.scoring import Labelled
from service.errors import OutputError, ResumeError

_SECONDS_BETWEEN_SAVES = 2.0


class Output(Protocol):
    """Takes labelled chunks in order."""

    @property
    def standing(self) -> Standing:
        """What has been written so far."""

    def append(self, labelled: Labelled) -> None:
        """Write a chunk."""


class Places:
    """The files of one output: the file itself, and what stands beside it while the run is under way."""

    def __init__(self, output: Path, rejected: Path | None) -> None:
        self.output = output
        self.part = output.with_name(output.name + ".part")
        self.journal = output.with_name(output.name + ".progress.json")
        self.rejected = rejected or output.with_name(output.name + ".rejected.jsonl")

    def check(self, source: Path, resume: bool, overwrite: bool) -> None:
        """Raise `OutputError` where writing would destroy or disturb something the user did not give up."""
        folder = self.output.parent
        if not folder.is_dir():
            raise OutputError(f"The folder {folder} of the output does not exist; make it first or choose another.")
        if self.output.is_dir():
            raise OutputError(f"The output {self.output} is a folder; name a file.")
        if self.rejected.resolve() == self.output.resolve():
            raise OutputError(f"The rejected rows cannot go to the output {self.output} itself; choose another file.")
        if source.is_file() and any(_same(source, path) for path in (self.output, self.part, self.rejected)):
            raise OutputError(f"The output {self.output} would overwrite the input; choose another name.")
        if source.is_dir() and self.output.resolve().is_relative_to(source.resolve()):
            raise OutputError(
                f"The output {self.output} lies inside the input folder {source}, where it would be read as input; "
                "write it elsewhere."
            )
        if overwrite:
            return
        if self.journal.exists():
            if not resume:
                raise OutputError(
                    f"{self.output} has been begun by a run that did not end; go on with --resume, or start anew with "
                    "--overwrite."
                )
        elif self.output.exists():
            done = " (no unfinished run of it is left to go on with)" if resume else ""
            raise OutputError(
                f"{self.output} is already there{done}; choose another name, or replace it with --overwrite."
            )

    def published(self, resume: bool) -> Journal | None:
        """The journal of a run that was stopped after the output got its name, before the journal was cleared away."""
        if not resume or self.part.exists() or not self.output.exists() or not self.journal.exists():
            return None
        journal = Journal.load(self.journal)
        return journal if journal.complete else None

    def clear(self, keep_rejected: bool) -> None:
        """Remove what stands beside the output, the journal last."""
        if not keep_rejected:
            self.rejected.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)
        draft_of(self.journal).unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)


class FileOutput:
    """Appends to `<output>.part`; every two seconds `<output>.progress.json` is told what of it is safe on disk."""

    def __init__(self, places: Places, run: Mapping[str, Any], header: bytes, resume: bool) -> None:
        self._places = places
        self.resumed = resume and places.journal.exists()
        self._journal = Journal.load(places.journal) if self.resumed else Journal(dict(run))
        check_same_run(self._journal.run, run)
        self._stack = ExitStack()
        try:
            self._open(header)
        except BaseException:
            self._stack.close()
            raise

    @property
    def standing(self) -> Standing:
        """What has been written so far."""
        return self._journal.standing

    @property
    def complete(self) -> bool:
        """Whether every row is in the part file."""
        return self._journal.complete

    def append(self, labelled: Labelled) -> None:
        """Write a chunk's rows and its rejected rows."""
        rejected = self._journal.standing.add(labelled)
        with _named_errors(self._places.part):
            self._part.write(labelled.rows)
            self._rejected.writelines(map(rejected_line, rejected))
        if time.monotonic() - self._saved > _SECONDS_BETWEEN_SAVES:
            self.save()

    def save(self) -> None:
        """Bring everything written to the disk, then note it in the journal."""
        with _named_errors(self._places.part):
            for file in (self._part, self._rejected):
                file.flush()
                os.fsync(file.fileno())
            self._journal.part_bytes = self._part.tell()
            self._journal.rejected_bytes = self._rejected.tell()
            self._journal.save(self._places.journal)
        self._saved = time.monotonic()

    def mark_complete(self) -> None:
        """Note that every row is in the part file."""
        self._journal.complete = True
        self.save()

    def publish(self, finished: Path) -> None:
        """Give the output its name, and clear away what is no longer needed."""
        finished.replace(self._places.output)
        self._places.clear(keep_rejected=self._journal.rejected_bytes > 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # No save here: an interrupt may have come between a chunk's bytes and its figures.
        with suppress(OSError):  # a full disk has been reported already
            self._stack.close()

    def _open(self, header: bytes) -> None:
        places, journal = self._places, self._journal
        with _named_errors(places.output):
            self._part = self._opened(places.part)
            self._rejected = self._opened(places.rejected)
        if not self.resumed:
            places.journal.unlink(missing_ok=True)  # before the files it tells of are cut
        _cut(self._part, places.part, journal.part_bytes)
        _cut(self._rejected, places.rejected, journal.rejected_bytes)
        self._saved = time.monotonic()
        if not self.resumed:
            self._part.write(header)
            self.save()

    def _opened(self, path: Path) -> IO[bytes]:
        file = self._stack.enter_context(path.open("ab"))
        _lock(file, path)
        return file


class StreamOutput:
    """Writes to standard output as it goes; rejected rows go to a file if one is named, else they are only counted."""

    def __init__(self, stream: IO[bytes], rejected: IO[bytes] | None, header: bytes) -> None:
        self.standing = Standing()
        self._stream, self._rejected = stream, rejected
        stream.write(header)

    def append(self, labelled: Labelled) -> None:
        """Write a chunk's rows."""
        self._stream.write(labelled.rows)
        self._stream.flush()
        rejected = self.standing.add(labelled)
        if self._rejected is not None:
            self._rejected.writelines(map(rejected_line, rejected))


def _cut(file: IO[bytes], path: Path, size: int) -> None:
    """Cut off what stands behind the first `size` bytes: it was written after the journal was."""
    if file.tell() < size:
        raise ResumeError(
            f"{path} has {file.tell()} bytes where the journal says {size}: it was changed since the run stopped. "
            "Start anew with --overwrite."
        )
    file.truncate(size)
    file.seek(size)


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror or error}); what is there is kept: put that right, then go on "
            "with --resume."
        ) from error


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: an open file is guarded by the system
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise OutputError(f"Another run is writing {path}; let it end, or choose another output.") from None
