"""Pieces of a dump, cut by one process and read by another."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpora.readers.rows import CommentBatch, RejectedRow
from corpora.readers.table_reader import TableReader
from corpora.readers.tables import BlockParser, Entries, Entry


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive entries of one part of a dump: their text, or the entries with their numbers, or a file's rejection.

    `superseded` marks by place those of which a newer version stands elsewhere; it may be empty.
    """

    part: int
    entries: int
    content: bytes | Sequence[tuple[int, Entry]] | RejectedRow
    superseded: bytes = b""


class PieceReader:
    """Reads the pieces of one dump, in any order; holds no file and can be pickled."""

    def __init__(self, parts: Sequence[tuple[BlockParser | None, TableReader]]) -> None:
        self._parts = parts

    def read(self, piece: Piece) -> tuple[CommentBatch, int | None]:
        """The comments of a piece, and how many numbers it takes of its file.

        For a piece of text, numbers of rejected rows are counted from its start, so that those of the pieces before it
        are to be added; where they stand as they are in the file, None is given.
        """
        content = piece.content
        if isinstance(content, RejectedRow):
            return CommentBatch(rejected=[content]), None
        parser, reader = self._parts[piece.part]
        if isinstance(content, bytes):
            assert parser is not None
            entries = parser.parse(content)
            return reader.comments(entries, piece.superseded), entries.numbers[-1] if entries.numbers else 0
        numbers, listed = zip(*content, strict=True)
        return reader.comments(Entries(numbers, listed), piece.superseded), None
