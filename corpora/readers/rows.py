"""What reading a dump gives, row by row."""

from dataclasses import dataclass, field
from pathlib import Path

from corpora.comment import Comment


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

    `records` are as `Row.fields`; `works`, `platforms` and `genders` as in `Comment`. `rejected` are the records that
    are none.
    """

    records: list[dict[str, object]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    works: list[str | None] = field(default_factory=list)
    platforms: list[str | None] = field(default_factory=list)
    genders: list[str | None] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def extend(self, other: "CommentBatch") -> None:
        """Add the comments of the records that follow; `rejected` stays."""
        self.records += other.records
        self.texts += other.texts
        self.works += other.works
        self.platforms += other.platforms
        self.genders += other.genders
