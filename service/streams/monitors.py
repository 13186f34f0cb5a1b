"""The monitors of the streams that are watched now; one that is not asked for is parked in the store.

A monitor that is needed again, after parking or after a kill, is its last snapshot fed with the comments since.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from model import Scorer
from service.monitor.expectations import Expectations
from service.monitor.state import pack, unpack
from service.monitor.stream import StreamMonitor
from service.store.snapshots import Snapshot
from service.store.store import Store
from service.store.streams import Stream

#: Comments of a stream after which its state is kept anew: so many at most are read again after a kill.
SNAPSHOT_EVERY = 2_000


@dataclass(slots=True)
class Watched:
    """A monitor, the place it has watched its stream up to, and how many comments ago its state was kept."""

    stream: int
    monitor: StreamMonitor
    seq: int
    unkept: int

    def snapshot(self) -> Snapshot:
        """The state as it is now; it counts as kept."""
        self.unkept = 0
        return Snapshot(self.stream, self.seq, pack(self.monitor.state()))


class Monitors:
    """At most ``most`` monitors in memory, those asked for last."""

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._most = most
        self._watched: OrderedDict[int, Watched] = OrderedDict()

    def __len__(self) -> int:
        return len(self._watched)

    def of(self, stream: Stream, scorer: Scorer, upto: int) -> Watched:
        """Give a stream's monitor, which has watched it up to the place ``upto`` at most."""
        watched = self._watched.get(stream.id)
        if watched is None:
            watched = self._watched[stream.id] = self._load(stream, scorer, upto)
        self._watched.move_to_end(stream.id)
        return watched

    def due(self) -> list[Snapshot]:
        """Give the snapshots to keep now: those due, and those of the monitors that must leave the memory."""
        leaving = list(self._watched.values())[: max(0, len(self._watched) - self._most)]
        kept = [each.snapshot() for each in leaving if each.unkept]
        for each in leaving:
            del self._watched[each.stream]
        return kept + [each.snapshot() for each in self._watched.values() if each.unkept >= SNAPSHOT_EVERY]

    def all_due(self) -> list[Snapshot]:
        """Give a snapshot of every monitor that has watched something since its last."""
        return [each.snapshot() for each in self._watched.values() if each.unkept]

    def forget(self, streams: Iterable[int] | None = None) -> None:
        """Drop some monitors from memory, or all: they will be loaded again as the store has them."""
        for stream in list(self._watched) if streams is None else streams:
            self._watched.pop(stream, None)

    def _load(self, stream: Stream, scorer: Scorer, upto: int) -> Watched:
        snapshot = self._store.snapshot(stream.id)
        monitor: StreamMonitor | None = None
        seq = 0
        if snapshot is not None:
            monitor, seq = StreamMonitor.from_state(stream.name, unpack(snapshot.state)), snapshot.seq
        watched = 0
        for batch in self._store.scored_after(stream.id, seq, upto):
            if monitor is None:
                monitor = self._new(stream, batch.names.circles, scorer)
            monitor.update(batch)
            watched += len(batch)
            seq = int(batch.seq[-1])
        return Watched(stream.id, monitor or self._new(stream, scorer.facet_names.circles, scorer), seq, watched)

    def _new(self, stream: Stream, circles: tuple[str, ...], scorer: Scorer) -> StreamMonitor:
        return StreamMonitor(stream.name, circles, expectations_of(stream.settings), scorer.mix_rates)


def expectations_of(settings: Mapping[str, Any]) -> Expectations:
    """Give what is expected of a stream from its stored settings."""
    return Expectations(**{**settings, "core": tuple(settings.get("core", ()))})


def settings_of(expected: Expectations) -> dict[str, Any]:
    """Give what is stored of a stream's expectations."""
    return {**asdict(expected), "core": list(expected.core)}
