"""Rows written where there are none of that key, and written over where there are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, Table

from service.store.rows import insertion, json_text


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows by the table's primary key; of two with the same key the later stays.

    All rows have the same columns; columns not among them keep their values.
    """
    if not rows:
        return
    columns = list(rows[0])
    keys = [column.name for column in table.primary_key]
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in keys)
    statement = f"{insertion(connection, table, columns)} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}"
    kept = [json_text if isinstance(table.columns[name].type, JSON) else _as_it_is for name in columns]
    written = [tuple(keep(row[name]) for name, keep in zip(columns, kept, strict=True)) for row in rows]
    connection.exec_driver_sql(statement, written)


def _as_it_is(value: Any) -> Any:
    return value
