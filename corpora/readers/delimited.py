"""CSV and its kin: fields divided by commas, semicolons or tabs, quoted or not, in UTF-8, GB18030 or UTF-16."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Literal

from corpora.errors import NotADump
from corpora.readers.columns import guess_columns
from corpora.readers.options import ReadOptions
from corpora.readers.stored import GZIP_ERRORS, StoredFile, text_lines
from corpora.readers.tables import SAMPLE_SIZE, Unreadable

_LONGEST_FIELD = 1 << 24  # characters: far over any comment, yet a quote left open cannot eat the memory
_DELIMITERS = ",;\t"
Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE


class DelimitedTable:
    """A table in a delimited text file whose first record names the columns."""

    name = None
    ragged = nested = typed = False
    total_rows = None

    def __init__(self, file: StoredFile, encoding: str, options: ReadOptions) -> None:
        self.file = file
        self._encoding = encoding
        csv.field_size_limit(_LONGEST_FIELD)
        self._delimiter, self._quoting, self.columns = self._read_header(options)
        self._layouts: dict[int, Sequence[str]] = {}
        self.sample = [
            record for _, record in islice(self.records(), SAMPLE_SIZE) if not isinstance(record, Unreadable)
        ]

    @property
    def kind(self) -> str:
        """`"tsv"` where tabs divide the fields, else `"csv"`."""
        return "tsv" if self._delimiter == "\t" else "csv"

    def accept_layouts(self, layouts: Sequence[Sequence[str]]) -> None:
        """Also read rows that have as many values as one of these column lists, where only one has that many."""
        for columns in layouts:
            known = self._layouts.setdefault(len(columns), columns)
            if known != columns or len(columns) == len(self.columns):
                self._layouts[len(columns)] = ()

    def records(self) -> Iterator[tuple[int, dict[str, object] | Unreadable]]:
        """Each record after the header; repeated headers, as in joined files, are passed over."""
        columns, width, number = self.columns, len(self.columns), 0
        with self.file.open() as stream, text_lines(stream, self._encoding) as lines:
            reader = csv.reader(lines, delimiter=self._delimiter, quoting=self._quoting)
            try:
                next((values for values in reader if values), None)
                while True:
                    try:
                        for values in reader:
                            if len(values) == width:
                                if values[0].endswith(columns[0]) and self._is_header(values):
                                    continue
                                number += 1
                                yield number, dict(zip(columns, values))  # noqa: B905 - checked, and twice as fast
                            elif values:
                                number += 1
                                yield number, self._read_odd(values)
                        return
                    except csv.Error as error:
                        number += 1
                        yield number, Unreadable(f"the record ending at line {reader.line_num} is broken: {error}")
            except GZIP_ERRORS as error:
                yield number + 1, Unreadable(f"the compressed file breaks off after record {number}: {error}")

    def _is_header(self, values: list[str]) -> bool:
        return len(values) > 1 and distinct_names(values) == self.columns  # one word alone may be a comment

    def _read_odd(self, values: list[str]) -> dict[str, object] | Unreadable:
        width = len(self.columns)
        if len(values) > width and not any(values[width:]):
            return dict(zip(self.columns, values, strict=False))
        if layout := self._layouts.get(len(values)):
            return dict(zip(layout, values, strict=True))
        # Which value stands in which column is not known, so none can be shown without showing personal ones.
        lines = 1 + sum(value.count("\n") for value in values)
        spread = f"; it spans {lines} lines, as after a quotation mark left open" if lines > 1 else ""
        return Unreadable(f"the record has {len(values)} values where the header names {width} columns{spread}")

    def _read_header(self, options: ReadOptions) -> tuple[str, Quoting, list[str]]:
        start = self.file.head().decode(self._encoding, "replace")
        if not start.strip():
            raise NotADump(f"{self.file.path} is empty: it holds no header and no comments.")
        headers = {mark: distinct_names(_records(start, mark)[0]) for mark in _DELIMITERS}
        named = [mark for mark in _DELIMITERS if guess_columns(headers[mark], options).text is not None]
        delimiter = max(named or _DELIMITERS, key=lambda mark: len(headers[mark]))
        quoting: Quoting = csv.QUOTE_NONE if _quotes_nothing(start, delimiter) else csv.QUOTE_MINIMAL
        header = distinct_names(_records(start, delimiter, quoting)[0])
        return delimiter, quoting, header


def _records(start: str, delimiter: str, quoting: Quoting = csv.QUOTE_MINIMAL) -> list[list[str]]:
    """The records of a file's start, never none; the last may be cut."""
    records = []
    with suppress(csv.Error):
        for values in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, quoting=quoting):
            records.append(values)  # noqa: PERF402 - what stands before an error counts
    return [values for values in records if values] or [[start[:100]]]


def _quotes_nothing(start: str, delimiter: str) -> bool:
    """Whether the quotation marks are part of the texts, as in files joined by hand.

    Then every line is a whole record, while read as quotes the marks would swallow some.
    """
    lines = _records(start, delimiter, csv.QUOTE_NONE)
    width = len(lines[0])
    if width == 1 or any('"' in name for name in lines[0]):
        return False
    complete = lines if start.endswith("\n") else lines[:-1]
    whole = all(len(values) == width for values in complete)
    return whole and len(_records(start, delimiter)) < len(lines)


def distinct_names(names: Sequence[str]) -> list[str]:
    """Column names without a stray BOM or spaces; empty and repeated ones get a number."""
    distinct: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        name = name.strip("\ufeff \t") or f"column {place}"
        while name in distinct:
            name = f"{name} ({place})"
        distinct[name] = None
    return list(distinct)
