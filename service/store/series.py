"""Sums over stretches of event time, for each stream and platform."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import orjson
from sqlalchemy import Connection, select, text

from service.store.schema import series
from service.store.upsert import upsert

_Key = tuple[int, int, str]

_COLUMNS = (series.c.stream, series.c.start, series.c.platform, series.c.sums)
# The rows at the pairs (stream, start): each a look into the index, whatever a planner thinks of the table's size.
_AT = {
    "sqlite": text(
        "SELECT s.stream, s.start, s.platform, s.sums FROM json_each(:places) AS asked CROSS JOIN series AS s "
        "WHERE s.stream = json_extract(asked.value, '$[0]') AND s.start = json_extract(asked.value, '$[1]')"
    ).columns(*_COLUMNS),
    "postgresql": text(
        "SELECT s.stream, s.start, s.platform, s.sums FROM json_array_elements(CAST(:places AS json)) AS asked "
        "JOIN series AS s ON s.stream = CAST(asked ->> 0 AS bigint) AND s.start = CAST(asked ->> 1 AS bigint)"
    ).columns(*_COLUMNS),
}


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
    wanted = {each.key for each in added}
    places = orjson.dumps(sorted({(stream, start) for stream, start, _ in wanted})).decode()
    found = connection.execute(_AT[connection.dialect.name], {"places": places})
    totals = {(row.stream, row.start, row.platform): list(row.sums) for row in found}
    return {key: sums for key, sums in totals.items() if key in wanted}
