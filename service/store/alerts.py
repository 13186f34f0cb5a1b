"""Alerts, kept for ever, as long as their stream is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select, tuple_, update

from service.monitor.alerts import AlertState, Severity
from service.monitor.watch import UNCONFIRMED
from service.store.chunks import chunks
from service.store.schema import alerts
from service.store.texts import storable
from service.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands after the comment `updated_seq`; times are event times in seconds.

    ``ends_at`` is None until it is resolved; ``document`` has the labels, annotations and the explanation.
    ``acknowledged`` tells ``who``, ``at`` (wall clock) and a ``note``; writing an alert leaves it as it is. ``untold``
    is one that fires and nobody has been told of, since a silence covers it.
    """

    id: str
    stream: int
    fingerprint: str
    alertname: str
    state: AlertState
    severity: Severity
    starts_at: float
    ends_at: float | None
    updated_seq: int
    document: Mapping[str, Any]
    acknowledged: Mapping[str, Any] | None = None
    untold: bool = False


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are asked for; None asks for all. `since` and `until` ask for those active between the two.

    `confirmed` leaves out those that were pending and never fired. `before` is the (starts_at, id) of the last alert of
    the page before this one.
    """

    stream: int | None = None
    alertname: str | None = None
    state: AlertState | None = None
    severity: Severity | None = None
    fingerprint: str | None = None
    untold: bool | None = None
    since: float | None = None
    until: float | None = None
    confirmed: bool = False
    before: tuple[float, str] | None = None
    limit: int = 100


def find(connection: Connection, id: str) -> Alert | None:  # noqa: A002  # the column's name
    """Give the alert of that id."""
    row = connection.execute(select(alerts).where(alerts.c.id == storable(id))).one_or_none()
    return None if row is None else Alert(*row)


def choose(connection: Connection, asked: AlertFilter) -> list[Alert]:
    """Give the alerts asked for, the one that began last first."""
    chosen = _where(select(alerts), asked).order_by(alerts.c.starts_at.desc(), alerts.c.id.desc()).limit(asked.limit)
    return [Alert(*row) for row in connection.execute(chosen)]


def firing(connection: Connection, streams: Iterable[int]) -> Counter[int]:
    """Count the alerts that fire of each of these streams."""
    found: Counter[int] = Counter()
    for some in chunks(sorted(set(streams))):
        of = alerts.c.stream
        chosen = select(of, func.count()).where(alerts.c.state == "firing", of.in_(some)).group_by(of)
        for stream, number in connection.execute(chosen):
            found[stream] = number
    return found


def write(connection: Connection, changed: Sequence[Alert]) -> None:
    """Write alerts in order, each over the one of its id."""
    columns = [column.name for column in alerts.columns if column.name != "acknowledged"]
    upsert(connection, alerts, [{name: getattr(each, name) for name in columns} for each in changed])


def acknowledge(connection: Connection, id: str, who: str, note: str, at: float) -> Alert | None:  # noqa: A002
    """Note who has seen an alert; None where there is no such alert."""
    seen = {"who": storable(who), "at": at, "note": storable(note)}
    connection.execute(update(alerts).where(alerts.c.id == storable(id)).values(acknowledged=seen))
    return find(connection, id)


def _where(chosen: Select[Any], asked: AlertFilter) -> Select[Any]:
    for name in ("stream", "alertname", "state", "severity", "fingerprint", "untold"):
        if (value := getattr(asked, name)) is not None:
            chosen = chosen.where(alerts.c[name] == (storable(value) if isinstance(value, str) else value))
    if asked.since is not None:
        chosen = chosen.where(or_(alerts.c.ends_at.is_(None), alerts.c.ends_at >= asked.since))
    if asked.until is not None:
        chosen = chosen.where(alerts.c.starts_at < asked.until)
    if asked.confirmed:
        reason = alerts.c.document["reason"].as_string()
        chosen = chosen.where(or_(alerts.c.state != "resolved", reason.is_(None), reason != UNCONFIRMED))
    if asked.before is not None:
        chosen = chosen.where(
            tuple_(alerts.c.starts_at, alerts.c.id) < tuple_(asked.before[0], storable(asked.before[1]))
        )
    return chosen
