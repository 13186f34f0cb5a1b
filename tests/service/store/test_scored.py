from collections.abc import Iterable

import numpy as np
import pytest

from model import FacetNames
from service.monitor.comments import ScoredComments
from service.store import scored
from service.store.models import Layout
from service.store.record import Processed, ScoredRow
from service.store.scores import pack_scores
from service.store.snapshots import Snapshot
from service.store.store import Store
from tests.service.store.making import LAYOUT, accept, comment, scored_rows, stream_id


def seqs(pieces: Iterable[ScoredComments]) -> list[int]:
    return [seq for piece in pieces for seq in piece.seq.tolist()]


def fill(store: Store, *times: float) -> int:
    """A stream of scored comments, accepted one by one; gives its id."""
    for number, time in enumerate(times):
        accept(store, "灯火", comment(str(number), time, f"第{number}条", likes=number))
    pending = store.pending(1000)
    store.record(Processed(pending[-1].seq, scored_rows(pending, store.model_id("m", LAYOUT))))
    return stream_id(store, "灯火")


def test_scored_comments_come_back_as_the_monitor_is_fed_them(store: Store) -> None:
    stream = fill(store, 10.0, 20.0)
    (piece,) = store.scored_after(stream, 0, 2)
    assert piece.names == LAYOUT.names
    assert (piece.seq.tolist(), piece.time.tolist(), piece.likes.tolist()) == ([1, 2], [10.0, 20.0], [0, 1])
    assert (list(piece.text), list(piece.author)) == (["第0条", "第1条"], [None, None])
    assert piece.polarity.tolist() == [[0.5, 0.5, 0.0]] * 2
    assert piece.decided.tolist() == [[True, False, True]] * 2
    assert piece.vectors.tolist() == [[1.0, 0.0], [2.0, 0.0]]
    assert piece.copy.tolist() == [False, True]
    assert [column.dtype for column in (piece.seq, piece.time, piece.polarity, piece.facets, piece.decided)] == [
        np.int64,
        np.float64,
        np.float32,
        np.float32,
        np.bool_,
    ]


def test_a_restart_reads_behind_the_snapshot_as_far_as_is_processed_in_pieces(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = fill(store, *range(10))
    monkeypatch.setattr(scored, "AT_A_TIME", 3)
    assert [piece.seq.tolist() for piece in store.scored_after(stream, 2, 9)] == [[3, 4, 5], [6, 7, 8], [9]]
    assert list(store.scored_after(stream, 10, 10)) == []


def test_only_scored_comments_of_the_stream_are_read(store: Store) -> None:
    accept(store, "别的", comment("1"))
    stream = fill(store, 1, 2)
    accept(store, "灯火", comment("not scored yet", 3))
    assert seqs(store.scored_after(stream, 0, 99)) == [2, 3]


def test_late_comments_are_left_out_or_told(store: Store) -> None:
    stream = fill(store, 10_000, 1, 10_001)
    assert seqs(store.scored_after(stream, 0, 99)) == [1, 3]
    assert seqs(store.scored_between(stream, 0, 99, 9)) == [1, 3]
    ((piece, late),) = store.scored_after_with_late(stream, 0, 99)
    assert (piece.seq.tolist(), late.tolist()) == ([1, 2, 3], [False, True, False])


def test_each_model_reads_its_own_scores(store: Store) -> None:
    wide = Layout(FacetNames(("own",) * 1, (), ()), 1)
    accept(store, "灯火", *(comment(str(n), n) for n in range(4)))
    old, new = store.model_id("m", LAYOUT), store.model_id("m", wide)
    assert (store.model_id("m", LAYOUT), store.model_id("m", wide)) == (old, new)
    pending = store.pending(4)
    one = np.ones((1, 3), np.float32)
    (packed,) = pack_scores(one, one[:, :1], one[:, :1] > 0, one[:, :1])
    rows = scored_rows(pending, old)
    rows[1:3] = [ScoredRow(each.seq, each.stream, new, packed) for each in pending[1:3]]
    store.record(Processed(4, rows))
    pieces = list(store.scored_after(stream_id(store, "灯火"), 0, 4))
    assert [(piece.seq.tolist(), piece.names) for piece in pieces] == [
        ([1], LAYOUT.names),
        ([2, 3], wide.names),
        ([4], LAYOUT.names),
    ]


@pytest.mark.parametrize(("newest", "expected"), [(True, [4, 5]), (False, [2, 3])])
def test_a_stretch_is_read_from_either_end_and_given_in_order(store: Store, newest: bool, expected: list[int]) -> None:
    stream = fill(store, *range(9))
    assert seqs(store.scored_between(stream, 2, 5, limit=2, newest=newest)) == expected
    assert seqs(store.scored_between(stream, 2, 5, limit=9, newest=newest)) == [2, 3, 4, 5]


def test_a_text_whose_keeping_time_is_over_is_empty(store: Store) -> None:
    stream = fill(store, 1, 100)
    store.record(Processed(2, snapshots=[Snapshot(stream, 2, b"")]))
    store.drop_texts(before=50)
    (piece,) = store.scored_after(stream, 0, 2)
    assert list(piece.text) == ["", "第1条"]
