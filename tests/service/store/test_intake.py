from collections.abc import Sequence
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.store.comments import NewComment
from service.store.intake import Incoming, Receipt
from service.store.record import Processed
from service.store.store import Store
from tests.service.store.making import LATENESS, accept, comment, incoming


def test_a_request_is_numbered_in_the_order_of_its_times_and_as_it_stands_where_these_are_equal(store: Store) -> None:
    accept(store, "灯火", comment("c", 30), comment("b", 20), comment("a", 10), comment("b2", 20))
    assert [(each.seq, each.id) for each in store.pending(9)] == [(1, "a"), (2, "b"), (3, "b2"), (4, "c")]


def test_a_comment_is_taken_once_within_a_request_within_a_group_and_later(store: Store) -> None:
    first = incoming("灯火", comment("1", 5, "先"), comment("1", 7, "后"))
    second = incoming("灯火", comment("1", 9), comment("2", 9))
    assert store.accept([first, second], 0.0) == [Receipt(1, 1, 0, 1), Receipt(1, 1, 0, 2)]
    assert store.accept([first, second], 0.0) == [Receipt(0, 2, 0, None), Receipt(0, 2, 0, None)]
    assert [(each.id, each.text) for each in store.pending(9)] == [("1", "先"), ("2", "看完了")]


def test_the_same_id_in_another_stream_is_another_comment(store: Store) -> None:
    receipts = store.accept([incoming("a", comment("1")), incoming("b", comment("1"))], 0.0)
    assert receipts == [Receipt(1, 0, 0, 1), Receipt(1, 0, 0, 2)]


def test_late_is_what_lies_further_back_than_the_lateness_behind_what_was_seen_before(store: Store) -> None:
    accept(store, "灯火", comment("1", 10_000))
    receipt = accept(store, "灯火", comment("2", 10_000 - LATENESS), comment("3", 10_000 - LATENESS - 1))
    assert (receipt.accepted, receipt.late) == (2, 1)
    assert [each.id for each in store.pending(9) if each.late] == ["3"]
    stream = store.stream("灯火")
    assert stream is not None
    assert (stream.watermark, stream.last_seq, stream.comments, stream.late) == (10_000, 3, 3, 1)


def test_a_history_in_one_request_has_no_late_comments_however_it_is_sorted(store: Store) -> None:
    assert accept(store, "灯火", comment("new", 9e8), comment("old", 1e8)).late == 0


def test_a_request_sees_the_ones_before_it_in_its_group(store: Store) -> None:
    first, second = store.accept([incoming("灯火", comment("1", 10_000)), incoming("灯火", comment("2", 1))], 0.0)
    assert (first.late, second.late) == (0, 1)


def test_a_duplicate_does_not_move_the_watermark(store: Store) -> None:
    accept(store, "灯火", comment("1", 100))
    accept(store, "灯火", comment("1", 1e9))
    assert accept(store, "灯火", comment("2", 100)).late == 0


def test_an_empty_request_makes_its_stream_and_nothing_else(store: Store) -> None:
    assert accept(store, "灯火") == Receipt(0, 0, 0, None)
    assert store.accept([], 0.0) == []
    assert store.counts().streams == 1


def test_places_go_on_behind_deleted_comments(store: Store) -> None:
    accept(store, "a", comment("1"))
    store.record(Processed(1))
    store.delete_stream("a")
    accept(store, "b", comment("1"))
    assert [each.seq for each in store.pending(9)] == [2]


COMMENTS = st.builds(comment, id=st.sampled_from("abcdefg"), time=st.integers(0, 2000).map(float))
REQUESTS = st.lists(st.tuples(st.sampled_from("xy"), st.lists(COMMENTS, max_size=4)), max_size=6)
NUMBERS = count()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=REQUESTS, cut=st.integers(0, 6))
def test_whatever_comes_is_as_one_comment_after_another_wherever_the_groups_are_cut(
    store: Store, requests: Sequence[tuple[str, list[NewComment]]], cut: int
) -> None:
    own = f"-{next(NUMBERS)}"
    batches = [Incoming(name + own, comments, LATENESS) for name, comments in requests]
    before = store.processed_seq()
    receipts = store.accept(batches[:cut], 0.0) + store.accept(batches[cut:], 0.0)
    kept = store.pending(1000)

    seen: dict[tuple[str, str], tuple[float, bool]] = {}
    watermarks: dict[str, float] = {}
    for batch, receipt in zip(batches, receipts, strict=True):
        watermark, late = watermarks.get(batch.stream, -1e9), 0
        fresh = len(seen)
        for each in sorted(batch.comments, key=lambda each: each.time):
            if (batch.stream, each.id) not in seen:
                seen[batch.stream, each.id] = (each.time, each.time < watermark - LATENESS)
                late += seen[batch.stream, each.id][1]
                watermarks[batch.stream] = max(watermarks.get(batch.stream, -1e9), each.time)
        accepted = len(seen) - fresh
        assert (receipt.accepted, receipt.duplicates, receipt.late) == (accepted, len(batch.comments) - accepted, late)
    names = {found.id: found.name for found in store.streams_by_id(each.stream for each in kept).values()}
    assert [(names[each.stream], each.id, each.time, each.late) for each in kept] == [
        (*key, *told) for key, told in seen.items()
    ]
    store.record(Processed(max([before, *(each.seq for each in kept)])))
