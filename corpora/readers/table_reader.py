"""Read the records of one table, whatever their columns, into rows or into batches of comments."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import compress
from typing import Any

from corpora.readers.columns import guess_columns
from corpora.readers.reading import Context, Fields, RecordReader
from corpora.readers.rows import CommentBatch, RejectedRow, Row
from corpora.readers.tables import Entries, Table, Unreadable

JOINED = ("platform", "work")
"""The columns added to MediaCrawler's records, which name neither: a merged folder is no use without."""

_RAW_LENGTH = 500
_READERS_KEPT = 1000


class TableReader:
    """Turns the records of a table into comments; `text` is the column of the text where it was guessed, `crawled`
    tells whether the table is MediaCrawler's. Holds nothing of the table itself and can be pickled.
    """

    def __init__(self, table: Table, text: str | None, context: Context, crawled: bool) -> None:
        self._path = table.file.path
        self._columns = tuple(table.columns)
        self._ragged = table.ragged
        self._text = text
        self._context = context
        self._crawled = crawled
        self._readers: dict[tuple[str, ...], RecordReader] = {}

    def reader(self, names: tuple[str, ...] | None = None) -> RecordReader:
        """What reads records with exactly these columns, by default with the table's."""
        names = self._columns if names is None else names
        reader = self._readers.get(names)
        if reader is None:
            if len(self._readers) >= _READERS_KEPT:
                self._readers.clear()
            columns = guess_columns(names, self._context.options, text=self._text)
            if columns.text is None:
                columns = replace(columns, text=self._text)  # so that the reason for rejecting can name it
            reader = self._readers[names] = RecordReader(names, columns, self._context)
        return reader

    def row(self, number: int, entry: dict[str, object] | Unreadable) -> Row | RejectedRow:
        """The row of a record, which is cleaned."""
        if isinstance(entry, Unreadable):
            return self._rejected(number, entry)
        usual = not self._ragged and len(entry) == len(self._columns)
        comment = self.reader(self._columns if usual else tuple(entry)).read(entry)
        if isinstance(comment, str):
            return RejectedRow(number, self._path, comment, _as_raw(entry))
        if self._crawled:
            _name_work(entry, comment.platform, comment.work)
        return Row(number, self._path, comment, entry)

    def comments(self, entries: Entries, superseded: bytes = b"") -> CommentBatch:
        """The comments of entries, but for those that `superseded` marks by their place."""
        if entries.columns is not None:
            return self._by_column(entries.numbers, entries.columns, superseded)
        rejected: dict[int, RejectedRow] = {}
        groups: dict[tuple[str, ...], list[int]] = {}
        for place, entry in enumerate(entries.listed):
            if superseded and superseded[place]:
                continue
            if isinstance(entry, dict):
                groups.setdefault(tuple(entry), []).append(place)
            elif entry is not None:
                rejected[place] = self._rejected(entries.numbers[place], entry)
        found: list[tuple[Any, ...]] = []
        for names, places in groups.items():
            records: list[Any] = [entries.listed[place] for place in places]
            reader = self.reader(names)
            fields = reader.read_many(records)
            for at in _wordless(fields):
                rejected[places[at]] = self._refused(entries.numbers[places[at]], records[at], reader)
            if self._crawled:
                for record, platform, work in zip(records, fields.platforms, fields.works, strict=True):
                    _name_work(record, platform, work)
            if len(groups) == 1 and not rejected:
                return CommentBatch(*fields, listed=records)  # type: ignore[arg-type]  # no text is None
            found += zip(places, *fields, records, strict=True)
        if len(groups) > 1:
            found.sort()
        if rejected:
            found = [row for row in found if row[0] not in rejected]
        _, texts, works, platforms, genders, records = map(list, zip(*found, strict=True)) if found else ([],) * 6
        refused = [rejected[place] for place in sorted(rejected)]
        return CommentBatch(texts, works, platforms, genders, records, rejected=refused)

    def _by_column(
        self, numbers: Sequence[int], columns: Mapping[str, Sequence[str]], superseded: bytes
    ) -> CommentBatch:
        if superseded:
            left = [not mark for mark in superseded]
            numbers = list(compress(numbers, left))
            columns = {name: list(compress(values, left)) for name, values in columns.items()}
        reader = self.reader(tuple(columns))
        fields, public = reader.read_columns(columns)
        rejected = [
            self._refused(numbers[place], {name: values[place] for name, values in public.items()}, reader)
            for place in _wordless(fields)
        ]
        if rejected:
            worded = [text is not None for text in fields.texts]
            public = {name: list(compress(values, worded)) for name, values in public.items()}
            fields = Fields(*(list(compress(values, worded)) for values in fields))
        if self._crawled:
            for name, values in zip(JOINED, (fields.platforms, fields.works), strict=True):
                public.setdefault(name, values)
        return CommentBatch(*fields, columns=public, rejected=rejected)  # type: ignore[arg-type]  # no text is None

    def _refused(self, number: int, record: dict[str, object], reader: RecordReader) -> RejectedRow:
        return RejectedRow(number, self._path, reader.why_no_text(record), _as_raw(record))

    def _rejected(self, number: int, entry: Unreadable) -> RejectedRow:
        return RejectedRow(number, self._path, entry.reason, entry.raw[:_RAW_LENGTH])

    def __getstate__(self) -> Mapping[str, Any]:
        return self.__dict__ | {"_readers": {}}


def _wordless(fields: Fields) -> list[int]:
    if None not in fields.texts:
        return []
    return [place for place, text in enumerate(fields.texts) if text is None]


def _name_work(record: dict[str, object], *named: str | None) -> None:
    for column, value in zip(JOINED, named, strict=True):
        record.setdefault(column, value)


def _as_raw(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, default=str)[:_RAW_LENGTH]
