"""JSON lines: one object a line; a line that is none is set apart and the reading goes on."""

import io
import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import IO

import orjson

from corpora.errors import NotADump
from corpora.readers.cutting import Block, Uncuttable, cut_blocks, line_ends, pieces_of
from corpora.readers.privacy import scrub_broken_json
from corpora.readers.stored import GZIP_ERRORS, StoredFile, text_lines
from corpora.readers.tables import SAMPLE_SIZE, Entries, Entry, Unreadable
from corpora.values import whole_number


class JsonLinesTable:
    """A table of objects, one a line."""

    kind = "jsonl"
    name = None
    ragged = nested = typed = True
    total_rows = None

    def __init__(self, file: StoredFile, encoding: str) -> None:
        self.file = file
        self._encoding = encoding
        self.sample, self.columns = sample_of(self.records())
        if not self.sample:
            raise NotADump(
                f"{file.path} looks like JSON lines but none of its first {SAMPLE_SIZE} lines is a whole JSON object."
            )

    @property
    def parser(self) -> "JsonLinesParser | None":
        """Lines in UTF-8 can be read block by block."""
        return JsonLinesParser() if self._encoding == "utf-8-sig" else None

    def records(self) -> Iterator[tuple[int, Entry]]:
        """Each line with its number in the file, None for a blank one."""
        number = 0
        with self.file.open() as stream, self._lines(stream) as lines:
            try:
                for number, line in enumerate(lines, 1):
                    yield number, _read(line)
            except GZIP_ERRORS as error:
                yield number + 1, Unreadable(f"the compressed file breaks off after line {number}: {error}")

    def _lines(self, stream: IO[bytes]) -> AbstractContextManager[Iterable[bytes | str]]:
        return stream if self._encoding == "utf-8-sig" else text_lines(stream, self._encoding)


@dataclass(frozen=True, slots=True)
class JsonLinesParser:
    """JSON lines in UTF-8."""

    def cut(self, file: StoredFile, size: int) -> Iterator[Block]:
        """The lines in blocks. Raises `Uncuttable`."""
        with file.open() as stream:
            try:
                yield from cut_blocks(pieces_of(stream), line_ends, size)
            except GZIP_ERRORS:
                raise Uncuttable from None

    def parse(self, body: bytes) -> Entries:
        """The entry of each line, which is numbered from the block's start."""
        entries = [_read(line) for line in io.BytesIO(body)]
        return Entries(range(1, len(entries) + 1), entries)


def _read(line: bytes | str) -> Entry:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return _read_unusual(line) if line.strip() else None
    if record.__class__ is not dict:
        return Unreadable(f"the line is no JSON object but {type(record).__name__}")
    return _read_unusual(line) if _has_long_number(record) else record


def sample_of(records: Iterator[tuple[int, Entry]]) -> tuple[list[dict[str, object]], list[str]]:
    """The readable ones of the first records, and all columns they have, in order of appearance."""
    first = islice((record for _, record in records if record is not None), SAMPLE_SIZE)
    sample = [record for record in first if isinstance(record, dict)]
    return sample, list(dict.fromkeys(name for record in sample for name in record))


def plain_value(value: object) -> object:
    """A value that any format can hold: no half of a surrogate pair, no integer of more than 64 bits, no decimal."""
    if isinstance(value, Decimal):
        is_id = 2**53 <= value < 10**30 and value == value.to_integral_value()  # written as 7393712345678901237.0
        return whole_number(int(value)) if is_id else float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return whole_number(value)
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return {str(without_lone_surrogates(key)): plain_value(item) for key, item in value.items()}
    return without_lone_surrogates(value)


def without_lone_surrogates(value: object) -> object:
    """A text with every half of a surrogate pair, which no encoding can carry, as U+FFFD; other values as they are."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _has_long_number(record: dict[str, object]) -> bool:
    """Whether there is a number that orjson may have rounded."""
    return float in map(type, record.values()) and any(
        isinstance(value, float) and value >= 2**53 for value in record.values()
    )


def _read_unusual(line: bytes | str) -> dict[str, object] | Unreadable:
    """What orjson refuses and is still readable: damaged bytes, half an emoji, NaN, a byte order mark."""
    text = line.decode("utf-8-sig", "replace") if isinstance(line, bytes) else line
    try:
        record = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        ended = "" if text.endswith("\n") else "; the file ends in the middle of this line"
        return Unreadable(f"the line is no JSON: {error}{ended}", scrub_broken_json(text.strip()))
    if not isinstance(record, dict):
        return Unreadable(f"the line is no JSON object but {type(record).__name__}")
    return {str(without_lone_surrogates(key)): plain_value(item) for key, item in record.items()}
