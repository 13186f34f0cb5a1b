"""The tables' version: made where there are none, brought forward where they are older, refused where newer."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, delete, insert, inspect, select, text, update

from service.store.errors import StoreError
from service.store.schema import VERSION, meta, snapshots, tables


def _untold_alerts_and_copies(connection: Connection) -> None:
    """Add columns; monitors, whose states had another layout, are worked out anew from the comments that are kept."""
    for table, column in (("alerts", "untold"), ("scores", "copy")):
        connection.execute(text(f'ALTER TABLE {table} ADD COLUMN "{column}" BOOLEAN NOT NULL DEFAULT false'))
    connection.execute(delete(snapshots))


#: What brings a database of the version before to this one, by the version it leads to.
STEPS: Mapping[int, Callable[[Connection], None]] = {2: _untold_alerts_and_copies}

_COUNTERS = ("last_seq", "last_event", "processed_seq")


def bring_forward(
    connection: Connection,
    shown: str,
    version: int = VERSION,
    steps: Mapping[int, Callable[[Connection], None]] = STEPS,
) -> None:
    """Bring a database to `version`, or make its tables, in the transaction of `connection`.

    Raises `StoreError` for a newer one, and for a database that holds something else.
    """
    present = set(inspect(connection).get_table_names())
    if meta.name not in present:
        _make(connection, shown, present, version)
        return
    found = connection.scalar(select(meta.c.value).where(meta.c.key == "version"))
    if found is None or not found.isdigit():
        raise StoreError(f"The database {shown} has a table 'meta' that poquan did not make; choose another database.")
    if int(found) > version:
        raise StoreError(
            f"The database {shown} was made by a newer poquan (its version is {found}, this one knows {version}); "
            "install that poquan, or choose another database."
        )
    for step in range(int(found) + 1, version + 1):
        steps[step](connection)
    connection.execute(update(meta).where(meta.c.key == "version").values(value=str(version)))


def _make(connection: Connection, shown: str, present: set[str], version: int) -> None:
    # A file of SQLite is one program's; a schema of PostgreSQL may be shared as long as no name is taken.
    taken = present if connection.dialect.name == "sqlite" else present & set(tables.tables)
    if taken:
        raise StoreError(
            f"The database {shown} holds tables that poquan did not make ({', '.join(sorted(taken)[:3])}); "
            "choose another database."
        )
    tables.create_all(connection)
    counters = [{"key": name, "value": "0"} for name in _COUNTERS]
    connection.execute(insert(meta), [{"key": "version", "value": str(version)}, *counters])
