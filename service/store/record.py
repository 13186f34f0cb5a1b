"""Recording what processing some comments came to: all of it, or after a kill nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from service.store import alerts, deliveries, events, segments, series, snapshots
from service.store.alerts import Alert
from service.store.counters import read_counter, write_counter
from service.store.deliveries import NewDelivery
from service.store.errors import StoreError
from service.store.events import NewEvent
from service.store.rows import insert_rows
from service.store.schema import scores
from service.store.segments import Segment
from service.store.series import SeriesSums
from service.store.snapshots import Snapshot
from service.store.streams import change_settings, existing


class ScoredRow(NamedTuple):
    """The scores of the comment at `seq`, packed as in service/store/scores.py; `model` says how to read them.

    `copy` tells that it is a near-copy of an earlier comment of its stream.
    """

    seq: int
    stream: int
    model: int
    packed: bytes
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Processed:
    """What processing the pending comments up to the place `upto` came to; `settings` are streams' new ones, by id.

    Of two alerts, segments or snapshots with the same id the later stands. Where nothing new was processed, `upto` is
    what it was: so a stream can be parked, or a message sent, without a comment.
    """

    upto: int
    scores: Sequence[ScoredRow] = ()
    series: Sequence[SeriesSums] = ()
    alerts: Sequence[Alert] = ()
    events: Sequence[NewEvent] = ()
    segments: Sequence[Segment] = ()
    snapshots: Sequence[Snapshot] = ()
    deliveries: Sequence[NewDelivery] = ()
    settings: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


def record(connection: Connection, processed: Processed) -> list[int | None]:
    """Write it; gives the number of each event, None for one of a stream that was deleted meanwhile.

    Nothing of a deleted stream is written. Raises `StoreError` for comments that were recorded before.
    """
    before = read_counter(connection, "processed_seq")
    first = min((row.seq for row in processed.scores), default=before + 1)
    if processed.upto < before or first <= before:
        raise StoreError(
            f"The comments up to {before} are recorded, so those from {min(first, processed.upto)} on cannot be again; "
            "process what is pending."
        )
    present = _present(connection, processed)
    rows = _of(processed.scores, present)
    columns = ("seq", "model", "packed", "copy")
    insert_rows(connection, scores, columns, ((row.seq, row.model, row.packed, row.copy) for row in rows))
    series.add(connection, _of(processed.series, present))
    alerts.write(connection, _of(processed.alerts, present))
    segments.write(connection, _of(processed.segments, present))
    snapshots.write(connection, _of(processed.snapshots, present))
    deliveries.add(connection, processed.deliveries)
    change_settings(connection, processed.settings)
    ids = iter(events.add(connection, _of(processed.events, present)))
    write_counter(connection, "processed_seq", processed.upto)
    return [next(ids) if each.stream in present else None for each in processed.events]


_OfStream = TypeVar("_OfStream", ScoredRow, SeriesSums, Alert, NewEvent, Segment, Snapshot)


def _of(items: Sequence[_OfStream], present: set[int]) -> list[_OfStream]:
    return [item for item in items if item.stream in present]


def _present(connection: Connection, processed: Processed) -> set[int]:
    named: set[int] = set()
    for items in (
        processed.scores,
        processed.series,
        processed.alerts,
        processed.events,
        processed.segments,
        processed.snapshots,
    ):
        named.update(item.stream for item in items)
    return existing(connection, named)
