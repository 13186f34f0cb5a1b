"""Read comment dumps of any usual kind: `open_dump(path)` finds out what it is, `Dump.rows()` streams the comments."""

from corpora.readers.dump import Dump, open_dump
from corpora.readers.options import ReadOptions
from corpora.readers.rows import RejectedRow, Row

__all__ = ["Dump", "ReadOptions", "RejectedRow", "Row", "open_dump"]
