"""An empty database for each test, of SQLite and, where POQUAN_TEST_POSTGRES holds a URL, of PostgreSQL."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from service.store.store import Store, open_store

POSTGRES = os.environ.get("POQUAN_TEST_POSTGRES")
NO_POSTGRES = "set POQUAN_TEST_POSTGRES to the URL of a PostgreSQL database to test on it as well"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database nobody has opened yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
    else:
        yield from empty_schema()


def empty_schema() -> Iterator[str]:
    """The URL of a schema of its own in the PostgreSQL database, which goes with the test."""
    if POSTGRES is None:
        pytest.skip(NO_POSTGRES)
    given = make_url(POSTGRES).set(drivername="postgresql+psycopg")
    schema = f"poquan_test_{secrets.token_hex(6)}"
    engine = create_engine(given)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    own = given.update_query_dict({"options": f"-csearch_path={schema}"})
    yield own.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened
