"""Tables of a database that is being written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpora.readers import ReadOptions, Row
from corpora.readers.database import DatabaseTable
from corpora.readers.dump import open_parts
from corpora.readers.stored import StoredFile
from service.following import tables
from service.following.followed import Rewritten
from service.following.tables import FollowedTable, filled_tables, has_rowids

CREATE = "CREATE TABLE comments (id INTEGER PRIMARY KEY, comment_id TEXT, content TEXT)"
INSERT = "INSERT INTO comments (comment_id, content) VALUES (?, ?)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "c.db"


@pytest.fixture
def crawler(path: Path) -> Iterator[sqlite3.Connection]:
    """A crawler's connection, in WAL mode, that stays open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(CREATE)
        connection.executemany(INSERT, [("a", "头一条"), ("b", "第二条")])
        yield connection


def opened(path: Path, before: FollowedTable | None = None) -> FollowedTable:
    (part,) = open_parts(StoredFile(path), ReadOptions())
    return FollowedTable("it", part, before.mark() if before is not None else None)


def texts(followed: FollowedTable) -> list[str]:
    return [row.comment.text for row in followed.news() if isinstance(row, Row)]


def test_inserted_rows_are_given_while_the_crawler_has_the_database_open(
    path: Path, crawler: sqlite3.Connection
) -> None:
    followed = opened(path)
    assert texts(followed) == ["头一条", "第二条"]
    assert texts(followed) == []
    crawler.execute(INSERT, ("c", "第三条"))
    assert texts(followed) == ["第三条"]


def test_rows_of_an_open_transaction_are_not_seen_before_it_is_committed(
    path: Path, crawler: sqlite3.Connection
) -> None:
    followed = opened(path)
    texts(followed)
    crawler.execute("BEGIN")
    crawler.execute(INSERT, ("c", "第三条"))
    assert texts(followed) == []
    crawler.execute("COMMIT")
    assert texts(followed) == ["第三条"]


def test_a_restart_goes_on_behind_the_row_given_last(path: Path, crawler: sqlite3.Connection) -> None:
    followed = opened(path)
    next(followed.news())
    assert texts(opened(path, followed)) == ["第二条"]


def test_many_rows_come_in_pages_without_gap_or_repeat(
    path: Path, crawler: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_PAGE", 7)
    crawler.executemany(INSERT, [(str(number), f"第{number}条") for number in range(21)])
    assert texts(opened(path)) == ["头一条", "第二条", *(f"第{number}条" for number in range(21))]


def test_a_database_begun_anew_under_the_old_name_is_told(path: Path, crawler: sqlite3.Connection) -> None:
    followed = opened(path)
    texts(followed)
    crawler.execute("DELETE FROM comments")
    crawler.executemany(INSERT, [("x", "新的一条"), ("y", "新的二条"), ("z", "新的三条")])
    with pytest.raises(Rewritten):
        texts(followed)


def test_an_updated_row_is_no_news(path: Path, crawler: sqlite3.Connection) -> None:
    followed = opened(path)
    texts(followed)
    crawler.execute("UPDATE comments SET content = '改过的' WHERE comment_id = 'b'")
    assert texts(followed) == []


def test_a_column_that_is_added_later_does_no_harm(path: Path, crawler: sqlite3.Connection) -> None:
    followed = opened(path)
    texts(followed)
    crawler.execute("ALTER TABLE comments ADD COLUMN mood TEXT")
    crawler.execute(INSERT, ("c", "第三条"))
    assert texts(followed) == ["第三条"]


def test_rowids_that_are_the_platforms_own_ids_make_all_rows_come_again(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as crawler:
        crawler.execute("CREATE TABLE comments (comment_id INTEGER PRIMARY KEY, content TEXT)")
        crawler.execute("INSERT INTO comments VALUES (7393712345678901000, '后写的号大')")
        followed = opened(path)
        assert texts(followed) == ["后写的号大"]
        assert texts(followed) == []
        crawler.execute("INSERT INTO comments VALUES (7393712345678900000, '后来的号小')")
        assert texts(followed) == ["后来的号小", "后写的号大"]


def test_a_view_has_no_rowids(path: Path, crawler: sqlite3.Connection) -> None:
    crawler.execute("CREATE VIEW shown AS SELECT content FROM comments")
    crawler.execute("CREATE TABLE named (id TEXT PRIMARY KEY, content TEXT) WITHOUT ROWID")
    file = StoredFile(path)
    assert [has_rowids(DatabaseTable(file, name)) for name in ("comments", "shown", "named")] == [True, False, False]


def test_the_crawlers_tables_that_hold_something_are_told(path: Path, crawler: sqlite3.Connection) -> None:
    crawler.execute("CREATE TABLE weibo_note_comment (content TEXT)")
    crawler.execute("CREATE TABLE tieba_comment (content TEXT)")
    assert filled_tables(StoredFile(path)) == frozenset()
    crawler.execute("INSERT INTO tieba_comment VALUES ('好看')")
    assert filled_tables(StoredFile(path)) == {"tieba_comment"}
