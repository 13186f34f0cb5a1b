"""A monitor's state after its stream's comments up to some place: what a restart goes on from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from service.store.schema import snapshots
from service.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The packed state of a stream that has seen its comments up to `seq`, that one included."""

    stream: int
    seq: int
    state: bytes


def find(connection: Connection, stream: int) -> Snapshot | None:
    """Give a stream's snapshot; None where it has none yet."""
    row = connection.execute(select(snapshots).where(snapshots.c.stream == stream)).one_or_none()
    return None if row is None else Snapshot(*row)


def write(connection: Connection, taken: Sequence[Snapshot]) -> None:
    """Keep snapshots in the place of those before them."""
    upsert(connection, snapshots, [asdict(each) for each in taken])
