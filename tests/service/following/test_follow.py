"""A dump followed into a service, looked at again and again by processes that start anew."""

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from corpora.readers import ReadOptions
from service.following import follow as following
from service.following.follow import Counts, Job, follow
from tests.service.following.conftest import Look
from tests.service.following.crawled import NOON, Ended, write
from tests.service.following.receiver import Receiver


def test_a_new_days_file_and_appended_lines_are_followed(crawl: Path, look: Look, receiver: Receiver) -> None:
    write(crawl, "2024-05-01", [1, 2])
    (crawl / "search_contents_2024-05-01.jsonl").write_text('{"note_id": "n1", "title": "雾港来信"}\n', "utf-8")
    assert look(crawl.parents[1]).accepted == 2
    write(crawl, "2024-05-01", [3])
    write(crawl, "2024-05-02", [4])
    assert look(crawl.parents[1]) == Counts(read=2, sent=2, accepted=2)
    assert receiver.ids == ["1", "2", "3", "4"]
    assert receiver.requests[0][0] == {
        "id": "1",
        "text": "说得好1",
        "time": "2024-05-01T12:00:01+00:00",
        "author": "c0ffee",
        "thread": "n1",
        "platform": "weibo",
        "likes": 3,
        "work": "雾港来信",
    }
    assert look(crawl.parents[1]) == Counts()


def test_the_news_of_all_files_are_sent_in_the_order_of_their_times(
    crawl: Path, look: Look, receiver: Receiver
) -> None:
    write(crawl, "2024-05-01", [5, 1, 4])
    write(crawl, "2024-05-02", [3, 2])
    look(crawl)
    assert receiver.ids == ["1", "2", "3", "4", "5"]


def test_more_comments_than_a_block_holds_all_arrive_once(
    crawl: Path, look: Look, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BLOCK", 4)
    write(crawl, "2024-05-01", range(6))
    write(crawl, "2024-05-02", range(6, 13))
    assert look(crawl).accepted == 13
    assert look(crawl) == Counts()
    assert receiver.ids == [str(number) for number in range(13)]


def test_a_block_that_was_not_acknowledged_is_sent_again(crawl: Path, look: Look, receiver: Receiver) -> None:
    write(crawl, "2024-05-01", range(1200))
    receiver.answer = lambda lines: (404, {}) if len(receiver.requests) == 1 else None
    with pytest.raises(Exception, match="takes no comments"):
        look(crawl)
    receiver.answer = lambda lines: None
    assert look(crawl) == Counts(read=1200, sent=1200, accepted=700, duplicates=500)
    assert len(receiver.taken) == 1200


def test_a_rotated_file_is_read_from_its_start(tmp_path: Path, look: Look, receiver: Receiver, said: list[str]) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("id,content\n1,头一条\n2,第二条\n", "utf-8")
    look(path)
    path.rename(tmp_path / "comments.csv.1")
    path.write_text("id,content\n3,第三条\n4,第四条\n5,第五条\n", "utf-8")
    assert look(path).accepted == 3
    assert receiver.ids == ["1", "2", "3", "4", "5"]
    assert any("written anew" in sentence for sentence in said)


def test_a_file_that_turns_into_another_kind_is_followed_as_that(
    tmp_path: Path, look: Look, receiver: Receiver
) -> None:
    path = tmp_path / "comments.txt"
    path.write_text("id,content\n1,头一条\n", "utf-8")
    look(path)
    path.write_text('[{"id": "2", "content": "第二条"}]', "utf-8")
    look(path)
    assert receiver.ids == ["1", "2"]


@pytest.mark.parametrize(("encoding", "packed"), [("utf-16", False), ("utf-8", True)])
def test_a_text_file_that_cannot_be_read_from_its_middle_is_read_whole_again(
    tmp_path: Path, look: Look, receiver: Receiver, encoding: str, packed: bool
) -> None:
    path = tmp_path / "comments.csv"
    content = "id,content\n1,头一条\n"
    for number in (2, 3):
        content += f"{number},后来的一条\n"
        raw = content.encode(encoding)
        path.write_bytes(gzip.compress(raw) if packed else raw)
        look(path)
    assert receiver.ids == ["1", "2", "3"]


def test_a_growing_database_is_followed_into_tables_that_were_empty(
    tmp_path: Path, receiver: Receiver, said: list[str]
) -> None:
    columns = "(id INTEGER PRIMARY KEY, comment_id TEXT, create_time INTEGER, content TEXT, last_modify_ts INTEGER, {})"
    path = tmp_path / "sqlite_tables.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as crawler:
        crawler.execute("PRAGMA journal_mode = WAL")
        for table, content_id in (("weibo_note_comment", "note_id"), ("bilibili_video_comment", "video_id")):
            crawler.execute(f"CREATE TABLE {table} {columns.format(content_id)}")
        rows = [("weibo_note_comment", "w1"), ("weibo_note_comment", "w2"), ("bilibili_video_comment", "b1")]

        def insert_one(_: float) -> None:
            if not rows:
                raise Ended
            table, number = rows.pop(0)
            crawler.execute(f"INSERT INTO {table} VALUES (NULL, ?, ?, '好看', 1, 'p')", (number, NOON))

        job = Job(path, "剧", receiver.url, None, tmp_path / "home", ReadOptions())
        with pytest.raises(Ended):
            follow(job, said.append, Counts(), insert_one)
    assert receiver.ids == ["w1", "w2", "b1"]
    assert [batch[0]["platform"] for batch in receiver.requests] == ["weibo", "weibo", "bilibili"]


def test_a_json_array_that_is_rewritten_at_each_comment_is_followed(
    tmp_path: Path, receiver: Receiver, said: list[str]
) -> None:
    path = tmp_path / "comments.json"
    items: list[dict[str, str]] = []

    def rewrite(_: float) -> None:
        if len(items) == 3:
            raise Ended
        items.append({"id": str(len(items)), "content": f"第{len(items)}条"})
        path.write_text(json.dumps(items, ensure_ascii=False, indent=4), "utf-8")

    path.write_text("[", "utf-8")
    with pytest.raises(Ended):
        follow(Job(path, "剧", receiver.url, None, tmp_path / "h", ReadOptions()), said.append, Counts(), rewrite)
    assert receiver.ids == ["0", "1", "2"]


def test_a_file_in_the_middle_of_its_header_is_waited_for(tmp_path: Path, receiver: Receiver, said: list[str]) -> None:
    path = tmp_path / "comments.csv"
    path.touch()
    steps = ["id,con", "tent,likes\n", "1,好看,", "2\n"]

    def write_on(_: float) -> None:
        if not steps:
            raise Ended
        with path.open("a", encoding="utf-8") as file:
            file.write(steps.pop(0))

    with pytest.raises(Ended):
        follow(Job(path, "剧", receiver.url, None, tmp_path / "h", ReadOptions()), said.append, Counts(), write_on)
    assert receiver.requests == [[{"id": "1", "text": "好看", "likes": 2}]]
