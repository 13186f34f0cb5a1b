"""What a follower says, refuses, and goes on after."""

import json
import re
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
from tests.service.following.crawled import Ended, write
from tests.service.following.receiver import Receiver


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
