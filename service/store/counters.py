"""Counters under `meta`: numbers given out once and never again, whatever is deleted."""

from sqlalchemy import BigInteger, Connection, ScalarSelect, bindparam, cast, select, update

from service.store.schema import meta

_READ = select(meta.c.value).where(meta.c.key == bindparam("counter"))
_WRITE = update(meta).where(meta.c.key == bindparam("counter")).values(value=bindparam("number"))


def counter(name: str) -> ScalarSelect[int]:
    """Give a counter's value, to be used inside a query."""
    return select(cast(meta.c.value, BigInteger)).where(meta.c.key == name).scalar_subquery()


def read_counter(connection: Connection, name: str) -> int:
    """Give a counter's value."""
    return int(connection.execute(_READ, {"counter": name}).scalar_one())


def write_counter(connection: Connection, name: str, value: int) -> None:
    """Set a counter."""
    connection.execute(_WRITE, {"counter": name, "number": str(value)})
