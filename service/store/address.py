"""Where a database is, read from its URL; nothing said about it ever shows the URL's password."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from service.store.errors import StoreError

_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRES = ("postgresql", "postgresql+psycopg")
_FORMS = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"


@dataclass(frozen=True, slots=True)
class Address:
    """A database's place: `file` where it is SQLite's, None for PostgreSQL; `shown` is its name in messages."""

    url: URL
    file: Path | None
    shown: str

    def without_password(self, text: str) -> str:
        """Give a driver's message with the password struck out, should it be in there."""
        passwords = [self.url.password, *_as_tuple(self.url.query.get("password", ()))]
        for password in filter(None, passwords):
            text = text.replace(str(password), "***")
        return text


def read_address(text: str) -> Address:
    """Read a database URL. Raises `StoreError` where it is none, or of a kind that is not kept.

    >>> read_address("postgresql://mei:secret@db.example/films").shown
    'the database films on db.example'
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # its message may quote what stands at the place of the port
        raise StoreError(f"The database URL cannot be read; it must be {_FORMS}.") from None
    if url.drivername in _SQLITE:
        return _sqlite_address(url)
    if url.drivername in _POSTGRES:
        return _postgres_address(url)
    raise StoreError(f"Databases of the kind {url.drivername!r} are not kept; the URL must be {_FORMS}.")


def _sqlite_address(url: URL) -> Address:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:") or url.query or url.host:
        raise StoreError(
            "A database URL of SQLite must name a plain file, such as sqlite:///comments.db (four slashes before a "
            "path from the root); what is only in memory would not be kept."
        )
    # Through symbolic links, so that a file has one lock whatever it is called by.
    file = Path(url.database).expanduser().resolve()
    return Address(URL.create("sqlite", database=str(file)), file, str(file))


def _postgres_address(url: URL) -> Address:
    if "@" in (url.host or ""):
        raise StoreError("The database URL has an @ too many; write one that belongs to the password as %40.")
    host = url.host or "/".join(_as_tuple(url.query.get("host", "this machine")))
    database = url.database or url.username or "postgres"
    return Address(url.set(drivername="postgresql+psycopg"), None, f"the database {database} on {host}")


def _as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
