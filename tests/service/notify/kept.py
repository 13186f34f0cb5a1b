"""An outbox in memory, as the protocol describes one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.notify import Delivery


@dataclass
class Kept:
    delivery: Delivery
    next_at: float = 0.0
    dead: bool = False
    error: str = ""


class MemoryOutbox:
    def __init__(self) -> None:
        self.kept: dict[int, Kept] = {}

    def put(self, url: str, body: bytes) -> int:
        number = max(self.kept, default=0) + 1
        self.kept[number] = Kept(Delivery(number, url, body, 0))
        return number

    def due(self, now: float, limit: int) -> Sequence[Delivery]:
        oldest: dict[str, Kept] = {}
        for kept in self.kept.values():
            if not kept.dead:
                oldest.setdefault(kept.delivery.url, kept)
        return [kept.delivery for kept in oldest.values() if kept.next_at <= now][:limit]

    def delivered(self, id: int) -> None:  # noqa: A002
        del self.kept[id]

    def failed(self, id: int, error: str, next_at: float, dead: bool) -> None:  # noqa: A002
        kept = self.kept[id]
        attempted = replace(kept.delivery, attempts=kept.delivery.attempts + 1)
        self.kept[id] = Kept(attempted, next_at, dead, error)
