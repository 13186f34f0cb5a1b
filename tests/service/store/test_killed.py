"""A store whose process is killed at any moment has every acknowledged comment once."""

import multiprocessing
import os
import random
import signal
from multiprocessing.connection import Connection as Pipe

from service.store.record import Processed
from service.store.series import SeriesSums
from service.store.snapshots import Snapshot
from service.store.store import Store, open_store
from tests.service.store.making import LAYOUT, comment, incoming, scored_rows

KILLS = 10
A_REQUEST = 20  # comments


def test_every_acknowledged_comment_is_there_once_and_recorded_whole_after_kills(url: str) -> None:
    open_store(url).close()
    acknowledged: set[str] = set()
    chance = random.Random(7)
    for run in range(KILLS):
        acknowledged |= acknowledged_until_killed(url, run, chance)
        with open_store(url) as store:
            check(store, acknowledged)
    assert len(acknowledged) >= KILLS * A_REQUEST


def acknowledged_until_killed(url: str, run: int, chance: random.Random) -> set[str]:
    """The ids a child had accepted when it was killed, which is at some moment after its first requests."""
    fork = multiprocessing.get_context("fork")
    reader, writer = fork.Pipe(duplex=False)
    child = fork.Process(target=load, args=(url, run, writer))
    child.start()
    writer.close()
    ids: set[str] = set()
    for _ in range(chance.randint(1, 12)):
        ids.update(reader.recv())
    reader.poll(chance.uniform(0, 0.01))  # so that the kill falls anywhere within the next request
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert child.exitcode == -signal.SIGKILL
    try:
        while True:
            ids.update(reader.recv())
    except (EOFError, OSError):
        return ids


def load(url: str, run: int, acknowledge: Pipe) -> None:
    """Accept and process for ever, telling the ids of a request once they are on disk; half come twice."""
    store = open_store(url)
    model = store.model_id("m", LAYOUT)
    number = 0
    while True:
        ids = [f"{run}-{number + place}" for place in range(A_REQUEST)]
        group = [incoming(f"s{run % 3}", *map(comment, half)) for half in (ids[:10], ids)]
        store.accept(group, 0.0)
        acknowledge.send(ids)
        number += A_REQUEST
        if pending := store.pending(15):
            stream, upto = pending[-1].stream, pending[-1].seq
            sums = [SeriesSums(each.stream, 0, "", [1.0]) for each in pending]
            state = [Snapshot(stream, upto, b"state")]
            store.record(Processed(upto, scored_rows(pending, model), sums, snapshots=state))


def check(store: Store, acknowledged: set[str]) -> None:
    kept = store.comments_by_seqs(range(1, store.counts().comments + 1))
    ids = [each.id for each in kept]
    assert len(ids) == len(set(ids)) == store.counts().comments
    assert acknowledged <= set(ids)
    processed, streams = store.processed_seq(), store.streams()
    scored = [len(piece) for each in streams for piece in store.scored_after(each.id, 0, len(ids))]
    sums = [each.sums[0] for stream in streams for each in store.series(stream.id, 0, 1)]
    assert sum(scored) == sum(sums) == processed == len(ids) - len(store.pending(len(ids) + 1))
    for each in streams:
        theirs = [comment.seq for comment in kept if comment.stream == each.id]
        assert (each.comments, each.last_seq) == (len(theirs), theirs[-1] if theirs else 0)
        snapshot = store.snapshot(each.id)
        assert snapshot is None or snapshot.seq <= processed
