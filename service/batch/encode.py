"""Labelled rows as bytes: csv records or JSON lines."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import orjson

from service.batch.columns import Layout
from service.batch.forms import Form

BOM = b"\xef\xbb\xbf"
"""Begins a csv file: without it Excel in China reads UTF-8 as GBK."""


class Encoder:
    """Writes rows of one layout in one form."""

    def __init__(self, layout: Layout, form: Form) -> None:
        self._layout, self._form = layout, form
        self._kept = layout.kept

    def header(self, bom: bool) -> bytes:
        """What stands before the first row: the column names of a csv, nothing for JSON lines."""
        if self._form.kind != "csv":
            return b""
        return pack(self._form, (BOM if bom else b"") + _csv_bytes([self._layout.columns]))

    def rows(self, records: Sequence[dict[str, object]], labels: Iterable[tuple[object, ...]]) -> bytes:
        """One line or csv record for each input record and its labels."""
        pairs = zip(records, labels, strict=True)
        if self._form.kind == "csv":
            names = self._layout.inputs
            cells = ([*map(as_cell, map(record.get, names)), *map(as_cell, values)] for record, values in pairs)
            return pack(self._form, _csv_bytes(cells))
        return pack(self._form, b"".join(as_json(self.joined(record, values)) + b"\n" for record, values in pairs))

    def joined(self, record: dict[str, object], values: tuple[object, ...]) -> dict[str, object]:
        """An input record as the output has it, with its labels."""
        kept = self._kept
        whole = {kept[name]: value for name, value in record.items() if name in kept}
        whole.update(zip(self._layout.labels, values, strict=True))
        return whole


def pack(form: Form, body: bytes) -> bytes:
    """The bytes as stored: for gzipped forms one gzip member, without a time so that equal rows give equal bytes."""
    return gzip.compress(body, compresslevel=6, mtime=0) if form.gzipped and body else body


def as_cell(value: object) -> Any:
    """A value for one cell of a csv or a workbook: lists joined by `;`, objects as JSON, a missing value empty.

    >>> as_cell(["story", "sound"]), as_cell(None), as_cell([{"word": "退票", "effect": -0.5}])
    ('story;sound', '', '退票 -0.5')
    """
    if value.__class__ is str or value.__class__ is int or value.__class__ is float:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ";".join(str(as_cell(item)) for item in value)
    if isinstance(value, dict):
        if value.keys() == {"word", "effect"}:
            return f"{value['word']} {value['effect']}"
        return as_json(value).decode()
    return str(value)


def as_json(value: object) -> bytes:
    """A value as JSON in UTF-8; integers of any size stay exact, half of an emoji becomes `?`."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":")).encode("utf-8", "replace")


def _csv_bytes(records: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO(newline="")
    # \r\n as in RFC 4180: with it the writer quotes every lone \r and \n inside a comment.
    csv.writer(buffer, lineterminator="\r\n").writerows(records)
    return buffer.getvalue().encode("utf-8", "replace")
