"""The segments a stream has shown: groups among comments that fit no circle."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select

from service.store.schema import segments
from service.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as it stands after the comment `updated_seq`; `id` names it within its stream."""

    stream: int
    id: str
    updated_seq: int
    document: Mapping[str, Any]


def of_stream(connection: Connection, stream: int) -> list[Segment]:
    """Give a stream's segments, the one that changed last first."""
    chosen = select(segments).where(segments.c.stream == stream)
    return [Segment(*row) for row in connection.execute(chosen.order_by(segments.c.updated_seq.desc(), segments.c.id))]


def write(connection: Connection, changed: Sequence[Segment]) -> None:
    """Write segments in order, each over the one of its id."""
    upsert(connection, segments, [asdict(each) for each in changed])
