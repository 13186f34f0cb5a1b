"""Opening a database and its transactions, on SQLite and PostgreSQL alike."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.store.address import Address, read_address
from service.store.errors import StoreError
from service.store.ownership import Release, is_still_owner, own_file, own_schema
from service.store.rows import json_text
from service.store.schema import meta
from service.store.upsert import upsert
from service.store.versions import bring_forward

_BUSY_SECONDS = 10  # how long SQLite waits for a lock
_CONNECTIONS, _MORE_CONNECTIONS = 5, 35  # kept open, and opened beyond them when many threads ask at once


class Database:
    """A database this process owns. Writing transactions come one at a time, from whatever thread."""

    def __init__(self, address: Address, engine: Engine, release: Release, token: str | None) -> None:
        self.shown = address.shown
        self._address = address
        self._engine = engine
        self._release = release
        self._token = token
        self._one_writer = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that only reads. Raises `StoreError` where the database fails."""
        with _told(self._address), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that is on disk once it ends without an error, and else has left nothing.

        Raises `StoreError` where the database fails or another process has become its owner.
        """
        with self._one_writer, _told(self._address), _writing(self._engine) as connection:
            if self._token is not None and not is_still_owner(connection, self._token):
                raise StoreError(
                    f"Another poquan has become the owner of {self.shown}; stop it, then start this one again."
                )
            yield connection

    def close(self) -> None:
        """Close every connection, then give up the ownership."""
        self._engine.dispose()
        self._release()


def open_database(url: str) -> Database:
    """Open a database, make its tables or bring them forward, and own it until it is closed or the process dies.

    Raises `StoreError`: a URL that is none, an owner already, a newer version, damage, a driver that is missing.
    """
    address = read_address(url)
    with ExitStack() as undone, _told(address):
        if address.file is not None:
            undone.callback(release := own_file(address.file))
            engine = _sqlite_engine(address)
            undone.callback(engine.dispose)
            token = None
        else:
            engine = _engine(address, pool_pre_ping=True)
            undone.callback(engine.dispose)
            undone.callback(release := own_schema(engine, address.shown))
            token = secrets.token_hex(8)
        with _writing(engine) as connection:
            bring_forward(connection, address.shown)
            if token is not None:
                upsert(connection, meta, [{"key": "owner", "value": token}])
        undone.pop_all()
    return Database(address, engine, release, token)


def _sqlite_engine(address: Address) -> Engine:
    engine = _engine(address, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _engine(address: Address, **options: Any) -> Engine:
    try:
        return create_engine(
            address.url,
            pool_size=_CONNECTIONS,
            max_overflow=_MORE_CONNECTIONS,
            json_serializer=json_text,
            json_deserializer=orjson.loads,
            **options,
        )
    except ImportError:
        raise StoreError(
            f"To open {address.shown} the driver psycopg is needed; run: pip install 'poquan[postgres]'"
        ) from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, also before a SELECT
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # what is committed is on disk, also after a power cut
        "foreign_keys = ON",
        "secure_delete = FAST",  # a text whose keeping time is over is not left in a page's free space
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer half-way could find another's lock; a writer takes it at once.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as bare, (connection := bare.execution_options(writes=True)).begin():
        yield connection


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Turn what a database itself fails at into a `StoreError`; a wrong statement is a defect and stays what it is."""
    try:
        yield
    except PoolTimeout:
        raise StoreError(f"The database {address.shown} is asked by too many at once; ask again later.") from None
    except SQLAlchemyError as error:
        if not (isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError):
            raise
        raise StoreError(_sentence(address, error)) from None


def _sentence(address: Address, error: DatabaseError | InterfaceError) -> str:
    said = " ".join(address.without_password(str(error.orig)).split())
    if address.file is None:
        return f"PostgreSQL cannot serve {address.shown}: {said.rstrip('.')}. Check POQUAN_DATABASE_URL and the server."
    if "not a database" in said or "malformed" in said:
        return (
            f"The file {address.file} is damaged or no SQLite database ({said}); "
            "put a copy of it back in its place, or choose another by POQUAN_DATABASE_URL."
        )
    return f"The database {address.file} cannot be used ({said}); check that its folder can be written and has room."
