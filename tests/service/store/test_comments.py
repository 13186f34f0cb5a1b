import math
from typing import Any

import pytest

from service.store.comments import StoredComment
from service.store.record import Processed
from service.store.store import Store
from tests.service.store.making import accept, comment, stream_id


def test_a_comment_comes_back_as_it_was_accepted(store: Store) -> None:
    known = {"author": "9f", "thread": "BV1", "platform": "bilibili", "gender": "female", "likes": 2**40}
    accept(store, "灯火", comment("1", 1.5, "第一集就很好看", **known), comment("2", 2.5, "一般"))
    stream = stream_id(store, "灯火")
    assert store.pending(10) == [
        StoredComment(1, stream, "1", 1.5, "第一集就很好看", "9f", "BV1", "bilibili", "female", 2**40, False),
        StoredComment(2, stream, "2", 2.5, "一般", None, None, None, None, 0, False),
    ]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"id": ""}, "1 to 500 characters; this one has 0"),
        ({"id": "a" * 501}, "this one has 501"),
        ({"time": math.nan}, "must be a number of seconds; it is nan"),
        ({"time": math.inf}, "it is inf"),
        ({"platform": "p" * 101}, "at most 100 characters"),
        ({"likes": 2**63}, "below 2\\^63"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_it_reaches_others(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        comment(**{"id": "1"} | wrong)


def test_the_longest_fields_are_kept(store: Store) -> None:
    accept(store, "影" * 200, comment("号" * 500, platform="台" * 100, likes=2**63 - 1))
    assert store.pending(1)[0].likes == 2**63 - 1


def test_what_no_database_takes_as_text_is_replaced(store: Store) -> None:
    accept(store, "灯火", comment("a\x00", text="好\ud83d看\x00", author="\udfff"))
    (kept,) = store.pending(1)
    assert (kept.id, kept.text, kept.author) == ("a\ufffd", "好\ufffd看\ufffd", "\ufffd")
    assert accept(store, "灯火", comment("a\x00")).duplicates == 1
    assert store.comments_by_ids(kept.stream, ["a\x00"]) == [kept]


def test_pending_are_the_comments_behind_the_place_processed(store: Store) -> None:
    accept(store, "a", *(comment(str(n)) for n in range(3)))
    accept(store, "b", *(comment(str(n)) for n in range(3)))
    assert [each.seq for each in store.pending(2)] == [1, 2]
    store.record(Processed(2))
    assert [each.seq for each in store.pending(100)] == [3, 4, 5, 6]


def test_comments_are_found_by_id_within_their_stream_and_by_place(store: Store) -> None:
    accept(store, "a", *(comment(str(n)) for n in range(1200)))
    accept(store, "b", comment("7"))
    found = store.comments_by_ids(stream_id(store, "a"), [*map(str, range(1199, -1, -1)), "没有"])
    assert [each.id for each in found] == [str(n) for n in range(1200)]
    assert store.comments_by_seqs([3, 1, 99_999]) == [found[0], found[2]]
