"""What every kind of file is opened as: a table of records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpora.readers.stored import StoredFile

SAMPLE_SIZE = 200
"""How many records are looked at to guess columns."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is there but cannot be parsed; `raw` holds nothing personal."""

    reason: str
    raw: str = ""


class Table(Protocol):
    """Records of one file (or one table of a database), streamed as often as asked."""

    @property
    def file(self) -> StoredFile:
        """The file the records come from."""

    @property
    def kind(self) -> str:
        """The kind of file, such as `"csv"`."""

    @property
    def name(self) -> str | None:
        """The table's or sheet's name where a file holds several."""

    @property
    def columns(self) -> Sequence[str]:
        """All columns in order; for ragged tables those of the sample."""

    @property
    def ragged(self) -> bool:
        """Whether records may have different columns."""

    @property
    def nested(self) -> bool:
        """Whether values may be lists and objects."""

    @property
    def typed(self) -> bool:
        """Whether values may be other things than text."""

    @property
    def sample(self) -> Sequence[dict[str, object]]:
        """The first records, at most `SAMPLE_SIZE`."""

    @property
    def total_rows(self) -> int | None:
        """About how many records there are, where the file says it."""

    def records(self) -> Iterator[tuple[int, dict[str, object] | Unreadable]]:
        """Each record with its number, from the start; the dictionaries are the caller's to change."""
