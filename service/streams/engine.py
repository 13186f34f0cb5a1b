"""The engine: accepted comments, in their order, are scored and watched, and what comes of it is kept.

Whatever a step does is in one transaction: after a kill the store has all of it or nothing, and the comments that were
not done are done again, with the same result.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from model import Scorer
from service.monitor.alerts import AlertState
from service.monitor.bucket_sums import sums_by_stream
from service.monitor.comments import Bools, Ints
from service.monitor.expectations import Expectations
from service.monitor.readings import Readings
from service.monitor.stream import StreamMonitor
from service.store.alerts import Alert, AlertFilter
from service.store.deliveries import NewDelivery
from service.store.record import Processed, ScoredRow
from service.store.series import SeriesSums
from service.store.store import Store
from service.store.streams import Stream
from service.streams.gathered import Gathered, Messages
from service.streams.history import StoredHistory
from service.streams.monitors import Monitors, Watched, settings_of
from service.streams.scored import late_of, layout_of, packed, score_comments
from service.streams.telling import Teller

#: Comments that are scored and watched together.
STEP = 2_000
#: Monitors kept in memory.
MOST_HOT = 1_500

_MOST_UNTOLD = 1_000  # alerts told at once when silences end

_OPEN: tuple[AlertState, ...] = ("pending", "firing")


class Engine:
    """The one that owns the streams of a store. Not thread safe: one step at a time.

    ``messages`` gives the deliveries that tell others of an alert's document.
    """

    def __init__(self, store: Store, *, messages: Messages = lambda document: (), most_hot: int = MOST_HOT) -> None:
        self.store = store
        self._messages = messages
        self._monitors = Monitors(store, most_hot)
        self._models: dict[str, int] = {}
        self.last_event = store.newest_event()  # the number of the event told last

    @property
    def hot(self) -> int:
        """How many monitors are in memory."""
        return len(self._monitors)

    def step(self, scorer: Scorer, limit: int = STEP) -> int:
        """Work through the oldest comments that wait, at most ``limit``; give how many there were.

        Raises `StoreError` where the store fails; nothing is lost then, and the next step begins where this one did.
        """
        waiting = self.store.pending(limit)
        if not waiting:
            return 0
        scored = score_comments(scorer, waiting)
        model = self._model(scorer)
        done = self.store.processed_seq()
        gathered = Gathered(self.store, self._messages)
        try:
            owners = np.array([comment.stream for comment in waiting], np.int64)
            order = np.argsort(owners, kind="stable")
            owners, late, readings = owners[order], late_of(waiting)[order], Readings.of(scored)[order]
            copies = np.zeros(len(owners), np.bool_)
            streams, first = np.unique(owners, return_index=True)
            known = self.store.streams_by_id(streams.tolist())
            for stream, rows in zip(streams.tolist(), _slices(first, len(owners)), strict=True):
                copies[rows] = self._watch(known[stream], scorer, readings[rows], late[rows], done, gathered)
            sums = sums_by_stream(owners, readings.comments, ~late, copies)
            gathered.series += [SeriesSums(stream, each.start, each.platform, each.sums) for stream, each in sums]
            self._record(
                Processed(
                    upto=waiting[-1].seq,
                    scores=[
                        ScoredRow(comment.seq, comment.stream, model, raw, copy)
                        for comment, raw, copy in zip(
                            waiting, packed(scored), copies[np.argsort(order)].tolist(), strict=True
                        )
                    ],
                    series=gathered.series,
                    alerts=list(gathered.alerts.values()),
                    events=sorted(gathered.events, key=lambda event: event.seq),  # as in any other batches
                    segments=gathered.segments,
                    snapshots=self._monitors.due(),
                    deliveries=gathered.deliveries,
                )
            )
        except BaseException:
            self._monitors.forget()  # they are ahead of the store
            raise
        return len(waiting)

    def park(self) -> None:
        """Keep the state of every monitor."""
        if snapshots := self._monitors.all_due():
            try:
                self.store.record(Processed(upto=self.store.processed_seq(), snapshots=snapshots))
            except BaseException:
                self._monitors.forget()
                raise

    def monitor(self, stream: Stream, scorer: Scorer) -> StreamMonitor:
        """Give the monitor of a stream, to be looked at."""
        return self._monitors.of(stream, scorer, self.store.processed_seq()).monitor

    def teller(self, stream: Stream, scorer: Scorer) -> Teller:
        """Give who tells of a stream's alerts and segments."""
        return _teller(self.monitor(stream, scorer), StoredHistory(self.store, stream.id), scorer)

    def expect(self, stream: Stream, expected: Expectations, scorer: Scorer) -> None:
        """Expect something else of a stream from its next comment on; what it learned before is given up.

        Its alerts that are not resolved end here.
        """
        done = self.store.processed_seq()
        before = self._monitors.of(stream, scorer, done)
        gathered = Gathered(self.store, self._messages)
        gathered.close(stream, self._open_alerts(stream), before.seq, "something else is expected from here on")
        fresh = StreamMonitor(stream.name, scorer.facet_names.circles, expected, scorer.mix_rates)
        snapshot = Watched(stream.id, fresh, done, 1).snapshot()
        self._monitors.forget([stream.id])
        self._record(
            Processed(
                upto=done,
                alerts=list(gathered.alerts.values()),
                events=gathered.events,
                snapshots=[snapshot],
                deliveries=gathered.deliveries,
                settings={stream.id: settings_of(expected)},
            )
        )

    def tell_untold(self) -> None:
        """Tell of the alerts that fire and no silence covers any more."""
        told: list[Alert] = []
        deliveries: list[NewDelivery] = []
        for alert in self.store.alerts(AlertFilter(state="firing", untold=True, limit=_MOST_UNTOLD)):
            if (messages := self._messages(alert.document)) is not None:
                told.append(replace(alert, untold=False))
                deliveries += messages
        if told:
            self._record(Processed(upto=self.store.processed_seq(), alerts=told, deliveries=deliveries))

    def remove(self, stream: Stream) -> None:
        """Delete a stream with everything it has; who was told that an alert of it fires is told that it ended."""
        gathered = Gathered(self.store, self._messages)
        gathered.close(stream, self._open_alerts(stream), stream.last_seq, "its stream was deleted")
        self._monitors.forget([stream.id])
        self._record(Processed(upto=self.store.processed_seq(), deliveries=gathered.deliveries))
        self.store.delete_stream(stream.name)

    def _record(self, processed: Processed) -> None:
        told = [number for number in self.store.record(processed) if number is not None]
        self.last_event = max(told, default=self.last_event)

    def _watch(
        self, stream: Stream, scorer: Scorer, readings: Readings, late: Bools, done: int, gathered: Gathered
    ) -> Bools:
        """Watch a stream's next comments, all but those that came late; give which are near-copies."""
        watched = self._monitors.of(stream, scorer, done)
        watched.seq = int(readings.comments.seq[-1])
        watched.unkept += len(readings)
        copies = np.zeros(len(readings), np.bool_)
        live = readings[np.flatnonzero(~late)] if late.any() else readings
        if len(live):
            outcome = watched.monitor.take(live)
            copies[~late] = outcome.copies
            if outcome.changes or outcome.segments:
                history = StoredHistory(self.store, stream.id, replace(live.comments, copy=outcome.copies))
                gathered.tell(stream, _teller(watched.monitor, history, scorer), outcome)
        return copies

    def _open_alerts(self, stream: Stream) -> list[Alert]:
        return [
            alert
            for state in _OPEN
            for alert in self.store.alerts(AlertFilter(stream=stream.id, state=state, limit=1_000))
        ]

    def _model(self, scorer: Scorer) -> int:
        if scorer.version not in self._models:
            self._models[scorer.version] = self.store.model_id(scorer.version, layout_of(scorer))
        return self._models[scorer.version]


def _slices(first: Ints, length: int) -> list[slice]:
    """Give the slices that begin at the places ``first``, each up to the next."""
    return [slice(start, end) for start, end in pairwise([*first.tolist(), length])]


def _teller(monitor: StreamMonitor, history: StoredHistory, scorer: Scorer) -> Teller:
    return Teller(monitor, history, scorer.words, scorer.mix_rates)
