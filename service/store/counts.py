"""How much there is, for metrics."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from service.store.counters import counter
from service.store.schema import alerts, comments, deliveries, streams


@dataclass(frozen=True, slots=True)
class Counts:
    """Streams, comments ever accepted of them, comments not processed yet, alerts that fire, messages given up."""

    streams: int
    comments: int
    pending: int
    firing: int
    dead_letters: int


def count(connection: Connection) -> Counts:
    """Count, in one query."""
    not_processed = select(func.count()).where(comments.c.seq > counter("processed_seq")).scalar_subquery()
    firing = select(func.count()).where(alerts.c.state == "firing").scalar_subquery()
    dead = select(func.count()).where(deliveries.c.dead).scalar_subquery()
    accepted = func.coalesce(func.sum(streams.c.comments), 0)
    row = connection.execute(select(func.count(streams.c.id), accepted, not_processed, firing, dead)).one()
    return Counts(*(int(value) for value in row))
