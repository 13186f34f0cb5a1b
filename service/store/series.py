"""Sums over stretches of event time, for each stream and platform."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sqlalchemy import Connection, select

from service.store.chunks import chunks
from service.store.schema import series
from service.store.upsert import upsert

_Key = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class SeriesSums:
    """Sums over the stretch that begins at `start` (seconds), of one platform, "" where it is not known."""

    stream: int
    start: int
    platform: str
    sums: Sequence[float]

    @property
    def key(self) -> _Key:
        """What these sums are of."""
        return (self.stream, self.start, self.platform)


def between(connection: Connection, stream: int, start: float, end: float) -> list[SeriesSums]:
    """Give a stream's sums of the stretches that begin at `start` or later and before `end`, by time and platform."""
    chosen = select(series).where(series.c.stream == stream, series.c.start >= start, series.c.start < end)
    rows = connection.execute(chosen.order_by(series.c.start, series.c.platform))
    return [SeriesSums(row.stream, row.start, row.platform, tuple(row.sums)) for row in rows]


def add(connection: Connection, added: Sequence[SeriesSums]) -> None:
    """Add sums to those that are there; where one of the two is longer, the other counts as zero there."""
    totals = _present(connection, added)
    for each in added:
        totals[each.key] = [a + b for a, b in zip_longest(totals.get(each.key, ()), each.sums, fillvalue=0.0)]
    upsert(
        connection,
        series,
        [
            {"stream": stream, "start": start, "platform": platform, "sums": sums}
            for (stream, start, platform), sums in totals.items()
        ],
    )


def _present(connection: Connection, added: Iterable[SeriesSums]) -> dict[_Key, list[float]]:
    # By stream and start alone, since SQLite finds rows by triples only by reading the whole table.
    starts: dict[int, set[int]] = {}
    for each in added:
        starts.setdefault(each.stream, set()).add(each.start)
    wanted = {each.key for each in added}
    found = {}
    for stream, theirs in starts.items():
        for some in chunks(sorted(theirs)):
            for row in connection.execute(select(series).where(series.c.stream == stream, series.c.start.in_(some))):
                if (row.stream, row.start, row.platform) in wanted:
                    found[row.stream, row.start, row.platform] = list(row.sums)
    return found
