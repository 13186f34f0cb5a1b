"""Labelled rows as bytes: csv records or JSON lines."""

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

import orjson

from service.batch.columns import Layout
from service.batch.forms import Form

Record = dict[str, object]

_QUOTE = '"'
_QUOTED = re.compile('[,"\r\n]')
_WORD, _FACET_WORD = {"word", "effect"}, {"facet", "word", "effect"}

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
        return pack(self._form, (BOM if bom else b"") + _csv_bytes([[name] for name in self._layout.columns]))

    def rows(self, records: Sequence[Record], labels: Iterable[tuple[object, ...]]) -> bytes:
        """One line or csv record for each input record and its labels."""
        if self._form.kind == "csv":
            inputs = ([record.get(name) for record in records] for name in self._layout.inputs)
            return self.table([*inputs, *zip(*labels, strict=True)])
        pairs = zip(records, labels, strict=True)
        return pack(self._form, b"".join(as_json(self.joined(record, values)) + b"\n" for record, values in pairs))

    def table(self, columns: Iterable[Sequence[object]]) -> bytes:
        """Csv records from all columns of the layout."""
        return pack(self._form, _csv_bytes(columns))

    def lines(self, records: Sequence[Record], members: Iterable[bytes]) -> bytes:
        """JSON lines of records whose labels are written already, as the members of an object."""
        kept, whole = self._kept.keys(), not self._layout.renamed
        lines = []
        for record, labels in zip(records, members, strict=True):
            if not (whole and record.keys() <= kept):
                record = {self._kept[name]: value for name, value in record.items() if name in kept}
            lines.append(b"%b,%b}\n" % (as_json(record)[:-1], labels) if record else b"{%b}\n" % labels)
        return pack(self._form, b"".join(lines))

    def joined(self, record: Record, values: tuple[object, ...]) -> Record:
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
    >>> as_cell([{"facet": "senior", "word": "爸妈", "effect": 0.8}, {"facet": "senior", "word": "陪", "effect": 0.1}])
    'senior: 爸妈 0.8 陪 0.1'
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
        if all(isinstance(item, dict) and item.keys() == _FACET_WORD for item in value):
            return _by_facet(value)
        return ";".join(str(as_cell(item)) for item in value)
    if isinstance(value, dict):
        return _effect(value) if value.keys() == _WORD else as_json(value).decode()
    return str(value)


def as_json(value: object) -> bytes:
    """A value as JSON in UTF-8; integers of any size stay exact, half of an emoji becomes `?`."""
    try:
        return orjson.dumps(value, default=str)
    except TypeError:
        pass
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":")).encode("utf-8", "replace")


def _csv_bytes(columns: Iterable[Sequence[object]]) -> bytes:
    """Csv records of equally long columns, byte for byte as `csv.writer` writes them, in a third of its time.

    Lines end in CR LF as in RFC 4180, and a field is quoted that holds a comma, a quotation mark, CR or LF.
    """
    lines = map(",".join, zip(*map(_fields, columns), strict=True))
    return "".join([f"{line}\r\n" for line in lines]).encode("utf-8", "replace")


def _fields(values: Sequence[object]) -> Sequence[str]:
    texts = cast("Sequence[str]", values)
    if not set(map(type, values)) <= {str}:
        texts = [str(as_cell(value)) for value in values]
    if not _QUOTED.search("".join(texts)):
        return texts
    return [f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if _QUOTED.search(text) else text for text in texts]


def _effect(word: dict[str, object]) -> str:
    return f"{word['word']} {word['effect']}"


def _by_facet(words: list[dict[str, object]]) -> str:
    by_facet = groupby(words, key=itemgetter("facet"))
    return "; ".join(f"{facet}: {' '.join(map(_effect, found))}" for facet, found in by_facet)
