"""What every kind of file is opened as: a table of records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpora.readers.cutting import Block
from corpora.readers.stored import StoredFile

SAMPLE_SIZE = 200
"""How many records are looked at to guess columns."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is there but cannot be parsed; `raw` holds nothing personal."""

    reason: str
    raw: str = ""


Entry = dict[str, object] | Unreadable | None
"""What stands at one place of a table: a record, one that cannot be read, or none (a blank line, a repeated header)."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries with their numbers: `listed`, or by column in `columns` where all are records of text with the same."""

    numbers: Sequence[int]
    listed: Sequence[Entry] = ()
    columns: Mapping[str, Sequence[str]] | None = None


class BlockParser(Protocol):
    """Cuts a text file into blocks of whole records without parsing them, and parses such a block later, elsewhere.

    Both together give what `Table.records` gives; a parser can be pickled.
    """

    def cut(self, file: StoredFile, size: int) -> Iterator[Block]:
        """The file's records in blocks of at most `size` entries. Raises `Uncuttable` where one has no end in sight."""

    def parse(self, body: bytes) -> Entries:
        """The entries of a block; their numbers are counted from the block's start."""


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

    @property
    def parser(self) -> BlockParser | None:
        """How the table can be read block by block; None where its records come only one after the other."""

    def records(self) -> Iterator[tuple[int, Entry]]:
        """Each entry with its number, from the start; the dictionaries are the caller's to change."""
