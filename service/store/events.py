"""What is told of streams, numbered in the order it is told; a number is never given twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from service.store.counters import read_counter, write_counter
from service.store.rows import insert_rows, json_text
from service.store.schema import events


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something to tell of a stream, at the comment `seq` and its event time `time` (seconds)."""

    stream: int
    kind: str
    seq: int
    time: float
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something told, with its number."""

    id: int
    stream: int
    kind: str
    seq: int
    time: float
    document: Mapping[str, Any]


def add(connection: Connection, told: Sequence[NewEvent]) -> list[int]:
    """Number and keep events; gives the numbers in order."""
    if not told:
        return []
    first = read_counter(connection, "last_event") + 1
    ids = list(range(first, first + len(told)))
    insert_rows(
        connection,
        events,
        ("id", "stream", "kind", "seq", "time", "document"),
        (
            (id_, each.stream, each.kind, each.seq, each.time, json_text(each.document))
            for id_, each in zip(ids, told, strict=True)
        ),
    )
    write_counter(connection, "last_event", ids[-1])
    return ids


def after(connection: Connection, stream: int | None, last_id: int, limit: int) -> list[Event]:
    """Give at most `limit` events behind the number `last_id` in order, of one stream or of all (None)."""
    chosen = select(events).where(events.c.id > last_id)
    if stream is not None:
        chosen = chosen.where(events.c.stream == stream)
    return [Event(*row) for row in connection.execute(chosen.order_by(events.c.id).limit(limit))]
