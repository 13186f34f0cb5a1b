"""What a step of the engine comes to, gathered to be recorded in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from service.monitor.alerts import AlertChange
from service.monitor.segment import SegmentChange
from service.monitor.stream import Outcome
from service.monitor.watch import UNCONFIRMED
from service.store.alerts import Alert
from service.store.deliveries import NewDelivery
from service.store.events import NewEvent
from service.store.segments import Segment
from service.store.series import SeriesSums
from service.store.store import Store
from service.store.streams import Stream
from service.streams.telling import Teller, iso

#: Gives the deliveries that tell others of an alert's document; None where a silence covers it.
Messages = Callable[[Mapping[str, Any]], Sequence[NewDelivery] | None]


@dataclass(slots=True)
class Gathered:
    """What is to be recorded, in the order it came; ``store`` holds what was recorded before."""

    store: Store
    messages: Messages
    series: list[SeriesSums] = field(default_factory=list)
    alerts: dict[str, Alert] = field(default_factory=dict)  # by id, as they stand last
    events: list[NewEvent] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    deliveries: list[NewDelivery] = field(default_factory=list)

    def tell(self, stream: Stream, teller: Teller, outcome: Outcome) -> None:
        """Take in the changes of a stream's alerts and segments, in the order of their comments."""
        changes: list[AlertChange | SegmentChange] = [*outcome.changes, *outcome.segments]
        for change in sorted(changes, key=lambda each: each.seq):
            if isinstance(change, SegmentChange):
                self._propose(stream, teller, change)
            else:
                self._tell_alert(stream, teller, change)

    def close(self, stream: Stream, open_alerts: Iterable[Alert], seq: int, reason: str) -> None:
        """Resolve alerts of a stream, at the place ``seq``."""
        for alert in open_alerts:
            end = max(alert.starts_at, alert.starts_at if stream.watermark is None else stream.watermark)
            document = {**alert.document, "state": "resolved", "endsAt": iso(end), "reason": reason}
            closed = replace(alert, state="resolved", ends_at=end, document=document, updated_seq=seq, untold=False)
            self._take(stream, closed, end, to_others=alert.state == "firing" and not alert.untold)

    def _tell_alert(self, stream: Stream, teller: Teller, change: AlertChange) -> None:
        ended = change.state == "resolved"
        begun = self._known(change.id) if ended else None
        document = teller.ended(change, None if begun is None else begun.document) if ended else teller.alert(change)
        alert = Alert(
            id=change.id,
            stream=stream.id,
            fingerprint=change.fingerprint,
            alertname=change.labels["alertname"],
            state=change.state,
            severity=change.severity,
            starts_at=change.started,
            ends_at=change.time if ended else None,
            updated_seq=change.seq,
            document=document,
        )
        was_told = begun is None or not begun.untold
        fired = change.state != "pending" and change.reason != UNCONFIRMED
        self._take(stream, alert, change.time, to_others=fired and was_told)

    def _propose(self, stream: Stream, teller: Teller, change: SegmentChange) -> None:
        document = teller.proposal(change)
        self.segments.append(Segment(stream.id, change.segment.id, change.seq, document["segment"]))
        alert = Alert(
            id=document["id"],
            stream=stream.id,
            fingerprint=document["fingerprint"],
            alertname="new_segment",
            state="firing",
            severity="info",
            starts_at=change.time,
            ends_at=None,
            updated_seq=change.seq,
            document=document,
        )
        self._take(stream, alert, change.time, to_others=True)

    def _take(self, stream: Stream, alert: Alert, time: float, *, to_others: bool) -> None:
        messages = self.messages(alert.document) if to_others else ()
        self.alerts[alert.id] = replace(alert, untold=messages is None and alert.state == "firing")
        self.deliveries += messages or ()
        self.events.append(NewEvent(stream.id, f"alert.{alert.state}", alert.updated_seq, time, alert.document))

    def _known(self, alert_id: str) -> Alert | None:
        """Give an alert as it stands."""
        return self.alerts.get(alert_id) or self.store.alert(alert_id)
