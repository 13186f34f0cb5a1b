"""Streams: one work's comments each, with what is expected of it."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from service.store.chunks import chunks
from service.store.errors import StoreError
from service.store.schema import streams
from service.store.texts import storable

LONGEST_NAME = 200
_NAMED = select(streams).where(streams.c.name.in_(bindparam("names", expanding=True)))
_OF_IDS = select(streams).where(streams.c.id.in_(bindparam("ids", expanding=True)))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as stored. ``created`` is wall clock; ``watermark`` the newest event time seen (both seconds).

    ``settings`` are its expectations as JSON; ``comments`` and ``late`` count what was ever accepted.
    """

    id: int
    name: str
    created: float
    settings: Mapping[str, Any]
    watermark: float | None
    last_seq: int
    comments: int
    late: int


def check_name(name: str) -> None:
    """Raise `StoreError` unless a stream can be called that."""
    if not name.strip():
        raise StoreError(f"A stream's name must have a letter or a sign; {name[:LONGEST_NAME]!r} is blank.")
    if len(name) > LONGEST_NAME:
        raise StoreError(f"A stream's name must have 1 to {LONGEST_NAME} characters; this one has {len(name)}.")
    if "/" in name:
        raise StoreError(
            f"A stream's name must have no slash, which parts an address; call {name!r} {name.replace('/', '-')!r}, "
            "or put ／ or · for the slash."
        )
    if found := _CONTROL.search(name):
        raise StoreError(
            f"A stream's name must have no control characters; {name!r} has one at place {found.start() + 1}."
        )


def find_or_create(connection: Connection, name: str, settings: Mapping[str, Any], now: float) -> Stream:
    """Give the stream of that name; where there is none, a new one with these settings.

    Raises `StoreError` for a name that cannot be one.
    """
    return find_or_create_all(connection, [name], settings, now)[name]


def find_or_create_all(
    connection: Connection, names: Collection[str], settings: Mapping[str, Any], now: float
) -> dict[str, Stream]:
    """Give the streams of these names; where there is none, a new one with these settings."""
    for name in names:
        check_name(name)
    found = find_all(connection, names)
    if missing := [name for name in dict.fromkeys(names) if name not in found]:
        rows = [{"name": name, "created": now, "settings": dict(settings)} for name in missing]
        connection.execute(insert(streams), rows)
        found |= find_all(connection, missing)
    return found


def find(connection: Connection, name: str) -> Stream | None:
    """Give the stream of that name."""
    row = connection.execute(select(streams).where(streams.c.name == storable(name))).one_or_none()
    return None if row is None else Stream(*row)


def find_all(connection: Connection, names: Iterable[str]) -> dict[str, Stream]:
    """Give the streams of these names, as far as there are any."""
    found = {}
    for some in chunks(sorted(set(names))):
        for row in connection.execute(_NAMED, {"names": some}):
            found[row.name] = Stream(*row)
    return found


def by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, Stream]:
    """Give the streams with these ids, as far as there are any."""
    found = {}
    for some in chunks(sorted(set(ids))):
        for row in connection.execute(_OF_IDS, {"ids": some}):
            found[row.id] = Stream(*row)
    return found


def existing(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Give which of these streams there are."""
    found: set[int] = set()
    for some in chunks(sorted(set(ids))):
        found.update(connection.scalars(select(streams.c.id).where(streams.c.id.in_(some))))
    return found


def page(connection: Connection, after: str, limit: int) -> list[Stream]:
    """Give at most `limit` streams in the order of their names, those behind the name `after`."""
    chosen = select(streams).where(streams.c.name > storable(after)).order_by(streams.c.name).limit(limit)
    return [Stream(*row) for row in connection.execute(chosen)]


def change_settings(connection: Connection, settings: Mapping[int, Mapping[str, Any]]) -> None:
    """Give streams, by their ids, other settings."""
    for stream, others in settings.items():
        connection.execute(update(streams).where(streams.c.id == stream).values(settings=dict(others)))


def remove(connection: Connection, name: str) -> bool:
    """Delete a stream with everything it has; whether there was one."""
    return connection.execute(delete(streams).where(streams.c.name == storable(name))).rowcount > 0
