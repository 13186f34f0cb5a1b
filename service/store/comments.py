"""Comments as they come and as they are kept."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, select

from service.store.chunks import chunks
from service.store.counters import counter
from service.store.schema import comments
from service.store.texts import storable

LONGEST_ID = 500  # PostgreSQL's indexes take no longer ones
LONGEST_PLATFORM = 100
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment to be accepted; ``time`` is event time in seconds since 1970. What is not known is None, likes then 0.

    Raises ValueError for what cannot be kept: a time that is no number, an id or a platform that is too long.
    """

    id: str
    time: float
    text: str
    author: str | None = None
    thread: str | None = None
    platform: str | None = None
    gender: str | None = None
    likes: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.id) <= LONGEST_ID:
            raise ValueError(f"A comment's id must have 1 to {LONGEST_ID} characters; this one has {len(self.id)}.")
        if not math.isfinite(self.time):
            raise ValueError(f"The time of the comment {self.id!r} must be a number of seconds; it is {self.time}.")
        if self.platform is not None and len(self.platform) > LONGEST_PLATFORM:
            raise ValueError(
                f"The platform of the comment {self.id!r} must have at most {LONGEST_PLATFORM} characters; "
                f"it has {len(self.platform)}."
            )
        if abs(self.likes) > _LARGEST:
            raise ValueError(f"The likes of the comment {self.id!r} must be below 2^63; they are {self.likes}.")


class StoredComment(NamedTuple):
    """A comment as stored; ``text`` is None once its keeping time is over."""

    seq: int
    stream: int
    id: str
    time: float
    text: str | None
    author: str | None
    thread: str | None
    platform: str | None
    gender: str | None
    likes: int
    late: bool


STORED = tuple(comments.c[name] for name in StoredComment._fields)


def pending(connection: Connection, limit: int) -> list[StoredComment]:
    """Give the first `limit` comments that are not processed yet, of all streams, in the order of acceptance."""
    chosen = select(*STORED).where(comments.c.seq > counter("processed_seq")).order_by(comments.c.seq).limit(limit)
    return [StoredComment._make(row) for row in connection.execute(chosen)]


def by_ids(connection: Connection, stream: int, ids: Iterable[str]) -> list[StoredComment]:
    """Give the comments of a stream with these ids, as far as there are any, in the order of acceptance."""
    found = []
    for some in chunks(sorted({storable(each) for each in ids})):
        chosen = select(*STORED).where(comments.c.stream == stream, comments.c.id.in_(some))
        found += [StoredComment._make(row) for row in connection.execute(chosen)]
    return sorted(found)


def by_seqs(connection: Connection, seqs: Iterable[int]) -> list[StoredComment]:
    """Give the comments at these places in the order of acceptance, as far as there are any."""
    found = []
    for some in chunks(sorted(set(seqs))):
        chosen = select(*STORED).where(comments.c.seq.in_(some)).order_by(comments.c.seq)
        found += [StoredComment._make(row) for row in connection.execute(chosen)]
    return found
