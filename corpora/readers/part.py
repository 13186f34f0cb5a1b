"""One table of a dump with what is known about it: its comments, its columns, its repeats."""

from collections.abc import Iterator
from itertools import islice

from corpora.errors import NotADump
from corpora.readers.columns import guess_columns, missing_overrides
from corpora.readers.cutting import Block, Uncuttable
from corpora.readers.reading import Context, RecordReader
from corpora.readers.repeats import Repeats
from corpora.readers.rows import RejectedRow, Row
from corpora.readers.table_reader import JOINED, TableReader
from corpora.readers.tables import Entry, Table

_MOST_CHARACTERS = 1 << 20  # of text in a piece: long comments must not fill the memory


class Part:
    """The comments of one table. `crawled` is the platform where the table is MediaCrawler's, else None.

    Raises `NotADump` where no column holds the text, or a column the user named is missing.
    """

    def __init__(self, table: Table, context: Context, crawled: str | None) -> None:
        self.table = table
        self.crawled = crawled
        self.surveyed = 0
        self._options = context.options
        self._text = guess_columns(table.columns, context.options, table.sample).text
        self._check()
        self.reader = TableReader(table, self._text, context, crawled is not None)
        self.columns = self.reader.reader().public

    @property
    def kind(self) -> str:
        """What was recognised, such as `"csv"` or `"mediacrawler/weibo jsonl"`."""
        return self.table.kind if self.crawled is None else f"mediacrawler/{self.crawled} {self.table.kind}"

    def survey(self, repeats: Repeats, place: int) -> None:
        """Where records may differ or repeat, read all once: completes `columns`, sets `surveyed`, fills `repeats`."""
        if self.crawled is None and not self.table.ragged:
            return
        columns = dict.fromkeys(self.columns)
        readers: dict[tuple[str, ...], RecordReader] = {}
        for _, record in self.table.records():
            if isinstance(record, dict):
                names = tuple(record)
                reader = readers.get(names)
                if reader is None:
                    reader = readers[names] = self.reader.reader(names)
                    columns |= dict.fromkeys(reader.public)
                if self.crawled is not None and (version := reader.version(record)):
                    repeats.add(self.crawled, *version, place + self.surveyed)
            self.surveyed += 1
        if self.crawled is not None:
            columns |= dict.fromkeys(JOINED)
        self.columns = tuple(columns)

    def rows(self, superseded: bytes | bytearray = b"") -> Iterator[Row | RejectedRow]:
        """The table's rows in order, but for those that `superseded` marks by their place."""
        marked, row = len(superseded), self.reader.row
        for place, (number, entry) in enumerate(self.table.records()):
            if entry is not None and not (place < marked and superseded[place]):
                yield row(number, entry)

    def pieces(self, size: int) -> Iterator[Block | list[tuple[int, Entry]]]:
        """All entries in order, of `size` at most, as text where the table can be cut into blocks of whole records."""
        done = 0
        if self.table.parser is not None:
            try:
                for block in self.table.parser.cut(self.table.file, size):
                    done += block.entries
                    yield block
                return
            except Uncuttable:  # then what is left is read here, where a record's number and its fault are known
                pass
        entries: list[tuple[int, Entry]] = []
        characters = 0
        for number, entry in islice(self.table.records(), done, None):
            entries.append((number, entry))
            text = entry.get(self._text or "") if isinstance(entry, dict) else None
            characters += len(text) if isinstance(text, str) else 0
            if len(entries) == size or characters >= _MOST_CHARACTERS:
                yield entries
                entries, characters = [], 0
        if entries:
            yield entries

    def _check(self) -> None:
        table, options = self.table, self._options
        seen = ", ".join(name[:30] for name in list(table.columns)[:30])
        missing = missing_overrides(table.columns, options)
        if missing and table.ragged:  # it may come later in the file
            records = (record for _, record in table.records() if isinstance(record, dict))
            missing = missing_overrides({name for record in records for name in record}, options)
        for role, column in missing.items():
            raise NotADump(f"{table.file.path} has no column {column!r} (--{role}-column); its columns: {seen}.")
        if self._text is None:
            raise NotADump(
                f"{table.file.path} is not a comment dump as far as can be told: no column holds the comments' text. "
                f"The columns seen are: {seen}; name the right one with --text-column."
            )
