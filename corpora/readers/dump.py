"""A dump opened for reading: what it is, its columns, how far it has been read, and its comments one by one."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from corpora.errors import CorporaError, NotADump
from corpora.readers.cutting import Block
from corpora.readers.danmaku import DanmakuTable
from corpora.readers.folder import comment_files
from corpora.readers.formats import open_tables
from corpora.readers.mediacrawler import recognise
from corpora.readers.options import ReadOptions
from corpora.readers.part import Part
from corpora.readers.pieces import Piece, PieceReader
from corpora.readers.posts import Posts
from corpora.readers.reading import Context
from corpora.readers.repeats import Repeats
from corpora.readers.rows import RejectedRow, Row
from corpora.readers.stored import StoredFile
from corpora.readers.workbook import WorkbookTable
from corpora.values import read_platform


class Dump:
    """Comments of one file or of a folder of files; made by `open_dump`.

    Of a comment that a crawler has written several times only the newest version is given, wherever in the dump it
    stands; for that the comments' ids are read once before the first row.
    """

    def __init__(self, path: Path, parts: list[Part], unread: list[RejectedRow]) -> None:
        self.path = path
        self._parts = parts
        self._unread = unread
        self._superseded: bytearray | None = None
        self._reading: int | None = None

    @property
    def kind(self) -> str:
        """What was recognised, such as `"csv"` or `"mediacrawler/weibo jsonl"`."""
        return ", ".join(dict.fromkeys(part.kind for part in self._parts))

    @property
    def columns(self) -> list[str]:
        """The columns of `Row.fields`; where records differ, all that occur, by a first pass over the file."""
        self._survey()
        return list(dict.fromkeys(name for part in self._parts for name in part.columns))

    @property
    def total_bytes(self) -> int:
        """The size of the files as stored, against which `bytes_read` grows."""
        return sum(file.size for file in self._files())

    @property
    def bytes_read(self) -> int:
        """How much of `total_bytes` the last `rows()` has taken so far."""
        if self._reading is None:
            return 0
        current = self._parts[self._reading].table.file if self._reading < len(self._parts) else None
        done = {part.table.file: part.table.file.size for part in self._parts[: self._reading]}
        return sum(done.values()) + (current.position if current is not None and current not in done else 0)

    @property
    def total_rows(self) -> int | None:
        """About how many records there are where the files say it (databases, workbooks, Parquet), else None."""
        counts = [part.table.total_rows for part in self._parts]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def rows(self) -> Iterator[Row | RejectedRow]:
        """Every comment, and every record that is none, in an order that is the same at each reading."""
        yield from self._unread
        superseded, start = bytearray(), 0
        if any(part.crawled for part in self._parts):
            superseded = self._survey()
        for number, part in enumerate(self._parts):
            self._reading = number
            yield from part.rows(superseded[start : start + part.surveyed])
            start += part.surveyed
        self._reading = len(self._parts)

    def pieces(self, size: int) -> Iterator[Piece]:
        """All that `rows` gives, in pieces of at most `size` entries that `reader` reads, in the same order.

        Where a piece ends depends on the dump and on `size` alone.
        """
        for row in self._unread:
            yield Piece(-1, 1, row)
        superseded, start = bytearray(), 0
        if any(part.crawled for part in self._parts):
            superseded = self._survey()
        for number, part in enumerate(self._parts):
            self._reading = number
            place = start
            for piece in part.pieces(size):
                entries, content = (piece.entries, piece.body) if isinstance(piece, Block) else (len(piece), piece)
                marks = bytes(superseded[place : place + entries]).ljust(entries, b"\0") if part.crawled else b""
                yield Piece(number, entries, content, marks if 1 in marks else b"")
                place += entries
            start += part.surveyed
        self._reading = len(self._parts)

    @property
    def reader(self) -> PieceReader:
        """What reads the pieces."""
        return PieceReader([(part.table.parser, part.reader) for part in self._parts])

    def _survey(self) -> bytearray:
        if self._superseded is None:
            repeats, place = Repeats(), 0
            for part in self._parts:
                part.survey(repeats, place)
                place += part.surveyed
            self._superseded = repeats.superseded(place)
        return self._superseded

    def _files(self) -> list[StoredFile]:
        return list(dict.fromkeys(part.table.file for part in self._parts))


def open_dump(path: Path | str, options: ReadOptions | None = None) -> Dump:
    """Open a comment dump, a file or a folder, whatever its kind.

    Raises `NotADump` where there are no comments to be read, and `CorporaError` for an option that cannot be meant.
    """
    path, options = Path(path), options or ReadOptions()
    zone = _zone(options)
    if not path.exists():
        raise NotADump(f"{path} does not exist; give a file or a folder of comments.")
    posts = Posts(options)
    if not path.is_dir():
        return Dump(path, _open_parts(StoredFile(path), options, zone, posts), [])
    parts: list[Part] = []
    unread: list[RejectedRow] = []
    for file in comment_files(path):
        try:
            parts += _open_parts(file, options, zone, posts)
        except NotADump as error:
            unread.append(RejectedRow(0, file.path, str(error), ""))
    if not parts:
        raise NotADump(unread[0].reason)
    return Dump(path, parts, unread)


def open_parts(file: StoredFile, options: ReadOptions) -> list[Part]:
    """Give the tables of one file, to be read from any place; repeats of a comment stay in.

    Raises `NotADump` where there are no comments to be read (yet), and `CorporaError` for an unknown time zone.
    """
    return _open_parts(file, options, _zone(options), Posts(options))


def _zone(options: ReadOptions) -> ZoneInfo:
    try:
        return ZoneInfo(options.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise CorporaError(f"{options.timezone!r} is no time zone; give an IANA name such as Asia/Shanghai.") from None


def _open_parts(file: StoredFile, options: ReadOptions, zone: ZoneInfo, posts: Posts) -> list[Part]:
    parts = []
    for table in open_tables(file, options):
        crawled = recognise(table)
        platform = "bilibili" if isinstance(table, DanmakuTable) else crawled
        works = posts.works_beside(table, crawled) if crawled is not None and options.work is None else {}
        context = Context(
            options,
            zone,
            platform=read_platform(options.platform or platform),
            works=works,
            nested=table.nested,
            typed=table.typed,
            numbers_are_text=isinstance(table, WorkbookTable),
        )
        parts.append(Part(table, context, crawled))
    return parts
