"""Rows written as they are: what SQLAlchemy does to every value takes longer than the writing does."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Table

_MARKS = {"sqlite": "?", "postgresql": "%s"}


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write new rows, each the values of ``columns`` in their order, as the driver takes them."""
    if given := list(rows):
        connection.exec_driver_sql(insertion(connection, table, columns), given)


def insertion(connection: Connection, table: Table, columns: Sequence[str]) -> str:
    """Give the statement that writes a row with these columns, in the driver's words."""
    names = ", ".join(f'"{table.columns[name].name}"' for name in columns)
    marks = ", ".join([_MARKS[connection.dialect.name]] * len(columns))
    return f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608  # the schema's own names


def json_text(value: Any) -> str:
    """Give a value as the text that a column of JSON takes."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
