"""What of a dump is sent again, and what never: from now, streams deleted or made anew, `--anew`."""

from pathlib import Path

import pytest

from corpora.readers import ReadOptions
from service.following.follow import Counts, Job, follow
from tests.service.following.conftest import Look
from tests.service.following.crawled import Ended, write
from tests.service.following.receiver import Receiver


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
