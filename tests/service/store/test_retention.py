from pathlib import Path
from typing import Any

import pytest

from service.store import retention
from service.store.database import open_database
from service.store.record import Processed
from service.store.series import SeriesSums
from service.store.snapshots import Snapshot
from service.store.store import Store
from tests.service.store.making import LAYOUT, accept, comment, scored_rows, stream_id

KNOWN: dict[str, Any] = {"author": "9f", "thread": "BV1", "platform": "bilibili", "gender": "female", "likes": 3}


def fill(store: Store, *times: float, covered: int) -> int:
    """A stream of scored comments, those up to the place `covered` within its snapshot; gives its id."""
    for number, time in enumerate(times):
        accept(store, "灯火", comment(str(number), time, **KNOWN))
    stream = stream_id(store, "灯火")
    pending = store.pending(1000)
    rows = scored_rows(pending, store.model_id("m", LAYOUT))
    sums = [SeriesSums(stream, 0, "", [float(len(rows))])]
    store.record(Processed(pending[-1].seq, rows, sums, snapshots=[Snapshot(stream, covered, b"")]))
    return stream


def test_old_texts_go_and_what_was_counted_stays(store: Store) -> None:
    stream = fill(store, 1, 50, 100, covered=3)
    assert store.drop_texts(before=100) == 2
    kept = store.comments_by_seqs([1, 2, 3])
    assert [(c.text, c.author, c.thread, c.gender) for c in kept] == [(None,) * 4] * 2 + [
        ("看完了", "9f", "BV1", "female")
    ]
    assert [(c.id, c.platform, c.likes) for c in kept] == [(str(n), "bilibili", 3) for n in range(3)]
    assert sum(map(len, store.scored_after(stream, 0, 3))) == 3
    assert store.series(stream, 0, 1)[0].sums == (3.0,)
    assert accept(store, "灯火", comment("0")).duplicates == 1
    assert store.drop_texts(before=100) == 0


def test_what_a_restart_would_read_again_is_kept(store: Store) -> None:
    fill(store, 1, 2, 3, covered=2)
    assert store.drop_texts(before=1e9) == 2
    assert store.drop_comments(before=1e9) == 2
    assert [each.text for each in store.comments_by_seqs([1, 2, 3])] == ["看完了"]


def test_a_stream_without_a_snapshot_keeps_its_texts(store: Store) -> None:
    accept(store, "灯火", comment("1", 1))
    assert store.drop_texts(before=1e9) == 0


def test_texts_go_in_chunks(url: str) -> None:
    database = open_database(url)
    store = Store(database)
    fill(store, *range(5), covered=5)
    dropped: list[int] = []
    while not dropped or dropped[-1]:
        with database.writing() as connection:
            dropped.append(retention.drop_texts(connection, 1e9, limit=2))
    assert dropped == [2, 2, 1, 0]
    store.close()


@pytest.mark.parametrize("bare", [True, False])
def test_old_comments_go_with_their_scores(store: Store, bare: bool) -> None:
    stream = fill(store, 1, 100, covered=2)
    if bare:
        store.drop_texts(before=50)
    assert store.drop_comments(before=50) == 1
    assert [piece.seq.tolist() for piece in store.scored_after(stream, 0, 2)] == [[2]]
    assert store.counts().comments == 2
    assert accept(store, "灯火", comment("0")).accepted == 1


def test_a_dropped_text_is_not_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    secret = "只有这里写过的一句话"
    with Store(open_database(f"sqlite:///{path}")) as store:
        accept(store, "灯火", comment("1", 1, secret))
        store.record(Processed(1, snapshots=[Snapshot(stream_id(store, "灯火"), 1, b"")]))
    assert secret.encode() in path.read_bytes()
    with Store(open_database(f"sqlite:///{path}")) as store:
        assert store.drop_texts(before=50) == 1
    assert secret.encode() not in path.read_bytes()
