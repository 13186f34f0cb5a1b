"""`/alerts`: what was found in the streams, for ever; seen and acknowledged here."""

import base64
import binascii
import time
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.requests import Request

from service.api.alert_documents import acknowledgement, alert_document
from service.api.alert_schema import Acknowledgement, Alert, AlertPage
from service.api.asked import Bounds, KnownStream, Streams, known_stream
from service.api.documents import not_allowed, read_document
from service.api.moments import read_moment
from service.api.parameters import ONLY_KNOWN
from service.api.problem import Problem
from service.api.stream_replies import body_of, replies, stream_replies
from service.monitor.alerts import ALERTNAMES, AlertState, Severity
from service.store.alerts import Alert as StoredAlert
from service.store.alerts import AlertFilter
from service.store.store import Store
from service.store.streams import LONGEST_NAME

router = APIRouter(tags=["alerts"], dependencies=[ONLY_KNOWN])

_NO_END_BEFORE = 1e15  # later than any alert can end: those without an end are left

AlertId = Annotated[str, Path(alias="id", description="The alert's id.", max_length=100)]
_NO_ALERT = {"s404": "There is no such alert."}


class Asked(BaseModel):
    """Which alerts are asked for."""

    alertname: Annotated[Literal[ALERTNAMES] | None, Query(description="What it is about.")] = None  # type: ignore[valid-type]
    state: Annotated[AlertState | None, Query(description="pending, firing or resolved.")] = None
    severity: Annotated[Severity | None, Query(description="info, warning or critical.")] = None
    fingerprint: Annotated[str | None, Query(max_length=64, description="That of its labels.")] = None
    since: Annotated[str | None, Query(description="Those that had not ended by this time (ISO 8601).")] = None
    until: Annotated[str | None, Query(description="Those that had begun before this time.")] = None
    active: Annotated[bool, Query(description="Only those that are pending or firing.")] = False
    confirmed: Annotated[
        bool, Query(description="false gives those too that were pending and never fired (reason: not confirmed).")
    ] = True
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None
    limit: Annotated[int, Query(ge=1, le=1_000, description="Most to give.")] = 100

    def filter(self) -> AlertFilter:
        """The same as the store is asked. Raises a 422 `Problem`."""
        since = None if self.since is None else read_moment(self.since, "since")
        return AlertFilter(
            alertname=self.alertname,
            state=self.state,
            severity=self.severity,
            fingerprint=self.fingerprint,
            since=_NO_END_BEFORE if self.active else since,
            until=None if self.until is None else read_moment(self.until, "until"),
            confirmed=self.confirmed,
            before=None if self.cursor is None else _place(self.cursor),
            limit=self.limit,
        )


class AskedOfAll(Asked):
    """The same where the alerts are those of all streams."""

    stream: Annotated[str | None, Query(max_length=LONGEST_NAME, description="Only those of the stream.")] = None


Again = Annotated[bool, Query(description="Put this note in the place of one that is there.")]


@router.get(
    "/alerts", responses=replies(AlertPage, "A page of alerts.", s404="There is no stream of the name asked for.")
)
async def list_alerts(streams: Streams, asked: Annotated[AskedOfAll, Query()]) -> dict[str, Any]:
    """The alerts of all streams or of one, the one that began last first; without their explanations."""
    chosen = asked.filter()
    if asked.stream is not None:
        chosen = replace(chosen, stream=(await known_stream(asked.stream, streams)).id)
    return await streams.ask(lambda store: _page(store, chosen))


@router.get("/streams/{stream}/alerts", responses=stream_replies(AlertPage, "A page of alerts."))
async def list_alerts_of_stream(
    known: KnownStream, streams: Streams, asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """The alerts of a stream, the one that began last first; without their explanations."""
    chosen = replace(asked.filter(), stream=known.id)
    return await streams.ask(lambda store: _page(store, chosen))


@router.get("/alerts/{id}", responses=replies(Alert, "The alert.", **_NO_ALERT))
async def get_alert(name: AlertId, streams: Streams) -> dict[str, Any]:
    """An alert with its explanation."""
    return await streams.ask(lambda store: _whole(store, store.alert(name), name))


@router.post(
    "/alerts/{id}/acknowledge",
    responses=replies(Alert, "The alert as it stands now.", **_NO_ALERT, s409="Somebody has acknowledged it before."),
    openapi_extra=body_of(Acknowledgement, {"who": "mei", "note": "已联系发行，今晚回复"}),
)
async def acknowledge(
    request: Request, name: AlertId, streams: Streams, bounds: Bounds, again: Again = False
) -> dict[str, Any]:
    """Note that somebody has seen an alert and looks after it; the first note stands, unless `again` is true."""
    seen = await read_document(request, Acknowledgement, bounds.max_bytes)
    return await streams.ask(lambda store: _acknowledged(store, name, seen, again=again))


def _page(store: Store, asked: AlertFilter) -> dict[str, Any]:
    found, silences = store.alerts(asked), store.silences(time.time())
    names = {stream.id: stream.name for stream in store.streams_by_id({alert.stream for alert in found}).values()}
    return {
        "alerts": [alert_document(alert, names.get(alert.stream, ""), silences) for alert in found],
        "next": _cursor(found[-1]) if len(found) == asked.limit else None,
    }


def _acknowledged(store: Store, name: str, seen: Acknowledgement, *, again: bool) -> dict[str, Any]:
    known = store.alert(name)
    if known is not None and (before := acknowledgement(known)) and not again:
        detail = (
            f"{before['who']} acknowledged this alert at {before['at']}; send ?again=true to put another note in the "
            "place of that one."
        )
        raise Problem(409, detail, kind="acknowledged", title="Acknowledged before", acknowledged=before)
    return _whole(store, store.acknowledge(name, seen.who, seen.note, time.time()), name)


def _whole(store: Store, alert: StoredAlert | None, name: str) -> dict[str, Any]:
    if alert is None:
        detail = f"There is no alert {name!r}; GET /alerts lists those there are."
        raise Problem(404, detail, kind="no-alert", title="No such alert")
    (stream,) = store.streams_by_id([alert.stream]).values()
    return alert_document(alert, stream.name, store.silences(time.time()), whole=True)


def _cursor(alert: StoredAlert) -> str:
    return base64.urlsafe_b64encode(f"{alert.starts_at!r} {alert.id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[float, str]:
    try:
        starts_at, _, name = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        return float(starts_at), name
    except (ValueError, binascii.Error):
        raise not_allowed(
            "cursor", cursor, "cursor must be what `next` of the page before was; send it as it was."
        ) from None
