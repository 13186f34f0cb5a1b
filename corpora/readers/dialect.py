"""How the records of a delimited text are divided, and what a record's values are the values of."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from corpora.readers.cutting import Block, Uncuttable, as_utf8, cut_blocks, pieces_of, record_ends
from corpora.readers.stored import GZIP_ERRORS, StoredFile
from corpora.readers.tables import Entries, Entry, Unreadable

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_FIELD = 1 << 24
"""Characters: far over any comment, yet a quotation mark left open cannot eat the memory."""

Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE


@dataclass(slots=True)
class Dialect:
    """Delimiter, quoting and encoding of a text, and the columns its first record names.

    `layouts` are further column lists by their length, for rows that have another number of values.
    """

    columns: list[str]
    delimiter: str
    quoting: Quoting
    encoding: str
    layouts: dict[int, Sequence[str]] = field(default_factory=dict)

    def cut(self, file: StoredFile, size: int) -> Iterator[Block]:
        """The records behind the header. Raises `Uncuttable`."""
        ends = record_ends(self.delimiter, self.quoting == csv.QUOTE_MINIMAL)
        with file.open() as stream:
            try:
                yield from cut_blocks(as_utf8(pieces_of(stream), self.encoding), ends, size, skip=1)
            except GZIP_ERRORS:
                raise Uncuttable from None

    def parse(self, body: bytes) -> Entries:
        """The entries of a block with their numbers from 1; a repeated header has that of the record before it."""
        columns, first = self.columns, self.columns[0]
        text = io.TextIOWrapper(io.BytesIO(body), "utf-8", "surrogatepass", newline="")
        rows = [values for values in self.values(text) if values]
        if set(map(len, rows)) == {len(columns)}:
            by_column = dict(zip(columns, zip(*rows, strict=True), strict=True))
            if first not in "".join(by_column[first]):  # no record repeats the header
                return Entries(range(1, len(rows) + 1), columns=by_column)
        entries = list(map(self.record, rows))
        return Entries(list(accumulate(entry is not None for entry in entries)), entries)

    def values(self, lines: Iterator[str]) -> "Reader":
        """The values of each record, none for a blank line."""
        csv.field_size_limit(LONGEST_FIELD)
        return csv.reader(lines, delimiter=self.delimiter, quoting=self.quoting)

    def record(self, values: list[str]) -> Entry:
        """The record that has these values; None for a repeated header, as in joined files."""
        width = len(self.columns)
        if len(values) == width:
            return None if self._is_header(values) else dict(zip(self.columns, values, strict=True))
        if len(values) > width and not any(values[width:]):
            return dict(zip(self.columns, values, strict=False))
        if layout := self.layouts.get(len(values)):
            return dict(zip(layout, values, strict=True))
        # Which value stands in which column is not known, so none can be shown without showing personal ones.
        lines = 1 + sum(value.count("\n") for value in values)
        spread = f"; it spans {lines} lines, as after a quotation mark left open" if lines > 1 else ""
        return Unreadable(f"the record has {len(values)} values where the header names {width} columns{spread}")

    def accept(self, layouts: Sequence[Sequence[str]]) -> None:
        """Also read rows that have as many values as one of these column lists, where only one has that many."""
        for columns in layouts:
            known = self.layouts.setdefault(len(columns), columns)
            if known != columns or len(columns) == len(self.columns):
                self.layouts[len(columns)] = ()

    def _is_header(self, values: list[str]) -> bool:
        return (
            len(values) > 1  # one word alone may be a comment
            and values[0].endswith(self.columns[0])
            and distinct_names(values) == self.columns
        )


def distinct_names(names: Sequence[str]) -> list[str]:
    """Column names without a stray BOM or spaces; empty and repeated ones get a number."""
    distinct: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        name = name.strip("\ufeff \t") or f"column {place}"
        while name in distinct:
            name = f"{name} ({place})"
        distinct[name] = None
    return list(distinct)
