"""Taking comments in: many requests in one transaction, each comment once, in an order that never changes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, text, update

from service.store.comments import NewComment
from service.store.counters import read_counter, write_counter
from service.store.rows import insert_rows
from service.store.schema import comments, streams
from service.store.streams import find_or_create_all
from service.store.texts import storable

_COLUMNS = (
    *("stream", "id", "time", "text", "author", "thread", "platform", "gender", "likes", "late"),
    "text_dropped",
)
_IN_ORDER = attrgetter("time")
# Which of the pairs (stream, id) are there: each a look into the index, whatever a planner thinks of the table's size.
_KNOWN = {
    "sqlite": text(
        "SELECT c.stream, c.id FROM json_each(:pairs) AS asked CROSS JOIN comments AS c "
        "WHERE c.stream = json_extract(asked.value, '$[0]') AND c.id = json_extract(asked.value, '$[1]')"
    ),
    "postgresql": text(
        "SELECT found.stream, found.id FROM json_array_elements(CAST(:pairs AS json)) AS asked CROSS JOIN LATERAL "
        "(SELECT c.stream, c.id FROM comments AS c WHERE c.stream = CAST(asked ->> 0 AS bigint) "
        "AND c.id = asked ->> 1 LIMIT 1) AS found"
    ),
}
_MOVE = (
    update(streams)
    .where(streams.c.id == bindparam("stream"))
    .values(
        watermark=bindparam("watermark"),
        last_seq=bindparam("last_seq"),
        comments=streams.c.comments + bindparam("accepted"),
        late=streams.c.late + bindparam("late"),
    )
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request: comments for the stream called `stream`, which is made where there is none.

    A comment is late where its time lies more than `lateness` seconds before the newest time its stream had seen
    before this request.
    """

    stream: str
    comments: Sequence[NewComment]
    lateness: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a request: comments accepted (late ones among them), and duplicates, which change nothing.

    ``seq`` is the place of its last comment in the order of acceptance, None where none is new.
    """

    accepted: int
    duplicates: int
    late: int
    seq: int | None


@dataclass(slots=True)
class _Stand:
    """How far a stream is within the transaction; `known` are those of the ids asked for that it has."""

    id: int
    watermark: float
    known: set[str] = field(default_factory=set)
    accepted: int = 0
    late: int = 0
    last_seq: int = 0


def accept(connection: Connection, batches: Sequence[Incoming], now: float) -> list[Receipt]:
    """Store the new comments of some requests; `now` (wall clock) is when streams made for them were made.

    The comments of a request are numbered in the order of their times, where these are equal as they stand; request
    follows request. The same id in the same stream is the same comment: the first one stays. Gives a receipt for each
    request. Raises `StoreError` for a stream's name that cannot be one.
    """
    stands = _stands(connection, batches, now)
    _look_up(connection, batches, stands)
    seq = read_counter(connection, "last_seq")
    rows: list[tuple[Any, ...]] = []
    receipts = []
    for batch in batches:
        stand = stands[batch.stream]
        before = (stand.accepted, stand.late)
        for row in _new_rows(batch, stand):
            seq += 1
            rows.append((seq, *row))
        accepted, late = stand.accepted - before[0], stand.late - before[1]
        stand.last_seq = seq if accepted else stand.last_seq
        duplicates = len(batch.comments) - accepted
        receipts.append(Receipt(accepted, duplicates, late, seq if accepted else None))
    if rows:
        _write(connection, rows, stands, seq)
    return receipts


def _stands(connection: Connection, batches: Sequence[Incoming], now: float) -> dict[str, _Stand]:
    names = list(dict.fromkeys(batch.stream for batch in batches))
    found = find_or_create_all(connection, names, {}, now)
    return {
        name: _Stand(stream.id, -math.inf if stream.watermark is None else stream.watermark)
        for name, stream in found.items()
    }


def _look_up(connection: Connection, batches: Sequence[Incoming], stands: Mapping[str, _Stand]) -> None:
    by_id = {stand.id: stand for stand in stands.values()}
    pairs = [(stands[batch.stream].id, storable(comment.id)) for batch in batches for comment in batch.comments]
    for stream, id_ in connection.execute(_KNOWN[connection.dialect.name], {"pairs": orjson.dumps(pairs).decode()}):
        by_id[stream].known.add(id_)


def _new_rows(batch: Incoming, stand: _Stand) -> Iterator[tuple[Any, ...]]:
    """Give what is new of a request as rows of `_COLUMNS`, and move the stream's stand on behind it."""
    oldest_in_time = stand.watermark - batch.lateness
    for comment in sorted(batch.comments, key=_IN_ORDER):
        id_ = storable(comment.id)
        if id_ in stand.known:
            continue
        stand.known.add(id_)
        stand.accepted += 1
        late = comment.time < oldest_in_time
        stand.late += late
        stand.watermark = max(stand.watermark, comment.time)
        yield (
            stand.id,
            id_,
            comment.time,
            storable(comment.text),
            comment.author and storable(comment.author),
            comment.thread and storable(comment.thread),
            comment.platform and storable(comment.platform),
            comment.gender and storable(comment.gender),
            comment.likes,
            late,
            False,
        )


def _write(
    connection: Connection, rows: Sequence[tuple[Any, ...]], stands: Mapping[str, _Stand], last_seq: int
) -> None:
    insert_rows(connection, comments, ("seq", *_COLUMNS), rows)
    moved = [stand for stand in stands.values() if stand.accepted]
    connection.execute(
        _MOVE,
        [
            {
                "stream": stand.id,
                "watermark": stand.watermark,
                "last_seq": stand.last_seq,
                "accepted": stand.accepted,
                "late": stand.late,
            }
            for stand in moved
        ],
    )
    write_counter(connection, "last_seq", last_seq)
