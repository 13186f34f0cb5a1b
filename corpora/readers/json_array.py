"""A JSON array of objects, streamed; where the array breaks off, what is complete before is read."""

from collections.abc import Iterator
from typing import IO

import ijson

from corpora.errors import NotADump
from corpora.readers.json_lines import plain_value, sample_of
from corpora.readers.stored import GZIP_ERRORS, StoredFile, text_lines
from corpora.readers.tables import Entry, Unreadable


class JsonArrayTable:
    """A table of the objects in one JSON array."""

    kind = "json"
    name = None
    ragged = nested = typed = True
    total_rows = None
    parser = None

    def __init__(self, file: StoredFile, encoding: str) -> None:
        self.file = file
        self._encoding = encoding
        self.sample, self.columns = sample_of(self.records())
        if not self.sample:
            raise NotADump(f"{file.path} is a JSON array but no whole object stands at its start.")

    def records(self) -> Iterator[tuple[int, Entry]]:
        """Each item of the array, and a last unreadable one where the array is damaged or not closed."""
        number = 0
        with self.file.open() as stream, text_lines(stream, self._encoding) as text:
            try:
                for item in ijson.items(_AsUtf8(text), "item"):
                    number += 1
                    if isinstance(item, dict):
                        yield number, {key: plain_value(value) for key, value in item.items()}
                    else:
                        yield number, Unreadable(f"the item is no JSON object but {type(item).__name__}")
            except (ijson.JSONError, ValueError, *GZIP_ERRORS) as error:
                reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
                yield number + 1, Unreadable(f"the array cannot be read past its item {number}: {reason}")


class _AsUtf8:
    """A reader of bytes in UTF-8 over a stream of text."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text

    def read(self, size: int = -1) -> bytes:
        return self._text.read(size).encode("utf-8", "replace")
