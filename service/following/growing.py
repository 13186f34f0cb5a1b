"""A file that grows, read from where the last reading ended, line by line, so that the place behind a record is known.

The readers of `corpora` take such a file for a whole one: the header is given before the piece that is read.
"""

import contextlib
import io
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import IO, cast

from corpora.readers.stored import StoredFile

SETTLED = 600.0
"""Seconds without a change after which an end that looks half-written is taken as it is.

Crawlers write through buffers that are flushed in the middle of a line, and then may wait for minutes.
"""
_PIECE = 1 << 16
_KNOWN = 1 << 12  # bytes at the start, and before the place reached, by which a file is known again

Stamp = tuple[int, ...]


class GrowingFile(StoredFile):
    """The bytes of a file from `start` up to `end`; where `start` is not 0 the `header` is given before them."""

    def __init__(self, path: Path, header: bytes = b"") -> None:
        super().__init__(path)
        self.header = header
        self.start, self.end = 0, self.size
        self.lines: LineStream | None = None

    def open(self) -> IO[bytes]:
        """Give a fresh stream of the piece, a line at a time; `lines` is the one opened last."""
        if self.gzipped:
            return super().open()
        self.lines = LineStream(self.path, self.header if self.start else b"", self.start, self.end)
        return cast("IO[bytes]", self.lines)

    def pieces(self) -> Iterator[bytes]:
        """Give the piece without the header, in parts as large as read best."""
        if self.gzipped:
            yield from super().pieces()
            return
        left = self.end - self.start
        with self.path.open("rb") as raw:
            raw.seek(self.start)
            while left > 0 and (piece := raw.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece


class LineStream(io.BufferedIOBase):
    """The lines of a file between two places.

    Each read gives one line, so that a text stream over this one takes no line before it needs it. `place` is the byte
    behind the line given last, `tail` what stands before it; `ended` tells that the end was met, or a last line without
    its newline.
    """

    def __init__(self, path: Path, header: bytes, start: int, end: int) -> None:
        self._raw = path.open("rb")
        self.head = self._raw.read(_KNOWN)
        self._raw.seek(max(0, start - _KNOWN))
        self.tail = self._raw.read(min(start, _KNOWN))
        self._header, self._end = header, end
        self.place = start
        self.ended = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """Give the next line, however long; the header comes first."""
        if self._header:
            header, self._header = self._header, b""
            return header
        line = self._raw.readline(max(0, self._end - self.place))
        self.place += len(line)
        self.tail = (self.tail + line)[-_KNOWN:]
        self.ended = not line.endswith(b"\n")
        return line

    def read1(self, size: int = -1, /) -> bytes:
        """Give the next line."""
        return self.readline()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._raw.close()
        super().close()


def stamp_of(path: Path) -> Stamp:
    """Give what changes when a file does: its size and time of change, and those of a database's write-ahead log."""
    log = path.with_name(path.name + "-wal")
    stats = [path.stat(), *([log.stat()] if log.exists() else [])]
    return tuple(number for stat in stats for number in (stat.st_size, stat.st_mtime_ns))


def is_settled(stamp: Stamp) -> bool:
    """Tell whether a file has not changed for so long that nobody is in the middle of writing it."""
    return time.time() - max(stamp[1::2]) / 1e9 > SETTLED


def fingerprint(head: bytes, tail: bytes, place: int) -> str:
    """Give a digest of the bytes at a file's start and of those before `place`: a file that only grew keeps it."""
    return blake2b(head[:place] + tail[-_KNOWN:], digest_size=8).hexdigest()


def fingerprint_of(path: Path, place: int) -> str:
    """Give the fingerprint that a file has at a place now."""
    with contextlib.closing(LineStream(path, b"", place, place)) as lines:
        return fingerprint(lines.head, lines.tail, place)
