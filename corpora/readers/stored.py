"""A stored file as a stream of bytes, gunzipped where needed, that knows how far it has been read."""

import gzip
import io
import os
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import IO, BinaryIO, cast

_PIECE = 1 << 16

GZIP_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)
"""What a gzip file that breaks off or is damaged raises while it is read."""


class StoredFile:
    """The bytes of one file, plain or gzip (told by its first bytes, not its name)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        with path.open("rb") as file:
            self.gzipped = file.read(2) == b"\x1f\x8b"
        self._raw: BinaryIO | None = None
        self._unpacked: Path | None = None

    @property
    def name(self) -> str:
        """The file's name in lower case, without `.gz`."""
        return self.path.name.lower().removesuffix(".gz")

    @property
    def position(self) -> int:
        """Bytes of the stored file that the stream opened last has taken so far."""
        if self._raw is None:
            return 0
        return self.size if self._raw.closed else self._raw.tell()

    def open(self) -> IO[bytes]:
        """A fresh stream of the content; closing it closes the file."""
        self._raw = raw = self.path.open("rb")
        return cast("IO[bytes]", _Gunzipped(raw)) if self.gzipped else raw

    def pieces(self) -> Iterator[bytes]:
        """The content piece by piece, to its end or to where a compressed file breaks off."""
        with self.open() as stream:
            try:
                while piece := cast("BufferedIOBase", stream).read1(_PIECE):
                    yield piece
            except GZIP_ERRORS:
                return

    def head(self) -> bytes:
        """About the first 64 KiB of the content."""
        head = b""
        for piece in self.pieces():
            head += piece
            if len(head) >= _PIECE:
                break
        return head

    def unpacked(self) -> Path:
        """A path to the content for libraries that need one: the file itself, or a temporary copy removed with self."""
        if not self.gzipped:
            return self.path
        if self._unpacked is None:
            number, name = tempfile.mkstemp(prefix="poquan-", suffix=Path(self.name).suffix)
            weakref.finalize(self, Path(name).unlink, missing_ok=True)
            with os.fdopen(number, "wb") as copy, self.open() as stream:
                shutil.copyfileobj(stream, copy, 1 << 20)
            self._unpacked = Path(name)
        return self._unpacked


class _Gunzipped(gzip.GzipFile):
    def __init__(self, raw: BinaryIO) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._stored = raw

    def close(self) -> None:
        super().close()
        self._stored.close()


def text_lines(stream: IO[bytes], encoding: str, newline: str = "") -> IO[str]:
    """A stream of text over a stream of bytes; bytes that are not of the encoding become U+FFFD."""
    return io.TextIOWrapper(cast("BinaryIO", stream), encoding, errors="replace", newline=newline)
