"""Messages on their way to webhooks; see service/notify/outbox.py for who takes them from here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from service.notify.outbox import Delivery
from service.store.schema import deliveries


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A message to be posted to `url`, not before `next_at` (wall clock)."""

    url: str
    body: bytes
    next_at: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, and the last error."""

    id: int
    url: str
    body: bytes
    attempts: int
    error: str | None


def add(connection: Connection, messages: Sequence[NewDelivery]) -> None:
    """Put messages on their way."""
    if messages:
        connection.execute(insert(deliveries), [asdict(each) for each in messages])


def due(connection: Connection, now: float, limit: int) -> list[Delivery]:
    """Give at most `limit` messages to attempt: of each URL its oldest that is not dead, if its time has come."""
    oldest = select(func.min(deliveries.c.id)).where(~deliveries.c.dead).group_by(deliveries.c.url)
    chosen = select(deliveries.c.id, deliveries.c.url, deliveries.c.body, deliveries.c.attempts).where(
        deliveries.c.id.in_(oldest), deliveries.c.next_at <= now
    )
    return [Delivery(*row) for row in connection.execute(chosen.order_by(deliveries.c.id).limit(limit))]


def delivered(connection: Connection, id: int) -> None:  # noqa: A002  # the column's name
    """Take a message away that has arrived."""
    connection.execute(delete(deliveries).where(deliveries.c.id == id))


def failed(connection: Connection, id: int, error: str, next_at: float, dead: bool) -> None:  # noqa: A002
    """Count a failed attempt; the next is at `next_at`, or never where the message is `dead`."""
    counted = {"attempts": deliveries.c.attempts + 1, "error": error, "next_at": next_at, "dead": dead}
    connection.execute(update(deliveries).where(deliveries.c.id == id).values(counted))


def dead_letters(connection: Connection, after: int, limit: int) -> list[DeadLetter]:
    """Give at most `limit` dead messages in the order of their ids, those behind the id `after`."""
    columns = (deliveries.c[name] for name in ("id", "url", "body", "attempts", "error"))
    chosen = select(*columns).where(deliveries.c.dead, deliveries.c.id > after)
    return [DeadLetter(*row) for row in connection.execute(chosen.order_by(deliveries.c.id).limit(limit))]


def retry_dead(connection: Connection, now: float) -> int:
    """Put every dead message on its way again, with no attempt counted; how many there were."""
    again = {"dead": False, "attempts": 0, "next_at": now}
    return connection.execute(update(deliveries).where(deliveries.c.dead).values(again)).rowcount
