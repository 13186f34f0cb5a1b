"""Read the records of one table, whatever their columns, into rows or into batches of comments."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from corpora.readers.columns import guess_columns
from corpora.readers.reading import Context, RecordReader
from corpora.readers.rows import CommentBatch, RejectedRow, Row
from corpora.readers.tables import Entry, Table, Unreadable

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

    def comments(self, numbers: Sequence[int], entries: Sequence[Entry], superseded: bytes = b"") -> CommentBatch:
        """The comments of entries with these numbers, but for those that `superseded` marks by their place."""
        wanted: Sequence[int] = range(len(entries))
        if 1 in superseded:
            wanted = [place for place in wanted if not superseded[place]]
        rejected: dict[int, RejectedRow] = {}
        groups: dict[tuple[str, ...], Sequence[int]] = {self._columns: wanted}
        if not self._all_usual(entries, wanted):
            groups = {}
            for place in wanted:
                entry = entries[place]
                if isinstance(entry, dict):
                    groups.setdefault(tuple(entry), []).append(place)  # type: ignore[attr-defined]
                elif entry is not None:
                    rejected[place] = self._rejected(numbers[place], entry)
        found: list[tuple[Any, ...]] = []
        for names, places in groups.items():
            records: list[Any] = [entries[place] for place in places]
            fields = self.reader(names).read_many(records)
            if None in fields.texts:
                for place, record, text in zip(places, records, fields.texts, strict=True):
                    if text is None:
                        reason = self.reader(names).why_no_text(record)
                        rejected[place] = RejectedRow(numbers[place], self._path, reason, _as_raw(record))
            if self._crawled:
                for record, platform, work in zip(records, fields.platforms, fields.works, strict=True):
                    _name_work(record, platform, work)
            if len(groups) == 1 and not rejected:
                return CommentBatch(records, *fields)  # type: ignore[arg-type]  # every record has a text
            found += zip(places, records, *fields, strict=True)
        comments = sorted(row for row in found if row[0] not in rejected)
        _, *columns = map(list, zip(*comments, strict=True)) if comments else [[]] * 6
        batch = CommentBatch(*columns)
        batch.rejected = [rejected[place] for place in sorted(rejected)]
        return batch

    def _all_usual(self, entries: Sequence[Entry], wanted: Sequence[int]) -> bool:
        """Whether all the entries are records with the columns most have."""
        if len(wanted) != len(entries) or not set(map(type, entries)) <= {dict}:
            return False
        if self._ragged:
            return all(tuple(entry) == self._columns for entry in entries)  # type: ignore[arg-type]
        width = len(self._columns)
        return all(len(entry) == width for entry in entries)  # type: ignore[arg-type]

    def _rejected(self, number: int, entry: Unreadable) -> RejectedRow:
        return RejectedRow(number, self._path, entry.reason, entry.raw[:_RAW_LENGTH])

    def __getstate__(self) -> Mapping[str, Any]:
        return self.__dict__ | {"_readers": {}}


def _name_work(record: dict[str, object], *named: str | None) -> None:
    for column, value in zip(JOINED, named, strict=True):
        record.setdefault(column, value)


def _as_raw(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, default=str)[:_RAW_LENGTH]
