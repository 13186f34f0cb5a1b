"""Tables of a SQLite database that a crawler is writing: the rows whose rowid is greater than the last one seen.

The database is opened read-only and for one page of rows at a time, so that no reading stands in the way of the
crawler's checkpoints. Where the crawler itself chooses the rowids (a platform's comment ids as the primary key), they
do not grow in the order of writing; then all rows are given again at each change, and the service knows what it has.
"""

from collections.abc import Iterator
from contextlib import suppress
from sqlite3 import OperationalError

from corpora.errors import NotADump
from corpora.readers import RejectedRow, Row
from corpora.readers.database import CRAWLED, DatabaseTable, connected
from corpora.readers.part import Part
from corpora.readers.stored import StoredFile
from service.following.followed import Rewritten
from service.following.growing import Stamp, stamp_of
from service.following.marks import Mark

_PAGE = 1000  # rows read at a time
_SPARSE = 1000  # rowids to a row: SQLite, which counts, does not come near it


class FollowedTable:
    """A table with rowids; `part` is made of it by the reader."""

    def __init__(self, name: str, part: Part, mark: Mark | None) -> None:
        self.name = name
        self.unfinished = False
        assert part.table.name is not None
        self._part = part
        self._rows = part.table = RowsAfter(part.table.file, part.table.name)
        self._place, self._records, self._check = (mark.place, mark.records, mark.check) if mark else (0, 0, "")
        self._seen: Stamp = ()

    def news(self) -> Iterator[Row | RejectedRow]:
        """Give the rows that were inserted. Raises `Rewritten` where the last row seen is not there any more."""
        stamp = stamp_of(self._rows.file.path)
        if self._place > _SPARSE * (self._records + _SPARSE):
            if stamp == self._seen:
                return
            self._place = self._records = 0
        self._rows.after = max(0, self._place - 1)
        rows = self._part.rows()
        if self._place:
            last = next(rows, None)
            if last is None or last.number != self._place or _name(last) != self._check:
                raise Rewritten
        for row in rows:
            self._place, self._check = row.number, _name(row)
            self._records += 1
            yield row
        self._seen = stamp

    def mark(self) -> Mark:
        """Give the rowid of the row given last."""
        return Mark("rows", self._records, self._place, self._check)


class RowsAfter(DatabaseTable):
    """The rows of a table behind the rowid `after`, in their order and numbered by it."""

    after = 0

    def records(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Give the rows there are now; a page is read when the one before it has been taken."""
        place = self.after
        query = f"SELECT _rowid_, * FROM {_quoted(self.name)} WHERE _rowid_ > ? ORDER BY _rowid_ LIMIT {_PAGE}"  # noqa: S608
        while True:
            with connected(self.file) as connection:
                page = connection.execute(query, (place,)).fetchall()
            for place, *values in page:
                texts = (value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values)
                yield place, dict(zip(self.columns, texts, strict=False))  # a column may have been added since
            if len(page) < _PAGE:
                return


def has_rowids(table: DatabaseTable) -> bool:
    """Tell whether a table has rowids; a view has none."""
    with connected(table.file) as connection:
        query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
        if not connection.execute(query, (table.name,)).fetchone()[0]:
            return False
        try:
            connection.execute(f"SELECT _rowid_ FROM {_quoted(table.name)} LIMIT 0")  # noqa: S608
        except OperationalError:
            return False
    return True


def filled_tables(file: StoredFile) -> frozenset[str]:
    """Give the crawler's comment tables that hold something: another may begin to fill while a database is followed."""
    filled = set()
    with suppress(NotADump), connected(file) as connection:
        for name in CRAWLED:
            with suppress(OperationalError):  # there is no such table
                if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone():  # noqa: S608
                    filled.add(name)
    return frozenset(filled)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name(row: Row | RejectedRow) -> str:
    return (row.comment.id or "") if isinstance(row, Row) else ""
