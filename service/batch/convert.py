"""Make a Parquet file or a workbook of the labelled rows, once all are there as JSON lines."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from service.batch.columns import FACET_WORDS, WORDS, Layout
from service.batch.encode import as_cell, as_json
from service.batch.forms import Form
from service.batch.kinds import Kinds
from service.errors import OutputError

if TYPE_CHECKING:
    import pyarrow as pa
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_GROUP_ROWS, _GROUP_BYTES = 1 << 14, 1 << 25  # of one Parquet row group: what is held in memory
_SHEET_ROWS = 1 << 20  # Excel's limit, with the header
_CELL_CHARACTERS = 32_767  # Excel's limit
_EXACT = 10**15  # Excel keeps 15 digits of a number; longer ids must be text
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def require_libraries(form: Form) -> None:
    """Raise `OutputError` where the library that writes the form is not installed."""
    try:
        if form.kind == "parquet":
            import pyarrow.parquet  # noqa: F401
        elif form.kind == "xlsx":
            import openpyxl  # noqa: F401
    except ImportError:
        raise OutputError(
            f"Writing {form.kind} needs a library that is missing; add it with: pip install 'poquan[{form.kind}]' "
            "or write .csv or .jsonl."
        ) from None


def convert(part: Path, target: Path, form: Form, layout: Layout, kinds: Kinds) -> None:
    """Write the rows of `part` (JSON lines) to `target` as Parquet or xlsx, in constant memory."""
    if form.kind == "parquet":
        _to_parquet(part, target, layout, kinds)
    else:
        _to_workbook(part, target, layout, _reader(kinds))


def _to_parquet(part: Path, target: Path, layout: Layout, kinds: Kinds) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(layout, kinds)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for rows in _row_groups(part, _reader(kinds)):
            arrays = [
                pa.array([_of_type(row.get(name), kind) for row in rows], kind)
                for name, kind in zip(schema.names, schema.types, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))


def _schema(layout: Layout, kinds: Kinds) -> "pa.Schema":
    import pyarrow as pa

    fields = [(name, _column_type(kinds.get(name, set()))) for name in layout.names]
    return pa.schema([*fields, *((name, _label_type(name)) for name in layout.labels)])


def _label_type(name: str) -> "pa.DataType":
    """The type of a label column; all but these few hold a number."""
    import pyarrow as pa

    effect = [("word", pa.string()), ("effect", pa.float64())]
    types = {
        "polarity": pa.string(),
        "circles": pa.list_(pa.string()),
        "aspects": pa.list_(pa.string()),
        "stage": pa.string(),
        WORDS: pa.list_(pa.struct(effect)),
        FACET_WORDS: pa.list_(pa.struct([("facet", pa.string()), *effect])),
    }
    return types.get(name, pa.float64())


def _column_type(kinds: set[str]) -> "pa.DataType":
    """The narrowest type that holds every value; text where they are of different kinds."""
    import pyarrow as pa

    types = {
        "bool": pa.bool_(),
        "int": pa.int64(),
        "float": pa.float64(),
        "day": pa.date32(),
        "time": pa.timestamp("us"),
        "moment": pa.timestamp("us", "UTC"),
        "list": pa.list_(pa.string()),
    }
    if kinds == {"int", "float"}:
        return pa.float64()
    return types.get(next(iter(kinds)), pa.string()) if len(kinds) == 1 else pa.string()


def _of_type(value: Any, kind: "pa.DataType") -> object:
    """A value as it came from JSON, as the column's type takes it."""
    import pyarrow as pa

    if value is None:
        return None
    if pa.types.is_string(kind):
        text = value if isinstance(value, str) else as_json(value).decode()
        return text.encode("utf-8", "replace").decode()
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if pa.types.is_date(kind) else value


def _row_groups(part: Path, loads: Callable[[bytes], Any]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    size = 0
    with part.open("rb") as lines:
        for line in lines:
            rows.append(loads(line))
            size += len(line)
            if len(rows) >= _GROUP_ROWS or size >= _GROUP_BYTES:
                yield rows
                rows, size = [], 0
    if rows:
        yield rows


def _to_workbook(part: Path, target: Path, layout: Layout, loads: Callable[[bytes], Any]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet: WriteOnlyWorksheet | None = None
    filled = 0
    with part.open("rb") as lines:
        for line in lines:
            if sheet is None or filled == _SHEET_ROWS:
                number = len(book.sheetnames) + 1
                sheet = book.create_sheet("comments" if number == 1 else f"comments {number}")
                sheet.append([_cell(sheet, name) for name in layout.columns])
                filled = 1
            row: Mapping[str, object] = loads(line)
            sheet.append([_cell(sheet, row.get(name)) for name in layout.columns])
            filled += 1
    if sheet is None:
        book.create_sheet("comments").append([_cell(sheet, name) for name in layout.columns])
    book.save(target)


def _cell(sheet: Any, value: object) -> object:
    """A value for a workbook's cell; text stays text, also where it begins like a formula."""
    from openpyxl.cell import WriteOnlyCell

    if value.__class__ is float or (value.__class__ is int and abs(value) < _EXACT):
        return value
    text = _NOT_IN_XML.sub("", str(as_cell(value)))[:_CELL_CHARACTERS]
    if not text.startswith(("=", "#")):
        return text or None
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # openpyxl would make a formula or an error value of it
    return cell


def _reader(kinds: Kinds) -> Callable[[bytes], Any]:
    """What reads a line of the part; orjson would make a float of an integer of more than 64 bits."""
    return json.loads if any("long" in found for found in kinds.values()) else orjson.loads
