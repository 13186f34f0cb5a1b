"""SQLite databases: MediaCrawler's comment tables where there are any, else the table that looks like comments."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice

from corpora.errors import NotADump
from corpora.readers.columns import guess_columns
from corpora.readers.options import ReadOptions
from corpora.readers.stored import StoredFile
from corpora.readers.tables import SAMPLE_SIZE, Entry, Unreadable

CRAWLED = {
    "xhs_note_comment": "xhs",
    "douyin_aweme_comment": "douyin",
    "kuaishou_video_comment": "kuaishou",
    "bilibili_video_comment": "bilibili",
    "weibo_note_comment": "weibo",
    "tieba_comment": "tieba",
    "zhihu_comment": "zhihu",
}
"""MediaCrawler's comment tables and the platform of each."""


class DatabaseTable:
    """One table or view of a SQLite database, opened read-only."""

    kind = "sqlite"
    ragged = nested = False
    typed = True
    parser = None

    def __init__(self, file: StoredFile, name: str) -> None:
        self.file = file
        self.name = name
        with connected(file) as connection:
            found = connection.execute(f"SELECT * FROM {_quoted(name)} LIMIT 0").description  # noqa: S608
            self.columns = [column[0] for column in found]
            self.total_rows: int = connection.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]  # noqa: S608
        self.sample = [record for _, record in islice(self.records(), SAMPLE_SIZE) if isinstance(record, dict)]

    def records(self) -> Iterator[tuple[int, Entry]]:
        """Each row in the order of insertion."""
        number, columns = 0, self.columns
        with connected(self.file) as connection:
            try:
                for number, values in enumerate(_in_order(connection, self.name), 1):
                    if bytes in map(type, values):
                        values = tuple(_as_text(value) for value in values)
                    yield number, dict(zip(columns, values, strict=True))
            except sqlite3.DatabaseError as error:
                yield number + 1, Unreadable(f"the table {self.name} cannot be read past row {number}: {error}")


def comment_tables(file: StoredFile, options: ReadOptions) -> list[DatabaseTable]:
    """The tables with comments. Raises `NotADump` where there are none."""
    with connected(file) as connection:
        names = table_names(connection)
    if options.table is not None:
        if options.table not in names:
            raise NotADump(f"{file.path} has no table {options.table!r}; its tables are: {', '.join(names)}.")
        return [DatabaseTable(file, options.table)]
    crawled = [DatabaseTable(file, name) for name in CRAWLED if name in names]
    if crawled:
        return [table for table in crawled if table.total_rows] or crawled
    tables = [DatabaseTable(file, name) for name in names]
    worded = [table for table in tables if guess_columns(table.columns, options, table.sample).text is not None]
    if not worded:
        raise NotADump(
            f"{file.path} is a database without a table of comments; its tables are: {', '.join(names) or 'none'}. "
            "Name the table with --table and its text with --text-column."
        )
    named = [table for table in worded if any(word in table.name.lower() for word in ("comment", "评论", "danmaku"))]
    return [max(named or worded, key=lambda table: table.total_rows)]


def table_names(connection: sqlite3.Connection) -> list[str]:
    """The tables and views of a database, in order of creation."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY rowid")
    return [name for (name,) in found if not name.startswith("sqlite_")]


@contextmanager
def connected(file: StoredFile) -> Iterator[sqlite3.Connection]:
    """A read-only connection; a database that is being written elsewhere can still be read."""
    address = file.unpacked().absolute().as_uri()
    for mode in ("mode=ro", "mode=ro&immutable=1"):  # the second for write-ahead logs on a read-only disk
        with closing(sqlite3.connect(f"{address}?{mode}", uri=True)) as connection:
            connection.text_factory = lambda stored: stored.decode("utf-8", "replace")
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.OperationalError:
                continue
            except sqlite3.DatabaseError as error:
                raise NotADump(f"{file.path} is no SQLite database that can be read: {error}.") from None
            yield connection
            return
    raise NotADump(f"{file.path} cannot be opened as a SQLite database; is another program holding it locked?")


def _in_order(connection: sqlite3.Connection, name: str) -> sqlite3.Cursor:
    try:
        return connection.execute(f"SELECT * FROM {_quoted(name)} ORDER BY rowid")  # noqa: S608
    except sqlite3.OperationalError:  # a view, or a table without rowid
        return connection.execute(f"SELECT * FROM {_quoted(name)}")  # noqa: S608


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
