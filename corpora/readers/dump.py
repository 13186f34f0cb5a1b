"""A dump opened for reading: what it is, its columns, how far it has been read, and its comments one by one."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from corpora.errors import CorporaError, NotADump
from corpora.readers.columns import Columns, guess_columns, missing_overrides
from corpora.readers.formats import open_tables
from corpora.readers.options import ReadOptions
from corpora.readers.reading import Context, RecordReader
from corpora.readers.rows import RejectedRow, Row
from corpora.readers.stored import StoredFile
from corpora.readers.tables import Table, Unreadable

_RAW_LENGTH = 500


class Dump:
    """Comments of one file or of a folder of files; made by `open_dump`."""

    def __init__(self, path: Path, parts: list["Part"]) -> None:
        self.path = path
        self._parts = parts
        self._columns: list[str] | None = None

    @property
    def kind(self) -> str:
        """What was recognised, such as `"csv"` or `"mediacrawler/weibo jsonl"`."""
        return ", ".join(dict.fromkeys(part.kind for part in self._parts))

    @property
    def columns(self) -> list[str]:
        """The columns of `Row.fields`; where records differ, all that occur, by a first pass over the file."""
        if self._columns is None:
            self._columns = list(dict.fromkeys(name for part in self._parts for name in part.public_columns()))
        return list(self._columns)

    @property
    def total_bytes(self) -> int | None:
        """The size of the files as stored, against which `bytes_read` grows."""
        return sum(file.size for file in self._files())

    @property
    def bytes_read(self) -> int:
        """How much of `total_bytes` the reading has taken so far."""
        return sum(file.position for file in self._files())

    @property
    def total_rows(self) -> int | None:
        """The number of records where the files say it (databases, workbooks, Parquet), else None."""
        counts = [part.table.total_rows for part in self._parts]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def rows(self) -> Iterator[Row | RejectedRow]:
        """Every comment, and every record that is none, in an order that is the same at each reading."""
        for part in self._parts:
            yield from part.rows()

    def _files(self) -> list[StoredFile]:
        return list({id(part.table.file): part.table.file for part in self._parts}.values())


class Part:
    """One table of a dump with what is known about it."""

    def __init__(self, table: Table, context: Context) -> None:
        self.table = table
        self._context = context
        self._path = table.file.path
        self._columns = guess_columns(table.columns, context.options, table.sample)
        _check(table, self._columns, context.options)
        self._readers: dict[tuple[str, ...], RecordReader] = {}

    @property
    def kind(self) -> str:
        """The kind of the table's file."""
        return self.table.kind

    def public_columns(self) -> Iterator[str]:
        """The columns of the fields this part gives."""
        yield from self._reader(tuple(self.table.columns)).public

    def rows(self) -> Iterator[Row | RejectedRow]:
        """The part's rows in order."""
        path = self._path
        known = tuple(self.table.columns)
        width, usual = len(known), self._reader(known)
        ragged = self.table.ragged
        for number, record in self.table.records():
            if isinstance(record, Unreadable):
                yield RejectedRow(number, path, record.reason, record.raw[:_RAW_LENGTH])
                continue
            reader = self._reader(tuple(record)) if ragged or len(record) != width else usual
            comment = reader.read(record)
            if isinstance(comment, str):
                yield RejectedRow(number, path, comment, _as_raw(record))
            else:
                yield Row(number, path, comment, record)

    def _reader(self, names: tuple[str, ...]) -> RecordReader:
        reader = self._readers.get(names)
        if reader is None:
            if len(self._readers) > 1000:
                self._readers.clear()
            columns = guess_columns(names, self._context.options, text=self._columns.text)
            reader = self._readers[names] = RecordReader(names, columns, self._context)
        return reader


def open_dump(path: Path | str, options: ReadOptions | None = None) -> Dump:
    """Open a comment dump, a file or a folder, whatever its kind.

    Raises `NotADump` where there are no comments to be read, and `CorporaError` for an option that cannot be meant.
    """
    path, options = Path(path), options or ReadOptions()
    try:
        zone = ZoneInfo(options.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise CorporaError(f"{options.timezone!r} is no time zone; give an IANA name such as Asia/Shanghai.") from None
    if not path.exists():
        raise NotADump(f"{path} does not exist; give a file or a folder of comments.")
    tables = open_tables(StoredFile(path), options)
    contexts = (Context(options, zone, options.platform, {}, table.nested, table.typed) for table in tables)
    return Dump(path, [Part(table, context) for table, context in zip(tables, contexts, strict=True)])


def _check(table: Table, columns: Columns, options: ReadOptions) -> None:
    seen = ", ".join(name[:30] for name in list(table.columns)[:30])
    missing = missing_overrides(table.columns, options)
    for role, column in missing.items():
        if role == "text" or not table.ragged:
            raise NotADump(f"{table.file.path} has no column {column!r} (--{role}-column); its columns are: {seen}.")
    if columns.text is None:
        raise NotADump(
            f"{table.file.path} is not a comment dump as far as can be told: no column holds the comments' text. "
            f"The columns seen are: {seen}; name the right one with --text-column."
        )


def _as_raw(record: dict[str, object]) -> str:
    return orjson.dumps(record, default=str, option=orjson.OPT_NON_STR_KEYS).decode()[:_RAW_LENGTH]
