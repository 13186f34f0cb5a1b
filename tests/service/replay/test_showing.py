"""What a replay says on the terminal."""

import io

import pytest
from rich.console import Console

from service.replay.dump import Reading
from service.replay.showing import notices, show_stream


def shown(start: str, end: str, comments: int = 2) -> str:
    """What is printed of a stream without alerts."""
    console = Console(file=io.StringIO(), width=120)
    document = {"stream": "剧", "comments": comments, "from": start, "to": end, "alerts": [], "unconfirmed": 0}
    show_stream(document, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_times_are_told_to_the_nearest_minute() -> None:
    told = shown("2024-05-01T04:00:29+00:00", "2024-05-01T15:59:30+00:00")
    assert "2024-05-01 12:00 to 2024-05-02 00:00 (China time)" in told


@pytest.mark.parametrize(("comments", "said"), [(1, "剧: 1 comment, "), (1200, "剧: 1,200 comments, ")])
def test_one_comment_is_said_as_one(comments: int, said: str) -> None:
    assert said in shown("2024-05-01T04:00:00+00:00", "2024-05-01T04:00:00+00:00", comments)


def test_one_of_each_kind_that_is_not_replayed_is_said_as_one() -> None:
    reading = Reading([], rejected=1, repeated=1, timeless=1, all_timeless=False, left_out=1, small_streams=1)
    said = notices(reading, "r.jsonl", "work")
    assert [sentence.split(" ", 2)[:2] for sentence in said] == [["1", "row"], *[["1", "comment"]] * 3]
    assert "1 comment of 1 smaller stream left out" in said[-1]
