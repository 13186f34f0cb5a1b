import numpy as np
import pytest

from service.store.alerts import AlertFilter
from service.store.deliveries import NewDelivery
from service.store.errors import StoreError
from service.store.events import NewEvent
from service.store.record import Processed
from service.store.segments import Segment
from service.store.series import SeriesSums
from service.store.snapshots import Snapshot
from service.store.store import Store
from tests.service.store.making import LAYOUT, accept, alert, comment, scored_rows, stream_id


def test_everything_of_a_step_is_there_at_once(store: Store) -> None:
    accept(store, "灯火", comment("1"), comment("2"))
    stream = stream_id(store, "灯火")
    told = store.record(
        Processed(
            upto=2,
            scores=scored_rows(store.pending(2), store.model_id("m", LAYOUT)),
            series=[SeriesSums(stream, 600, "weibo", [2.0, 0.5])],
            alerts=[alert(stream, state="pending"), alert(stream, state="firing")],
            events=[NewEvent(stream, "alert", 2, 1000.0, {"id": "a-1"}), NewEvent(stream, "segment", 2, 1000.0, {})],
            segments=[Segment(stream, "s-1", 2, {"size": 4})],
            snapshots=[Snapshot(stream, 2, b"state")],
            deliveries=[NewDelivery("https://example.com/hook", b"{}", 5.0)],
        )
    )
    assert told == [1, 2]
    assert (store.processed_seq(), store.pending(9)) == (2, [])
    assert [len(piece) for piece in store.scored_after(stream, 0, 2)] == [2]
    assert store.series(stream, 0, 1e9) == [SeriesSums(stream, 600, "weibo", (2.0, 0.5))]
    assert store.alerts(AlertFilter()) == [alert(stream, state="firing")]
    assert [event.kind for event in store.events_after(stream, 0, 9)] == ["alert", "segment"]
    assert store.segments(stream) == [Segment(stream, "s-1", 2, {"size": 4})]
    assert store.snapshot(stream) == Snapshot(stream, 2, b"state")
    assert [each.body for each in store.due(5.0, 9)] == [b"{}"]


def test_comments_recorded_before_are_refused_and_nothing_is_written(store: Store) -> None:
    accept(store, "灯火", comment("1"), comment("2"))
    stream = stream_id(store, "灯火")
    rows = scored_rows(store.pending(2), store.model_id("m", LAYOUT))
    sums = [SeriesSums(stream, 0, "", [1.0])]
    store.record(Processed(2, rows, sums))
    for again in (Processed(2, rows[1:], sums), Processed(1, (), sums)):
        with pytest.raises(StoreError, match=r"up to 2 are recorded.*process what is pending"):
            store.record(again)
    assert store.series(stream, 0, 1)[0].sums == (1.0,)


def test_a_step_without_comments_may_park_a_stream(store: Store) -> None:
    accept(store, "灯火", comment("1"))
    stream = stream_id(store, "灯火")
    store.record(Processed(1, snapshots=[Snapshot(stream, 1, b"first")]))
    store.record(Processed(1, snapshots=[Snapshot(stream, 1, b"second")]))
    assert store.snapshot(stream) == Snapshot(stream, 1, b"second")


def test_a_stream_without_a_snapshot_has_none(store: Store) -> None:
    assert store.snapshot(store.find_or_create_stream("灯火", {}, 0.0).id) is None


def test_what_belongs_to_a_stream_deleted_meanwhile_is_left_out(store: Store) -> None:
    accept(store, "去", comment("1"))
    accept(store, "留", comment("1"))
    gone, stays = stream_id(store, "去"), stream_id(store, "留")
    rows = scored_rows(store.pending(2), store.model_id("m", LAYOUT))
    store.delete_stream("去")
    both = (gone, stays)
    told = store.record(
        Processed(
            upto=2,
            scores=rows,
            series=[SeriesSums(stream, 0, "", [1.0]) for stream in both],
            alerts=[alert(stream, id=f"a-{stream}") for stream in both],
            events=[NewEvent(stream, "alert", 2, 0.0, {}) for stream in both],
            segments=[Segment(stream, "s", 2, {}) for stream in both],
            snapshots=[Snapshot(stream, 2, b"") for stream in both],
        )
    )
    assert told == [None, 1]
    assert [each.stream for each in store.alerts(AlertFilter())] == [stays]
    assert [event.stream for event in store.events_after(None, 0, 9)] == [stays]
    assert np.concatenate([piece.seq for piece in store.scored_after(stays, 0, 2)]).tolist() == [2]


def test_thousands_of_streams_in_one_step(store: Store) -> None:
    made = [store.find_or_create_stream(f"s{n}", {}, 0.0).id for n in range(20)]
    sums = [SeriesSums(made[n % 20], n // 20, "", [1.0]) for n in range(3000)]
    store.record(Processed(0, series=sums, snapshots=[Snapshot(each, 0, b"") for each in made]))
    store.record(Processed(0, series=sums))
    assert [each.sums for each in store.series(made[7], 0, 1e9)] == [(2.0,)] * 150
