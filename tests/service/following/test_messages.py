"""Comments as lines, and lines as requests."""

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from corpora.comment import Comment
from corpora.readers import Row
from service.following.messages import REQUEST_BYTES, REQUEST_COMMENTS, Message, message, requests
from service.streams.ids import content_id

WHEN = datetime(2024, 5, 1, 12, tzinfo=UTC)


def row(comment: Comment) -> Row:
    return Row(1, Path("c.csv"), comment, {})


def test_a_comment_becomes_a_line_with_what_is_known() -> None:
    comment = Comment("好看", id="7", time=WHEN, author="a1", likes=0, platform="weibo", region="四川", parent="6")
    made = message(row(comment))
    assert json.loads(made.line) == {
        "id": "7",
        "text": "好看",
        "time": "2024-05-01T12:00:00+00:00",
        "author": "a1",
        "platform": "weibo",
        "likes": 0,
    }
    assert made.time == WHEN.timestamp()


def test_a_comment_without_an_id_gets_one_of_its_content() -> None:
    line = json.loads(message(row(Comment("好看", time=WHEN, thread="t"))).line)
    assert line["id"] == content_id("好看", WHEN.timestamp(), None, "t")


@given(*[st.tuples(st.text(), st.none() | st.floats(0, 4e9), st.none() | st.text(), st.none() | st.text())] * 2)
def test_only_the_same_content_has_the_same_id(
    one: tuple[str, float | None, str | None, str | None], other: tuple[str, float | None, str | None, str | None]
) -> None:
    assert len(content_id(*one)) == 16
    assert (content_id(*one) == content_id(*other)) == (one == other)


@given(st.lists(st.integers(1, REQUEST_BYTES // 3), max_size=12), st.integers(0, REQUEST_COMMENTS + 3))
def test_requests_carry_all_in_order_and_no_more_than_they_may(long: list[int], short: int) -> None:
    sizes = [*long, *[1] * short]
    messages = [Message(b"x" * size, number, Path(), number) for number, size in enumerate(sizes)]
    made = list(requests(messages))
    assert [each for request in made for each in request] == messages
    assert all(0 < len(request) <= REQUEST_COMMENTS for request in made)
    assert all(sum(len(each.line) + 1 for each in request) <= REQUEST_BYTES for request in made)


def test_a_comment_longer_than_a_request_goes_by_itself() -> None:
    lengths = [1, REQUEST_BYTES + 1, 1]
    messages = [Message(b"x" * length, 0, Path(), length) for length in lengths]
    assert [len(request) for request in requests(messages)] == [1, 1, 1]
