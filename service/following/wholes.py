"""Files that are written anew at each change (JSON arrays, workbooks, Parquet, compressed ones): read whole again.

What was given before is passed over by count, as long as a digest of it comes out the same; else all is given again,
and the service knows what it has. An array that breaks off is being written at this moment, and waits.
"""

from collections.abc import Generator, Iterator
from hashlib import blake2b

from corpora.readers import RejectedRow, Row
from corpora.readers.part import Part
from service.following.growing import Stamp, is_settled, stamp_of
from service.following.marks import Mark


class FollowedWhole:
    """A file that is read from its start whenever it has changed. `Sources` opens it anew for each change."""

    def __init__(self, name: str, part: Part, mark: Mark | None) -> None:
        self.name = name
        self.unfinished = False
        self._part = part
        self._records, self._check = (mark.records, mark.check) if mark is not None else (0, "")
        self._seen: Stamp = mark.stamp if mark is not None else ()

    def news(self) -> Iterator[Row | RejectedRow]:
        """Give the records behind those that were given before, or all where these have changed."""
        stamp = stamp_of(self._part.table.file.path)
        settled = is_settled(stamp)
        if stamp == self._seen and not (self.unfinished and settled):
            return
        known, check = self._records, self._check
        while True:
            matches = yield from self._read(known, check, settled)
            if matches:
                break
            known = 0
        self._seen = stamp

    def mark(self) -> Mark:
        """Give how many records were given, and the digest of them."""
        return Mark("whole", self._records, 0, self._check, () if self.unfinished else self._seen)

    def _read(self, known: int, check: str, settled: bool) -> Generator[Row | RejectedRow, None, bool]:
        """Give all records but the first `known`; the value is False where these are not the ones known."""
        self._seen, self.unfinished = (), False
        digest, number = blake2b(digest_size=8), 0
        rows = self._part.rows()
        row = next(rows, None)
        while row is not None:
            following = next(rows, None)
            if following is None and isinstance(row, RejectedRow) and not settled:
                self.unfinished = True
                return True
            digest.update(_said(row))
            number += 1
            if number == known and digest.hexdigest() != check:
                return False
            if number > known:
                self._records, self._check = number, digest.hexdigest()
                yield row
            row = following
        return number >= known


def _said(row: Row | RejectedRow) -> bytes:
    said = row.reason if isinstance(row, RejectedRow) else f"{row.comment.id}\0{row.comment.text}"
    return f"{len(said)}:{said}".encode("utf-8", "surrogatepass")
