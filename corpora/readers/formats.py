"""Find out what kind of file it is, from its content, and open it as tables."""

import codecs
import re
from collections.abc import Sequence

from corpora.errors import NotADump
from corpora.readers.danmaku import DanmakuTable
from corpora.readers.database import comment_tables
from corpora.readers.delimited import DelimitedTable
from corpora.readers.encoding import detect_encoding
from corpora.readers.json_array import JsonArrayTable
from corpora.readers.json_lines import JsonLinesTable
from corpora.readers.options import ReadOptions
from corpora.readers.parquet import ParquetTable
from corpora.readers.stored import StoredFile
from corpora.readers.tables import Table
from corpora.readers.workbook import WorkbookTable

_OLE = b"\xd0\xcf\x11\xe0"  # Excel before 2007


def open_tables(file: StoredFile, options: ReadOptions) -> Sequence[Table]:
    """The tables of a file; one for most kinds, one per comment table for a database.

    Raises `NotADump` where the content is of no kind that holds comments.
    """
    head = file.head()
    if not head:
        state = "a damaged compressed file" if file.size and file.gzipped else "empty"
        raise NotADump(f"{file.path} is {state}: it holds no comments that can be read.")
    if head.startswith(b"SQLite format 3\0"):
        return comment_tables(file, options)
    if head.startswith(b"PK\x03\x04"):
        return [WorkbookTable(file, options)]
    if head.startswith(b"PAR1"):
        return [ParquetTable(file)]
    if head.startswith(_OLE):
        raise NotADump(
            f"{file.path} is a workbook of Excel before 2007 or with a password; save it as a plain .xlsx or .csv."
        )
    return [_open_text(file, head, options)]


def _open_text(file: StoredFile, head: bytes, options: ReadOptions) -> Table:
    encoding = _text_encoding(file, head, options)
    start = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        return JsonLinesTable(file, encoding)
    if re.match(r"\[\s*[{\]]", start):
        return JsonArrayTable(file, encoding)
    if start.startswith("<"):
        return DanmakuTable(file)
    return DelimitedTable(file, encoding, options)


def _text_encoding(file: StoredFile, head: bytes, options: ReadOptions) -> str:
    if options.encoding is not None:
        try:
            name = codecs.lookup(options.encoding).name
        except LookupError:
            raise NotADump(
                f"{options.encoding!r} is no encoding known here; give one such as utf-8, gb18030 or big5."
            ) from None
        return "utf-8-sig" if name == "utf-8" else name
    encoding = detect_encoding(file)
    if encoding is None or _looks_binary(head, encoding):
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
