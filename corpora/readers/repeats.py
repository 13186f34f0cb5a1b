"""Find the comments that a crawler has written again, in memory that does not grow with their number.

Of each comment only a 64-bit digest, its time of modification and its place are kept; past a million of them they go to
temporary files, split by digest, so that all versions of a comment meet in one file small enough to sort.
"""

import hashlib
import tempfile
from array import array
from contextlib import ExitStack
from typing import IO

import numpy as np
from numpy.typing import NDArray

_HELD = 1 << 20  # versions held in memory: 24 bytes each
_FILES = 64
_VERSION = np.dtype([("digest", "<u8"), ("time", "<i8"), ("place", "<i8")])


class Repeats:
    """Versions of comments as they are met; `superseded` tells which are not the newest."""

    def __init__(self) -> None:
        self._digests, self._times, self._places = array("Q"), array("q"), array("q")
        self._stack = ExitStack()
        self._files: list[IO[bytes]] = []

    def add(self, platform: str, comment: str, time: int, place: int) -> None:
        """Note that a version of a comment, modified at `time`, stands at `place` of the dump."""
        digest = hashlib.blake2b(f"{platform}\0{comment}".encode("utf-8", "replace"), digest_size=8).digest()
        self._digests.append(int.from_bytes(digest, "little"))
        self._times.append(time)
        self._places.append(place)
        if len(self._places) == _HELD:
            self._spill()

    def superseded(self, length: int) -> bytearray:
        """One byte for each place below `length`: 1 where a newer version stands elsewhere.

        The newest version is the one with the greatest time, among equals the last in the dump. Empties this object.
        """
        marks = np.zeros(length, np.uint8)
        with self._stack:
            if not self._files:
                self._mark(self._held(), marks)
            else:
                self._spill()
                for file in self._files:
                    file.seek(0)
                    self._mark(np.frombuffer(file.read(), _VERSION), marks)
        return bytearray(marks)

    def _held(self) -> NDArray[np.void]:
        versions = np.empty(len(self._places), _VERSION)
        versions["digest"], versions["time"], versions["place"] = self._digests, self._times, self._places
        return versions

    def _spill(self) -> None:
        if not self._files:
            self._files = [self._stack.enter_context(_temporary_file()) for _ in range(_FILES)]
        versions = self._held()
        files = versions["digest"] % _FILES
        for number, file in enumerate(self._files):
            file.write(versions[files == number].tobytes())
        self._digests, self._times, self._places = array("Q"), array("q"), array("q")

    @staticmethod
    def _mark(versions: NDArray[np.void], marks: NDArray[np.uint8]) -> None:
        versions = versions[np.lexsort((versions["place"], versions["time"], versions["digest"]))]
        repeated = versions["digest"][:-1] == versions["digest"][1:]
        marks[versions["place"][:-1][repeated]] = 1


def _temporary_file() -> IO[bytes]:
    return tempfile.TemporaryFile()
