"""CSV and its kin: fields divided by commas, semicolons or tabs, quoted or not, in UTF-8, GB18030 or UTF-16."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from corpora.errors import NotADump
from corpora.readers.columns import guess_columns
from corpora.readers.dialect import LONGEST_FIELD, Dialect, Quoting, distinct_names
from corpora.readers.options import ReadOptions
from corpora.readers.stored import GZIP_ERRORS, StoredFile, text_lines
from corpora.readers.tables import SAMPLE_SIZE, Entry, Unreadable

_DELIMITERS = ",;\t"


class DelimitedTable:
    """A table in a delimited text file whose first record names the columns."""

    name = None
    ragged = nested = typed = False
    total_rows = None

    def __init__(self, file: StoredFile, encoding: str, options: ReadOptions) -> None:
        self.file = file
        self._encoding = encoding
        csv.field_size_limit(LONGEST_FIELD)
        delimiter, quoting, columns = self._read_header(options)
        self.parser = Dialect(columns, delimiter, quoting, encoding)
        first = islice((record for _, record in self.records() if record is not None), SAMPLE_SIZE)
        self.sample = [record for record in first if isinstance(record, dict)]

    @property
    def columns(self) -> list[str]:
        """The columns the first record names."""
        return self.parser.columns

    @property
    def kind(self) -> str:
        """`"tsv"` where tabs divide the fields, else `"csv"`."""
        return "tsv" if self.parser.delimiter == "\t" else "csv"

    def records(self) -> Iterator[tuple[int, Entry]]:
        """Each record after the header; None for repeated headers, which have no number of their own."""
        dialect, columns, width, number = self.parser, self.columns, len(self.columns), 0
        first = columns[0]
        with self.file.open() as stream, text_lines(stream, self._encoding) as lines:
            reader = dialect.values(lines)
            try:
                next((values for values in reader if values), None)
                while True:
                    try:
                        for values in reader:
                            if len(values) == width and not values[0].endswith(first):
                                number += 1
                                yield number, dict(zip(columns, values))  # noqa: B905 - checked, and twice as fast
                            elif values:
                                record = dialect.record(values)
                                number += record is not None
                                yield number, record
                        return
                    except csv.Error as error:
                        number += 1
                        yield number, Unreadable(f"the record ending at line {reader.line_num} is broken: {error}")
            except GZIP_ERRORS as error:
                yield number + 1, Unreadable(f"the compressed file breaks off after record {number}: {error}")

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
