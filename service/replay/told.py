"""The alerts of a replay, each once: told as it fired, with how it ended."""

from __future__ import annotations

from typing import Any

from service.monitor.alerts import AlertChange
from service.monitor.segment import SegmentChange
from service.streams.telling import Teller


class ToldAlerts:
    """Follows alerts through their changes; those that never fired are only counted."""

    def __init__(self) -> None:
        self._documents: dict[str, dict[str, Any]] = {}
        self._begun: set[str] = set()

    @property
    def unconfirmed(self) -> int:
        """How many alerts were pending and never fired."""
        return len(self._begun - self._documents.keys())

    def take(self, change: AlertChange, teller: Teller) -> None:
        """Take the next change of an alert."""
        self._begun.add(change.id)
        if change.state == "firing":
            self._documents[change.id] = teller.alert(change)
        elif change.state == "resolved" and change.id in self._documents:
            self._documents[change.id] = teller.ended(change, self._documents[change.id])

    def propose(self, change: SegmentChange, teller: Teller) -> None:
        """Take a segment that was proposed."""
        document = teller.proposal(change)
        self._begun.add(document["id"])
        self._documents[document["id"]] = document

    def documents(self) -> list[dict[str, Any]]:
        """Give the documents of the alerts in the order in which they fired."""
        return sorted(self._documents.values(), key=lambda document: int(document["detected"]["comment"]))
