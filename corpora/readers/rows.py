"""What reading a dump gives, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpora.comment import Comment

Record = dict[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One comment with the columns it came with.

    `number` counts the records of its file from 1 (for JSON lines: the line of the file). `fields` are the input's
    columns in their order, personal ones dropped or hashed, ids exact (text or int, never float).
    """

    number: int
    source: Path
    comment: Comment
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A record that could not be read as a comment.

    `number` counts as in `Row`; 0 stands for the whole file. `raw` is the record without its personal fields, cut to
    500 characters, or empty where it cannot be told which part is personal.
    """

    number: int
    source: Path
    reason: str
    raw: str


@dataclass(slots=True)
class CommentBatch:
    """Comments of consecutive records, one list a field, with what a labelling must know of them.

    `works`, `platforms` and `genders` are as in `Comment`; `rejected` are the records that are no comments. What the
    input says of each comment, as `Row.fields`, stands in `listed`, or by column in `columns` where all have the same.
    """

    texts: list[str] = field(default_factory=list)
    works: list[str | None] = field(default_factory=list)
    platforms: list[str | None] = field(default_factory=list)
    genders: list[str | None] = field(default_factory=list)
    listed: list[Record] = field(default_factory=list)
    columns: Mapping[str, Sequence[object]] | None = None
    rejected: list[RejectedRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def records(self) -> list[Record]:
        """The input's fields of each comment."""
        if self.columns is None:
            return self.listed
        return [dict(zip(self.columns, values, strict=True)) for values in zip(*self.columns.values(), strict=True)]

    def column(self, name: str) -> Sequence[object]:
        """A field of the input of every comment; None where a record lacks it."""
        if self.columns is not None:
            return self.columns.get(name) or [None] * len(self)
        return [record.get(name) for record in self.listed]

    def __add__(self, other: "CommentBatch") -> "CommentBatch":
        return CommentBatch(
            self.texts + other.texts,
            self.works + other.works,
            self.platforms + other.platforms,
            self.genders + other.genders,
            self.records + other.records,
            rejected=self.rejected + other.rejected,
        )
