"""One table of a dump with what is known about it: its comments, its columns, its repeats."""

import json
from collections.abc import Iterator
from dataclasses import replace

from corpora.errors import NotADump
from corpora.readers.columns import guess_columns, missing_overrides
from corpora.readers.reading import Context, RecordReader
from corpora.readers.repeats import Repeats
from corpora.readers.rows import RejectedRow, Row
from corpora.readers.tables import Table, Unreadable

_RAW_LENGTH = 500
_JOINED = ("platform", "work")
_READERS_KEPT = 1000


class Part:
    """The comments of one table. `crawled` is the platform where the table is MediaCrawler's, else None.

    Raises `NotADump` where no column holds the text, or a column the user named is missing.
    """

    def __init__(self, table: Table, context: Context, crawled: str | None) -> None:
        self.table = table
        self.crawled = crawled
        self.surveyed = 0
        self._context = context
        self._text = guess_columns(table.columns, context.options, table.sample).text
        self._readers: dict[tuple[str, ...], RecordReader] = {}
        self._check()
        self.columns = self._reader(tuple(table.columns)).public

    @property
    def kind(self) -> str:
        """What was recognised, such as `"csv"` or `"mediacrawler/weibo jsonl"`."""
        return self.table.kind if self.crawled is None else f"mediacrawler/{self.crawled} {self.table.kind}"

    def survey(self, repeats: Repeats, place: int) -> None:
        """Where records may differ or repeat, read all once: completes `columns`, sets `surveyed`, fills `repeats`."""
        if self.crawled is None and not self.table.ragged:
            return
        columns = dict.fromkeys(self.columns)
        seen: dict[tuple[str, ...], None] = {}
        for _, record in self.table.records():
            if not isinstance(record, Unreadable):
                names = tuple(record)
                if names not in seen:
                    seen[names] = None
                    columns |= dict.fromkeys(self._reader(names).public)
                if self.crawled is not None and (version := self._reader(names).version(record)):
                    repeats.add(self.crawled, *version, place + self.surveyed)
            self.surveyed += 1
        if self.crawled is not None:
            columns |= dict.fromkeys(_JOINED)
        self.columns = tuple(columns)

    def rows(self, superseded: bytes | bytearray = b"") -> Iterator[Row | RejectedRow]:
        """The table's rows in order, but for those that `superseded` marks by their place."""
        path, known = self.table.file.path, tuple(self.table.columns)
        width, usual, ragged = len(known), self._reader(known), self.table.ragged
        marked = len(superseded)
        for place, (number, record) in enumerate(self.table.records()):
            if place < marked and superseded[place]:
                continue
            if isinstance(record, Unreadable):
                yield RejectedRow(number, path, record.reason, record.raw[:_RAW_LENGTH])
                continue
            reader = self._reader(tuple(record)) if ragged or len(record) != width else usual
            comment = reader.read(record)
            if isinstance(comment, str):
                yield RejectedRow(number, path, comment, _as_raw(record))
                continue
            if self.crawled is not None:  # its records name neither; a merged folder is no use without
                record.setdefault("platform", comment.platform)
                record.setdefault("work", comment.work)
            yield Row(number, path, comment, record)

    def _reader(self, names: tuple[str, ...]) -> RecordReader:
        reader = self._readers.get(names)
        if reader is None:
            if len(self._readers) >= _READERS_KEPT:
                self._readers.clear()
            columns = guess_columns(names, self._context.options, text=self._text)
            if columns.text is None:
                columns = replace(columns, text=self._text)  # so that the reason for rejecting can name it
            reader = self._readers[names] = RecordReader(names, columns, self._context)
        return reader

    def _check(self) -> None:
        table, options = self.table, self._context.options
        seen = ", ".join(name[:30] for name in list(table.columns)[:30])
        missing = missing_overrides(table.columns, options)
        if missing and table.ragged:  # it may come later in the file
            records = (record for _, record in table.records() if not isinstance(record, Unreadable))
            missing = missing_overrides({name for record in records for name in record}, options)
        for role, column in missing.items():
            raise NotADump(f"{table.file.path} has no column {column!r} (--{role}-column); its columns: {seen}.")
        if self._text is None:
            raise NotADump(
                f"{table.file.path} is not a comment dump as far as can be told: no column holds the comments' text. "
                f"The columns seen are: {seen}; name the right one with --text-column."
            )


def _as_raw(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, default=str)[:_RAW_LENGTH]
