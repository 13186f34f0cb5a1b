import os
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from service.store.database import open_database
from service.store.errors import StoreError
from service.store.store import Store, open_store
from tests.service.store.conftest import empty_schema
from tests.service.store.making import accept, comment


def test_a_second_owner_is_turned_away_until_the_first_closes(url: str) -> None:
    with open_store(url), pytest.raises(StoreError, match=r"owned by another poquan.*stop that one first"):
        open_store(url)
    open_store(url).close()


def test_the_owner_of_a_file_is_named_and_two_names_of_it_are_one_database(tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(tmp_path / "store.db")
    with (
        open_store(f"sqlite:///{tmp_path}/store.db"),
        pytest.raises(StoreError, match=rf"{tmp_path}/store\.db is owned .*process {os.getpid()}"),
    ):
        open_store(f"sqlite:///{tmp_path}/other.db")


def test_sqlite_is_safe_against_a_power_cut_and_keeps_foreign_keys(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/store.db")
    with database.reading() as connection:
        values = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    database.close()
    assert values == ["wal", 2, 1]


def test_folders_to_the_file_are_made(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/deep/down/store.db").close()
    assert (tmp_path / "deep" / "down" / "store.db").is_file()


def test_a_transaction_that_fails_leaves_nothing(url: str) -> None:
    database = open_database(url)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(text("UPDATE meta SET value = '9' WHERE key = 'last_seq'"))
        raise ZeroDivisionError
    with database.reading() as connection:
        assert connection.scalar(text("SELECT value FROM meta WHERE key = 'last_seq'")) == "0"
    database.close()


def test_a_reader_sees_one_moment_and_keeps_no_writer_waiting(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/store.db")
    store = Store(database)
    count = text("SELECT count(*) FROM comments")
    with database.reading() as connection:
        assert connection.scalar(count) == 0
        accept(store, "灯火", comment("1"))
        assert connection.scalar(count) == 0
    with database.reading() as connection:
        assert connection.scalar(count) == 1
    store.close()


def test_writers_of_many_threads_take_turns(store: Store) -> None:
    threads = [threading.Thread(target=accept, args=(store, "灯火", comment(str(n)))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.seq for each in store.pending(100)] == list(range(1, 9))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes("这不是数据库".encode() * 100)
    with pytest.raises(StoreError, match=r"store\.db is damaged or no SQLite database"):
        open_store(f"sqlite:///{tmp_path}/store.db")


def test_damage_found_later_is_told_as_well(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_store(f"sqlite:///{path}") as store:
        accept(store, "灯火", *(comment(str(n), text="好" * 500) for n in range(50)))
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(StoreError, match="damaged"), open_store(f"sqlite:///{path}") as store:
        store.pending(100)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot be written.*choose a folder that can"):
        open_store(f"sqlite:///{tmp_path}/file/store.db")


def test_a_folder_in_the_place_of_the_file_is_refused_and_its_lock_given_back(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"store\.db cannot be used"):
            open_store(f"sqlite:///{tmp_path}/store.db")


def test_another_programs_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "dump.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE weibo_note (id INTEGER)")
    connection.close()
    with pytest.raises(StoreError, match=r"tables that poquan did not make \(weibo_note\)"):
        open_store(f"sqlite:///{path}")


def test_without_the_driver_its_installation_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'poquan\[postgres\]'") as refused:
        open_store("postgresql://mei:geheim@db/films")
    assert "geheim" not in str(refused.value)


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"PostgreSQL cannot serve the database films on {tmp_path}") as refused:
        open_store(f"postgresql://mei:geheim@/films?host={tmp_path}")
    assert "geheim" not in str(refused.value)


def test_an_owner_that_lost_its_lock_with_its_connection_writes_no_more() -> None:
    for url in empty_schema():
        first = open_database(url)
        first._release()  # as a restarted server does
        second = open_database(url)
        with pytest.raises(StoreError, match="has become the owner"), first.writing():
            pass
        with second.writing():
            pass
        second.close()
        first._engine.dispose()
