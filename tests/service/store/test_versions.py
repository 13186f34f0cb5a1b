from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from service.store.database import open_database
from service.store.errors import StoreError
from service.store.record import Processed
from service.store.schema import VERSION, tables
from service.store.snapshots import Snapshot
from service.store.store import open_store
from service.store.versions import STEPS, bring_forward
from tests.service.store.making import LAYOUT, accept, alert, comment, scored_rows

VERSION_OF = text("SELECT value FROM meta WHERE key = 'version'")


def test_a_new_database_has_every_table_and_the_version(url: str) -> None:
    database = open_database(url)
    with database.reading() as connection:
        assert set(inspect(connection).get_table_names()) == set(tables.tables)
        assert connection.scalar(VERSION_OF) == str(VERSION)
    database.close()


def test_every_older_version_has_its_step() -> None:
    assert set(STEPS) == set(range(2, VERSION + 1))


def test_a_database_of_the_first_version_goes_on(url: str) -> None:
    with open_store(url) as store:
        stream = store.find_or_create_stream("灯火", {}, 0.0).id
        accept(store, "灯火", comment("1"))
        scores = scored_rows(store.pending(1), store.model_id("m", LAYOUT))
        store.record(Processed(1, scores, alerts=[alert(stream)], snapshots=[Snapshot(stream, 1, b"as it was")]))
    database = open_database(url)
    with database.writing() as connection:
        for table, column in (("alerts", "untold"), ("scores", "copy")):
            connection.execute(text(f'ALTER TABLE {table} DROP COLUMN "{column}"'))
        connection.execute(text("UPDATE meta SET value = '1' WHERE key = 'version'"))
    database.close()
    with open_store(url) as store:
        assert store.alert("a-1") == alert(stream)
        assert store.snapshot(stream) is None
        assert [piece.copy.tolist() for piece in store.scored_after(stream, 0, 1)] == [[False]]


def test_an_older_database_is_brought_forward_step_by_step(url: str) -> None:
    with open_store(url) as store:
        accept(store, "灯火", comment("1"))
    database = open_database(url)
    taken = []

    def step(number: int, connection: Connection) -> None:
        taken.append(number)
        connection.execute(text(f"ALTER TABLE comments ADD COLUMN added_{number} INTEGER"))

    with database.writing() as connection:
        steps = {n: lambda c, n=n: step(n, c) for n in (VERSION + 1, VERSION + 2)}
        bring_forward(connection, "here", VERSION + 2, steps)
    with database.reading() as connection:
        assert connection.scalar(VERSION_OF) == str(VERSION + 2)
        assert connection.scalar(text(f"SELECT count(*) FROM comments WHERE added_{VERSION + 2} IS NULL")) == 1
    assert taken == [VERSION + 1, VERSION + 2]
    database.close()


def test_a_step_that_fails_leaves_the_older_version(url: str) -> None:
    database = open_database(url)

    def fail(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half_way (id INTEGER)"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        bring_forward(connection, "here", VERSION + 1, {VERSION + 1: fail})
    with database.reading() as connection:
        assert connection.scalar(VERSION_OF) == str(VERSION)
        assert "half_way" not in inspect(connection).get_table_names()
    database.close()


def test_a_newer_database_is_refused_and_stays_as_it_is(url: str) -> None:
    database = open_database(url)
    with database.writing() as connection:
        connection.execute(text("UPDATE meta SET value = '99' WHERE key = 'version'"))
    database.close()
    with pytest.raises(StoreError, match=r"made by a newer poquan .*99.*install that poquan"):
        open_store(url)


def test_a_meta_table_of_someone_else_is_not_taken_for_ours(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/store.db")
    with database.writing() as connection:
        connection.execute(text("DELETE FROM meta WHERE key = 'version'"))
    database.close()
    with pytest.raises(StoreError, match="'meta' that poquan did not make"):
        open_store(f"sqlite:///{tmp_path}/store.db")
