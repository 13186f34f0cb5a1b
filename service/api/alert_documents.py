"""An alert as a reply tells it: its document, with how it stands beside."""

from collections.abc import Sequence
from typing import Any

from service.store.alerts import Alert
from service.store.silences import Silence
from service.streams.messages import covers
from service.streams.telling import iso

LONG = ("explanation",)
"""What only the reply about one alert has."""


def alert_document(alert: Alert, stream: str, silences: Sequence[Silence], *, whole: bool = False) -> dict[str, Any]:
    """An alert of the stream called so; ``silences`` are those in force, ``whole`` is with the explanation."""
    document = {name: value for name, value in alert.document.items() if whole or name not in LONG}
    status = {
        "state": document.pop("state"),
        "silencedBy": [silence.id for silence in silences if covers(silence, document["labels"])],
        "acknowledged": acknowledgement(alert),
    }
    return {**document, "id": alert.id, "stream": stream, "status": status}


def acknowledgement(alert: Alert) -> dict[str, Any] | None:
    """Who has seen an alert, and when (ISO 8601); None where nobody has."""
    seen = alert.acknowledged
    return None if seen is None else {**seen, "at": iso(seen["at"])}
