"""Find out what kind of file it is, from its content, and open it as tables."""

import codecs
from collections.abc import Sequence

from corpora.errors import NotADump
from corpora.readers.delimited import DelimitedTable
from corpora.readers.encoding import detect_encoding
from corpora.readers.options import ReadOptions
from corpora.readers.stored import StoredFile
from corpora.readers.tables import Table


def open_tables(file: StoredFile, options: ReadOptions) -> Sequence[Table]:
    """The tables of a file; one for most kinds, one per comment table for a database.

    Raises `NotADump` where the content is of no kind that holds comments.
    """
    if not file.size:
        raise NotADump(f"{file.path} is empty: it holds no header and no comments.")
    return [DelimitedTable(file, _text_encoding(file, options), options)]


def _text_encoding(file: StoredFile, options: ReadOptions) -> str:
    if options.encoding is not None:
        try:
            return codecs.lookup(options.encoding).name
        except LookupError:
            raise NotADump(
                f"{options.encoding!r} is no encoding known here; give one such as utf-8, gb18030 or big5."
            ) from None
    encoding = detect_encoding(file)
    if encoding is None or _looks_binary(file.head(), encoding):
        raise NotADump(
            f"{file.path} is not a comment dump: it is neither text in UTF-8 or GB18030 nor a workbook, a database or "
            "a Parquet file; if it is text, name its encoding with --encoding."
        )
    return encoding


def _looks_binary(head: bytes, encoding: str) -> bool:
    if encoding == "utf-16":
        return False
    control = sum(byte < 32 and byte not in b"\t\n\r\f\v\x00\x1b" for byte in head) + head.count(0) // 8
    return control * 50 > len(head)
