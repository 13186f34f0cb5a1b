"""A dump followed into a service, looked at again and again by processes that start anew."""

import gzip
import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from corpora.errors import CorporaError, NotADump
from corpora.readers import ReadOptions
from service.errors import ServiceError
from service.following import follow as following
from service.following.follow import Counts, Job, follow
from service.following.growing import LineStream
from service.store.errors import StoreError
from tests.service.following.conftest import Look
from tests.service.following.receiver import Receiver

NOON = 1_714_564_800


class Ended(Exception):
    """The end of a test's patience, in place of a Ctrl-C."""


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    return tmp_path / "data" / "weibo" / "jsonl"


def write(folder: Path, day: str, numbers: Sequence[int], text: str = "说得好") -> None:
    """Append comments as MediaCrawler does, one object a line."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"search_comments_{day}.jsonl").open("a", encoding="utf-8") as file:
        for number in numbers:
            record = {
                "comment_id": str(number),
                "create_time": NOON + number,
                "note_id": "n1",
                "content": f"{text}{number}",
                "comment_like_count": "3",
                "creator_hash": "c0ffee",
                "nickname": "桥***舟",
                "last_modify_ts": 1,
            }
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


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


def test_from_now_passes_over_what_is_there_but_not_over_what_comes(
    tmp_path: Path, crawl: Path, receiver: Receiver, said: list[str]
) -> None:
    write(crawl, "2024-05-01", [1, 2])
    read = ReadOptions()
    job = Job(crawl, "剧", receiver.url, None, tmp_path / "home", read, once=True, from_now=True)
    follow(job, said.append, Counts())
    assert receiver.ids == []
    write(crawl, "2024-05-01", [3])
    write(crawl, "2024-05-02", [4])
    follow(job, said.append, Counts())
    assert receiver.ids == ["3", "4"]


def test_a_stream_that_was_deleted_gets_everything_again(
    crawl: Path, look: Look, receiver: Receiver, said: list[str]
) -> None:
    write(crawl, "2024-05-01", [1, 2])
    look(crawl)
    receiver.delete()
    write(crawl, "2024-05-01", [3])
    assert look(crawl).accepted == 3
    assert receiver.taken == {"1", "2", "3"}
    assert [sentence for sentence in said if "everything is sent into it again" in sentence] == [
        f"The stream 剧 of {receiver.url} is not there any more; everything is sent into it again."
    ]
    assert look(crawl) == Counts()


def test_a_stream_that_somebody_made_anew_gets_everything_again(
    crawl: Path, look: Look, receiver: Receiver, said: list[str]
) -> None:
    write(crawl, "2024-05-01", [1, 2])
    look(crawl)
    receiver.delete()
    receiver.take([{"id": "9", "text": "别处来的"}])
    assert look(crawl).accepted == 2
    assert sum("was made anew, at 2024-05-01T00:00:01+00:00" in sentence for sentence in said) == 1


def test_a_database_that_is_new_after_the_service_was_away_gets_everything_again(
    tmp_path: Path, crawl: Path, receiver: Receiver, said: list[str]
) -> None:
    write(crawl, "2024-05-01", [1, 2])
    steps = iter([5, 1, 5])

    def pause(seconds: float) -> None:
        assert seconds == next(steps)
        if seconds == 1:  # the service was away, and comes back
            receiver.answer = lambda lines: None
        elif receiver.made == 2:
            raise Ended
        else:
            receiver.delete()
            receiver.answer = lambda lines: (503, {})
            write(crawl, "2024-05-01", [3])

    with pytest.raises(Ended):
        follow(Job(crawl, "剧", receiver.url, None, tmp_path / "h", ReadOptions()), said.append, Counts(), pause)
    assert receiver.ids == ["1", "2", "3", "1", "2", "3"]
    assert receiver.taken == {"1", "2", "3"}


def test_what_was_passed_over_at_first_stays_so_in_a_stream_made_anew(
    tmp_path: Path, crawl: Path, receiver: Receiver, said: list[str]
) -> None:
    write(crawl, "2024-05-01", [1])
    job = Job(crawl, "剧", receiver.url, None, tmp_path / "home", ReadOptions(), once=True, from_now=True)
    follow(job, said.append, Counts())
    write(crawl, "2024-05-01", [2])
    follow(job, said.append, Counts())
    receiver.delete()
    write(crawl, "2024-05-01", [3])
    follow(job, said.append, Counts())
    assert receiver.taken == {"2", "3"}


def test_anew_reads_the_dump_from_its_start(tmp_path: Path, crawl: Path, look: Look, receiver: Receiver) -> None:
    write(crawl, "2024-05-01", [1, 2])
    look(crawl)
    counts = Counts()
    job = Job(crawl, "剧", receiver.url, None, tmp_path / "home", ReadOptions(), once=True, anew=True)
    follow(job, lambda _: None, counts)
    assert counts == Counts(read=2, sent=2, duplicates=2)


def test_once_says_its_sums_or_since_when_there_is_nothing_new(crawl: Path, look: Look, said: list[str]) -> None:
    write(crawl, "2024-05-01", [1, 2])
    look(crawl)
    assert said[-1] == "In all 2 read, 2 sent: 2 accepted (0 late), 0 duplicates, 0 rejected."
    look(crawl)
    assert re.fullmatch(r"Nothing new since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.", said[-1])


def test_one_duplicate_is_said_as_one() -> None:
    assert "2 duplicates, " in str(Counts(duplicates=2)) and "1 duplicate, " in str(Counts(duplicates=1))


def test_once_gives_a_service_up_that_stays_away(tmp_path: Path, crawl: Path, receiver: Receiver) -> None:
    write(crawl, "2024-05-01", [1])
    receiver.answer = lambda lines: (503, {"detail": "No model is loaded."})
    waits: list[float] = []
    job = Job(crawl, "剧", receiver.url, None, tmp_path / "home", ReadOptions(), once=True)
    with pytest.raises(ServiceError, match=r"No model is loaded.*start it with poquan serve"):
        follow(job, lambda _: None, Counts(), waits.append)
    assert sum(waits) == pytest.approx(following.PATIENCE, abs=waits[-1])


@pytest.mark.parametrize("stream", ["", "甲/乙", "a\nb", "长" * 201])
def test_a_name_that_no_stream_can_have_is_refused_before_anything_is_read(
    tmp_path: Path, receiver: Receiver, stream: str
) -> None:
    job = Job(tmp_path / "missing", stream, receiver.url, None, tmp_path / "home", ReadOptions(), once=True)
    with pytest.raises(StoreError, match="stream's name"):
        follow(job, lambda _: None, Counts())


def test_standard_input_is_refused_with_what_to_give(
    tmp_path: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotADump, match="Standard input cannot be followed; give a file or a folder"):
        look(Path("-"))


def test_rows_that_are_no_comments_and_refused_ones_are_kept_apart(
    tmp_path: Path, look: Look, receiver: Receiver, said: list[str]
) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("id,content\n1,好看\n2,\n3,太长\n4,一般\n", "utf-8")
    receiver.answer = lambda lines: (422, {"detail": "Too long."}) if any(e["id"] == "3" for e in lines) else None
    counts = look(path)
    assert counts == Counts(read=4, sent=3, accepted=2, rejected=2)
    (file,) = (tmp_path / "home" / "watch").glob("*.rejected.jsonl")
    rejected = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [(entry["row"], entry["source"]) for entry in rejected] == [(2, str(path)), (3, str(path))]
    assert "Too long." in rejected[1]["reason"]
    assert any(str(file) in sentence for sentence in said)
    assert look(path) == Counts()


def test_a_file_without_comments_in_a_folder_is_told_of_and_the_others_followed(
    crawl: Path, look: Look, receiver: Receiver, said: list[str]
) -> None:
    write(crawl, "2024-05-01", [1])
    (crawl / "odd_comments.csv").write_text("a,b\n1,2\n", "utf-8")
    look(crawl)
    assert receiver.ids == ["1"]
    assert any("odd_comments.csv" in sentence for sentence in said)


def test_a_file_that_cannot_be_read_is_told_of_once(
    tmp_path: Path, receiver: Receiver, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("id,content\n1,好看\n", "utf-8")
    rounds: list[float] = []
    broken = True

    def refuse(self: LineStream, *_: object) -> None:
        if broken:
            raise OSError(5, "Input/output error")
        original(self, *_)  # type: ignore[arg-type]

    original = LineStream.__init__
    monkeypatch.setattr(LineStream, "__init__", refuse)

    def pause(seconds: float) -> None:
        nonlocal broken
        rounds.append(seconds)
        broken = len(rounds) < 5
        if len(rounds) == 7:
            raise Ended

    with pytest.raises(Ended):
        follow(Job(path, "剧", receiver.url, None, tmp_path / "h", ReadOptions()), said.append, Counts(), pause)
    assert receiver.ids == ["1"]
    assert sum("Input/output error" in sentence for sentence in said) == 1


@pytest.mark.parametrize("kind", ["missing", "empty folder", "no text"])
def test_once_fails_where_there_is_nothing_to_send(tmp_path: Path, look: Look, kind: str) -> None:
    path = tmp_path / "it"
    if kind == "empty folder":
        path.mkdir()
    elif kind == "no text":
        path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(NotADump):
        look(path)


def test_an_unknown_time_zone_is_refused_at_once(tmp_path: Path, look: Look) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("id,content\n1,好看\n", "utf-8")
    with pytest.raises(CorporaError, match="time zone"):
        look(path, timezone="Asia/Nowhere")


def test_once_says_what_it_has_left(tmp_path: Path, look: Look, receiver: Receiver, said: list[str]) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("id,content\n1,好看\n2,一", "utf-8")
    look(path)
    assert receiver.ids == ["1"]
    assert any("half-written" in sentence for sentence in said)
