"""The engine: accepted comments, in their order, are scored and watched, and what comes of it is kept.

Whatever a step does is in one transaction: after a kill the store has all of it or nothing, and the comments that were
not done are done again, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from model import Scorer
from service.monitor.alerts import AlertChange
from service.monitor.bucket_sums import sums_of
from service.monitor.comments import Bools, ScoredComments
from service.monitor.expectations import Expectations
from service.monitor.segment import SegmentChange
from service.monitor.stream import Outcome, StreamMonitor
from service.store.alerts import Alert, AlertFilter
from service.store.deliveries import NewDelivery
from service.store.events import NewEvent
from service.store.record import Processed, ScoredRow
from service.store.segments import Segment
from service.store.series import SeriesSums
from service.store.store import Store
from service.store.streams import Stream
from service.streams.history import StoredHistory
from service.streams.monitors import Monitors, Watched, settings_of
from service.streams.scored import late_of, layout_of, packed, score_comments
from service.streams.telling import Teller, iso

#: Comments that are scored and watched together.
STEP = 2_000
#: Monitors kept in memory.
MOST_HOT = 1_500

Messages = Callable[[dict[str, object]], Sequence[NewDelivery]]


@dataclass(slots=True)
class _Gathered:
    """What a step has come to so far."""

    series: list[SeriesSums] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    deliveries: list[NewDelivery] = field(default_factory=list)


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
        scored, late = score_comments(scorer, waiting), late_of(waiting)
        model = self._model(scorer)
        done = self.store.processed_seq()
        owners = np.array([comment.stream for comment in waiting], np.int64)
        streams = self.store.streams_by_id(np.unique(owners).tolist())
        gathered = _Gathered()
        try:
            for stream in streams.values():
                rows = np.flatnonzero(owners == stream.id)
                self._watch(stream, scorer, scored[rows], late[rows], done, gathered)
            self._record(
                Processed(
                    upto=waiting[-1].seq,
                    scores=[
                        ScoredRow(comment.seq, comment.stream, model, raw)
                        for comment, raw in zip(waiting, packed(scored), strict=True)
                    ],
                    series=gathered.series,
                    alerts=gathered.alerts,
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
        return Teller(self.monitor(stream, scorer), StoredHistory(self.store, stream.id), scorer.segmenter.cut)

    def expect(self, stream: Stream, expected: Expectations, scorer: Scorer) -> None:
        """Expect something else of a stream from its next comment on; what it learned before is given up.

        Its alerts that are not resolved end here.
        """
        done = self.store.processed_seq()
        before = self._monitors.of(stream, scorer, done)
        gathered = _Gathered()
        self._close(stream, before.seq, "something else is expected from here on", gathered)
        self.store.change_settings(stream.name, settings_of(expected))
        fresh = StreamMonitor(stream.name, scorer.facet_names.circles, expected, scorer.mix_rates)
        snapshot = Watched(stream.id, fresh, done, 1).snapshot()
        self._monitors.forget([stream.id])
        self._record(
            Processed(
                upto=done,
                alerts=gathered.alerts,
                events=gathered.events,
                snapshots=[snapshot],
                deliveries=gathered.deliveries,
            )
        )

    def remove(self, stream: Stream) -> None:
        """Delete a stream with everything it has; who was told that an alert of it fires is told that it ended."""
        gathered = _Gathered()
        self._close(stream, stream.last_seq, "its stream was deleted", gathered)
        self._monitors.forget([stream.id])
        self._record(Processed(upto=self.store.processed_seq(), deliveries=gathered.deliveries))
        self.store.delete_stream(stream.name)

    def _record(self, processed: Processed) -> None:
        told = [number for number in self.store.record(processed) if number is not None]
        self.last_event = max(told, default=self.last_event)

    def _watch(
        self, stream: Stream, scorer: Scorer, batch: ScoredComments, late: Bools, done: int, gathered: _Gathered
    ) -> None:
        watched = self._monitors.of(stream, scorer, done)
        on_time = np.flatnonzero(~late)
        live = batch[on_time]
        core = watched.monitor.core
        outcome = watched.monitor.update(live) if len(live) else Outcome()
        watched.seq = int(batch.seq[-1])
        watched.unkept += len(batch)
        copies = np.zeros(len(batch), np.bool_)
        copies[on_time] = outcome.copies
        gathered.series += [
            SeriesSums(stream.id, each.start, each.platform, each.sums) for each in sums_of(batch, ~late, copies)
        ]
        if outcome.changes or outcome.segments:
            history = StoredHistory(self.store, stream.id, live)
            if _needs_its_moment(outcome, live, core != watched.monitor.core):
                monitor = self._monitors.anew(stream, scorer, done)
                teller = Teller(monitor, history, scorer.segmenter.cut)
                for piece in _up_to_each_change(outcome, live):
                    self._tell(stream, teller, monitor.update(piece), gathered)
            else:
                self._tell(stream, Teller(watched.monitor, history, scorer.segmenter.cut), outcome, gathered)

    def _tell(self, stream: Stream, teller: Teller, outcome: Outcome, gathered: _Gathered) -> None:
        for change in sorted(_changes(outcome), key=lambda each: each.seq):
            if isinstance(change, AlertChange):
                self._tell_alert(stream, teller, change, gathered)
            else:
                self._tell_proposal(stream, teller, change, gathered)

    def _tell_alert(self, stream: Stream, teller: Teller, change: AlertChange, gathered: _Gathered) -> None:
        document = teller.alert(change)
        gathered.alerts.append(_alert(stream.id, change, document))
        gathered.events.append(NewEvent(stream.id, f"alert.{change.state}", change.seq, change.time, document))
        if change.state != "pending" and change.reason != "not confirmed":
            gathered.deliveries += self._messages(document)

    def _tell_proposal(self, stream: Stream, teller: Teller, proposed: SegmentChange, gathered: _Gathered) -> None:
        document = teller.proposal(proposed)
        segment = document["segment"]
        gathered.segments.append(Segment(stream.id, segment["id"], proposed.seq, segment))
        gathered.alerts.append(_proposal(stream.id, proposed.seq, proposed.time, document))
        gathered.events.append(NewEvent(stream.id, "alert.firing", proposed.seq, proposed.time, document))
        gathered.deliveries += self._messages(document)

    def _close(self, stream: Stream, seq: int, reason: str, gathered: _Gathered) -> None:
        """Resolve every alert of a stream that is not resolved."""
        for state in ("pending", "firing"):
            for alert in self.store.alerts(AlertFilter(stream=stream.id, state=state, limit=1_000)):
                end = max(alert.starts_at, alert.starts_at if stream.watermark is None else stream.watermark)
                document = {**alert.document, "state": "resolved", "endsAt": iso(end), "reason": reason}
                gathered.alerts.append(
                    replace(alert, state="resolved", ends_at=end, document=document, updated_seq=seq)
                )
                gathered.events.append(NewEvent(stream.id, "alert.resolved", seq, end, document))
                if state == "firing":
                    gathered.deliveries += self._messages(document)

    def _model(self, scorer: Scorer) -> int:
        if scorer.version not in self._models:
            self._models[scorer.version] = self.store.model_id(scorer.version, layout_of(scorer))
        return self._models[scorer.version]


def _needs_its_moment(outcome: Outcome, live: ScoredComments, has_core_since: bool) -> bool:
    """Tell whether what is told of a change depends on the monitor as it was at the change, not after the batch.

    Those are the groups of copies, the members of a segment, and the core where it came to be known in the batch: what
    is told must not depend on how comments came in batches.
    """
    last = int(live.seq[-1])
    changes = any(
        change.seq < last and (has_core_since or change.labels["alertname"] == "coordinated")
        for change in outcome.changes
    )
    return changes or any(change.seq < last for change in outcome.segments)


def _changes(outcome: Outcome) -> list[AlertChange | SegmentChange]:
    return [*outcome.changes, *outcome.segments]


def _up_to_each_change(outcome: Outcome, live: ScoredComments) -> Iterator[ScoredComments]:
    """Give the batch in pieces that end where something changed, up to the last change."""
    seqs = sorted({change.seq for change in _changes(outcome)})
    start = 0
    for end in np.searchsorted(live.seq, seqs, side="right").tolist():
        yield live[start:end]
        start = end


def _alert(stream: int, change: AlertChange, document: dict[str, object]) -> Alert:
    return Alert(
        id=change.id,
        stream=stream,
        fingerprint=change.fingerprint,
        alertname=change.labels["alertname"],
        state=change.state,
        severity=change.severity,
        starts_at=change.started,
        ends_at=change.time if change.state == "resolved" else None,
        updated_seq=change.seq,
        document=document,
    )


def _proposal(stream: int, seq: int, at: float, document: dict[str, object]) -> Alert:
    return Alert(
        id=str(document["id"]),
        stream=stream,
        fingerprint=str(document["fingerprint"]),
        alertname="new_segment",
        state="firing",
        severity="info",
        starts_at=at,
        ends_at=None,
        updated_seq=seq,
        document=document,
    )
