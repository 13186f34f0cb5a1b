"""One process owns a database; a second one is turned away. A killed owner's claim ends with it."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text

from service.store.errors import StoreError

#: The first key of the advisory lock, "poqu" in ASCII; the second is the schema's, for a database may hold several.
_ADVISORY = 0x706F7175

#: A killed owner's lock is held until the server finds its connection gone, which takes a moment.
_ATTEMPTS, _PAUSE = 10, 0.2  # seconds between two attempts

Release = Callable[[], None]


def own_file(file: Path) -> Release:
    """Lock an SQLite database by a file beside it; gives what releases it.

    Raises `StoreError` where another process owns it or the folder cannot be written.
    """
    lock = file.with_name(file.name + ".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"The database {file} cannot be opened: {lock} cannot be written ({error.strerror}); "
            "choose a folder that can, by POQUAN_DATABASE_URL."
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        os.close(descriptor)
        if not isinstance(error, BlockingIOError):
            raise StoreError(f"The database {file} cannot be locked by {lock} ({error.strerror}).") from None
        raise StoreError(
            f"The database {file} is owned by another poquan{owner and f' (process {owner})'}; "
            "stop that one first, or choose another database by POQUAN_DATABASE_URL."
        ) from None
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    # The file stays: taking it away would let two processes lock two files of one name.
    return lambda: os.close(descriptor)


def own_schema(engine: Engine, shown: str) -> Release:
    """Lock a PostgreSQL schema by an advisory lock on a connection that is kept; gives what releases it.

    Raises `StoreError` where another process owns it.
    """
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        taken = _take(connection)
    except BaseException:
        connection.close()
        raise
    if not taken:
        connection.close()
        raise StoreError(
            f"{shown[0].upper()}{shown[1:]} is owned by another poquan; "
            "stop that one first, or choose another database by POQUAN_DATABASE_URL."
        )

    def release() -> None:
        connection.invalidate()  # closed, not given back to the pool with the lock on it
        connection.close()

    return release


def is_still_owner(connection: Connection, token: str) -> bool:
    """Whether the database was last opened with this token; no other can open it until the transaction ends.

    The advisory lock is lost with its connection, as when the server restarts; this is not.
    """
    found = connection.scalar(text("SELECT value FROM meta WHERE key = 'owner' FOR UPDATE"))
    return bool(found == token)


def _take(connection: Connection) -> bool:
    asked = select(func.pg_try_advisory_lock(_ADVISORY, func.hashtext(func.current_schema())))
    for _ in range(_ATTEMPTS):
        if connection.scalar(asked):
            return True
        time.sleep(_PAUSE)
    return False
