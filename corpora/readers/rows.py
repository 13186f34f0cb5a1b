"""What reading a dump gives, row by row."""

from dataclasses import dataclass
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
