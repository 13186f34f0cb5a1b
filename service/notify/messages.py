"""What a webhook is told of an alert: Alertmanager's API v2 to an Alertmanager, its webhook payload to all others.

Sources: `postableAlerts` in Alertmanager's ``api/v2/openapi.yaml``, and the payload of its ``webhook_config``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

ALERTMANAGER = "/api/v2/alerts"
"""What the path of an Alertmanager ends in."""

RECEIVER = "poquan"
GROUPED_BY = ("alertname", "stream")

FIRING_FOR = timedelta(days=30)
"""How long an Alertmanager keeps a firing alert that is not told of again; without an end it gives up after minutes."""

_NO_END = "0001-01-01T00:00:00Z"  # the zero time of Go, which the payload has where an alert goes on
_ADDED = ("onset", "detected", "explanation")  # beyond Alertmanager's payload: why the alert is there


def alert_message(
    document: Mapping[str, Any], address: str, now: datetime, *, generator_url: str = "", external_url: str = ""
) -> bytes:
    """Give the JSON body that tells `address` of an alert which fires or is resolved.

    An `address` whose path ends in ``/api/v2/alerts`` gets a list of one alert, any other the payload of Alertmanager's
    webhooks, version 4, with ``onset``, ``detected`` and ``explanation`` of the document added to the alert. `now` is
    aware; `generator_url` is where the alert can be seen, `external_url` where the service can be reached. Raises
    ValueError for a pending alert, of which nobody is told.
    """
    if document["state"] not in ("firing", "resolved"):
        raise ValueError(
            f"The alert {document.get('fingerprint')} is {document['state']}, which no webhook is told of; "
            "pass alerts that are firing or resolved."
        )
    import httpx  # here: without webhooks nothing of it is needed

    if httpx.URL(address).path.rstrip("/").endswith(ALERTMANAGER):
        return orjson.dumps([_postable(document, now, generator_url)])
    return orjson.dumps(_payload(document, generator_url, external_url))


def _postable(document: Mapping[str, Any], now: datetime, generator_url: str) -> dict[str, Any]:
    end = now + FIRING_FOR
    if document["state"] == "resolved":  # an end after the present, by a skewed clock, would let it fire on
        end = min(_time(document["endsAt"] or document["startsAt"]), now)
    start = min(_time(document["startsAt"]), end)
    alert = {
        "labels": _texts(document["labels"]),
        "annotations": _texts(document.get("annotations", {})),
        "startsAt": start.isoformat(),
        "endsAt": end.isoformat(),
    }
    return alert | ({"generatorURL": generator_url} if generator_url else {})


def _payload(document: Mapping[str, Any], generator_url: str, external_url: str) -> dict[str, Any]:
    labels, annotations = _texts(document["labels"]), _texts(document.get("annotations", {}))
    group = {name: labels[name] for name in GROUPED_BY if name in labels}
    alert = {
        "status": document["state"],
        "labels": labels,
        "annotations": annotations,
        "startsAt": document["startsAt"],
        "endsAt": document["endsAt"] if document["state"] == "resolved" else _NO_END,
        "generatorURL": generator_url,
        "fingerprint": document["fingerprint"],
    }
    return {
        "version": "4",
        "groupKey": "{}:{" + ", ".join(f"{name}={_quoted(value)}" for name, value in group.items()) + "}",
        "truncatedAlerts": 0,
        "status": document["state"],
        "receiver": RECEIVER,
        "groupLabels": group,
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": external_url,
        "alerts": [alert | {name: document[name] for name in _ADDED if name in document}],
    }


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    """The values as text; one that is None or empty is the same as none, for Alertmanager too."""
    texts = {name: "" if value is None else str(value) for name, value in given.items()}
    return {name: text for name, text in texts.items() if text}


def _quoted(value: str) -> str:
    return orjson.dumps(value).decode()


def _time(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
