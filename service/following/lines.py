"""csv, tsv and JSON lines that grow at their end: only the new lines are read.

The table is recognised from the file's start. Its reader is then given the header and the piece behind the place
reached, as if that were a whole file. A record counts as whole when its reader has taken it without meeting the end of
the file: so a line without its newline waits, and so does a quoted field whose further lines are still to come.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from corpora.readers import ReadOptions, RejectedRow, Row
from corpora.readers.delimited import DelimitedTable
from corpora.readers.dump import open_parts
from corpora.readers.encoding import detect_encoding
from corpora.readers.json_lines import JsonLinesTable
from corpora.readers.part import Part
from service.following.followed import Rewritten
from service.following.growing import GrowingFile, Stamp, fingerprint, fingerprint_of, is_settled, stamp_of
from service.following.marks import Mark

_QUOTE = b'"'


class FollowedLines:
    """A text file with one record after the other; it is recognised at the first news."""

    def __init__(self, name: str, path: Path, options: ReadOptions, mark: Mark | None) -> None:
        self.name = name
        self.unfinished = False
        self._path = path
        self._options = options
        self._place, self._records = (mark.place, mark.records) if mark is not None else (0, 0)
        self._known = (b"", b"")  # the bytes at the file's start and before the place
        self._check = mark.check if mark is not None else fingerprint(b"", b"", 0)
        self._encoding = options.encoding
        self._seen: Stamp | None = None
        self._opened: tuple[Part, GrowingFile] | None = None
        self._sure = False

    def news(self) -> Iterator[Row | RejectedRow]:
        """Give the records of the lines that were appended. Raises `Rewritten`."""
        stamp = stamp_of(self._path)
        settled = is_settled(stamp)
        if stamp == self._seen and not (self.unfinished and settled):
            return
        if fingerprint_of(self._path, self._place) != self._check:
            raise Rewritten
        part, file = self._recognise(stamp[0])
        file.start, file.end = self._place, stamp[0]
        before, self.unfinished = self._records, False
        for row in part.rows():
            lines = file.lines
            assert lines is not None
            if lines.ended and not settled and not _is_whole(row, part):
                self.unfinished = True
                break
            self._place, self._known = lines.place, (lines.head, lines.tail)
            self._records = before + row.number
            yield replace(row, number=self._records)
        self._note()
        self._seen = stamp

    def mark(self) -> Mark:
        """Give the place behind the record given last."""
        self._note()
        return Mark("lines", self._records, self._place, self._check)

    def _note(self) -> None:
        if any(self._known):
            self._check = fingerprint(*self._known, self._place)

    def _recognise(self, size: int) -> tuple[Part, GrowingFile]:
        """Open the table: again and again while there is little of it, once when there is enough to be sure."""
        if self._opened is not None and self._sure:
            return self._opened
        file = GrowingFile(self._path)
        file.start, file.end = self._place if self._opened is not None else 0, size
        if self._encoding is None and not all(piece.isascii() for piece in file.pieces()):
            self._encoding = detect_encoding(file)
        file.start = 0
        head = file.head()
        self._sure = self._encoding is not None and len(head) < size
        file.end = size if len(head) < size else _end_of_quotes(head)
        (part,) = open_parts(file, replace(self._options, encoding=self._encoding or "utf-8"))
        if isinstance(part.table, DelimitedTable):
            file.header = header_of(head)
        elif not isinstance(part.table, JsonLinesTable):
            raise Rewritten
        self._opened = part, file
        return self._opened


def grows_by_lines(part: Part, options: ReadOptions) -> bool:
    """Tell whether a file can be followed line by line: its lines end in a byte of their own, and one is complete."""
    table = part.table
    if table.file.gzipped or not isinstance(table, DelimitedTable | JsonLinesTable):
        return False
    encoding = options.encoding or detect_encoding(table.file) or "utf-8"
    return b"\n".decode(encoding, "replace") == "\n" and b"\n" in table.file.head()


def header_of(start: bytes) -> bytes:
    r"""Give the first record of a delimited file that is not blank, with all that stands before it.

    >>> header_of(b'id,"a\nb"\r\n1,2\r\n')
    b'id,"a\nb"\r\n'
    """
    header = b""
    for line in start.splitlines(keepends=True):
        header += line
        if header.lstrip(b"\xef\xbb\xbf\r\n") and header.count(_QUOTE) % 2 == 0:
            return header
    return start.partition(b"\n")[0] + b"\n"  # a stray quotation mark in the header


def _end_of_quotes(start: bytes) -> int:
    """Where the last line ends behind which no quoted field is open.

    In a file that ends within one, the reader would see a line of the right width with a stray quotation mark, and take
    all quotation marks for part of the texts.
    """
    end = start.rfind(b"\n") + 1
    while end and start.count(_QUOTE, 0, end) % 2:
        end = start.rfind(b"\n", 0, end - 1) + 1
    return end or len(start)


def _is_whole(row: Row | RejectedRow, part: Part) -> bool:
    """Whether a last line without its newline is complete all the same, as an object that is closed is."""
    return isinstance(row, Row) and isinstance(part.table, JsonLinesTable)
