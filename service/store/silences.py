"""Silences: which alerts nobody is to be told of for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from service.store.schema import silences
from service.store.texts import storable
from service.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence in Alertmanager's vocabulary; times are of the wall clock, seconds since 1970.

    ``matchers`` are tables of ``name``, ``value``, ``isRegex`` and ``isEqual``; all must fit.
    """

    id: str
    matchers: Sequence[Mapping[str, Any]]
    starts_at: float
    ends_at: float
    created_by: str
    comment: str


def add(connection: Connection, silence: Silence) -> None:
    """Keep a silence, over the one of its id."""
    said = {"created_by": storable(silence.created_by), "comment": storable(silence.comment)}
    upsert(connection, silences, [asdict(silence) | said])


def find_all(connection: Connection, active_at: float | None = None) -> list[Silence]:
    """Give all silences, or those in force at a time, the one that ends last first."""
    chosen = select(silences)
    if active_at is not None:
        chosen = chosen.where(silences.c.starts_at <= active_at, silences.c.ends_at > active_at)
    return [Silence(*row) for row in connection.execute(chosen.order_by(silences.c.ends_at.desc(), silences.c.id))]


def expire(connection: Connection, id: str, now: float) -> Silence | None:  # noqa: A002  # the column's name
    """End a silence now, unless it has ended before; None where there is no such silence."""
    still = (silences.c.id == storable(id)) & (silences.c.ends_at > now)
    connection.execute(update(silences).where(still).values(ends_at=now))
    row = connection.execute(select(silences).where(silences.c.id == storable(id))).one_or_none()
    return None if row is None else Silence(*row)
