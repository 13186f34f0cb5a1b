"""What the three ways of following a file have in common."""

from collections.abc import Iterator
from typing import Protocol

from corpora.readers import RejectedRow, Row
from service.following.marks import Mark


class Followed(Protocol):
    """A file, or one table of a database, whose new records are read."""

    @property
    def name(self) -> str:
        """What its mark is kept under."""

    @property
    def unfinished(self) -> bool:
        """Whether the last reading left an end that looked half-written."""

    def news(self) -> Iterator[Row | RejectedRow]:
        """Give the records that are new since the last one given. Raises `Rewritten`."""

    def mark(self) -> Mark:
        """Give where the record given last ends."""


class Rewritten(Exception):
    """What was read before stands no longer in the file: it is to be opened anew and read from its start."""
