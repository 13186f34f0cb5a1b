"""Where messages wait until they are delivered; the store keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way: `body` is to be posted to `url`, `attempts` have failed so far."""

    id: int
    url: str
    body: bytes
    attempts: int


class Outbox(Protocol):
    """Messages on their way, in the order of their ids. Times are of the wall clock, seconds since 1970.

    It is called from worker threads, and from more than one at a time.
    """

    def due(self, now: float, limit: int) -> Sequence[Delivery]:
        """Give at most `limit` deliveries to attempt: of each URL its oldest that is not dead, if its time has come.

        A later one of the same URL is not given before the oldest is delivered or dead, so that a receiver never
        learns of an alert's end before its beginning.
        """

    def delivered(self, id: int) -> None:  # noqa: A002  # the column's name
        """Take note that a delivery has arrived."""

    def failed(self, id: int, error: str, next_at: float, dead: bool) -> None:  # noqa: A002
        """Count a failed attempt and why it failed; the next is at `next_at`, or never where it is `dead`."""
