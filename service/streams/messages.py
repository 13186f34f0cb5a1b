"""Which alerts are told to webhooks: those that fire or are resolved, unless a silence covers them.

One that begins to fire under a silence is told when the silence ends, if it still fires then; of its end nobody is told
who was not told of its beginning.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from service.notify.messages import alert_message
from service.store.deliveries import NewDelivery
from service.store.silences import Silence
from service.store.store import Store


class Messenger:
    """Writes the messages that tell ``addresses`` of alerts; ``external_url`` is where the service can be reached."""

    def __init__(
        self, store: Store, addresses: Sequence[str], external_url: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._addresses = addresses
        self._external_url = external_url.rstrip("/")
        self._clock = clock

    def messages(self, document: Mapping[str, Any]) -> list[NewDelivery] | None:
        """Give the deliveries that tell of an alert; None where a silence covers it."""
        if not self._addresses:
            return []
        now = self._clock()
        if any(covers(silence, document["labels"]) for silence in self._store.silences(now)):
            return None
        seen_at = f"{self._external_url}/alerts/{document['id']}" if self._external_url else ""
        moment = datetime.fromtimestamp(now, UTC)
        return [
            NewDelivery(
                address,
                alert_message(document, address, moment, generator_url=seen_at, external_url=self._external_url),
                now,
            )
            for address in self._addresses
        ]


def covers(silence: Silence, labels: Mapping[str, str]) -> bool:
    """Tell whether a silence holds for an alert: all its matchers fit, as Alertmanager has them fit."""
    return all(_fits(matcher, labels.get(matcher["name"], "")) for matcher in silence.matchers)


def _fits(matcher: Mapping[str, Any], value: str) -> bool:
    wanted = matcher["value"]
    same = re.fullmatch(wanted, value) is not None if matcher.get("isRegex") else value == wanted
    return same is bool(matcher.get("isEqual", True))
