"""Read comment dumps of any usual kind: `open_dump(path)` finds out what it is, `Dump.rows()` streams the comments."""

from corpora.readers.dump import Dump, open_dump
from corpora.readers.options import ReadOptions
from corpora.readers.pieces import Piece, PieceReader
from corpora.readers.rows import CommentBatch, RejectedRow, Row

__all__ = ["CommentBatch", "Dump", "Piece", "PieceReader", "ReadOptions", "RejectedRow", "Row", "open_dump"]
