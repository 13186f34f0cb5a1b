"""Cut a dump into chunks that one scoring process takes at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from corpora.readers import Dump, Piece, RejectedRow
from service.batch.encode import as_json

_MOST_PIECES = 32  # of a chunk: what is small is taken together, but a piece may hold one long comment


@dataclass(slots=True)
class Chunk:
    """Consecutive pieces of a dump, not yet read. `consumed` counts their entries, `read` is the dump's share read.

    `followed` are the works whose audience is counted each on its own, None as long as there may be more.
    """

    pieces: list[Piece]
    consumed: int
    read: float
    followed: frozenset[str | None] | None = None


def cut_chunks(dump: Dump, size: int, skip: int) -> Iterator[Chunk]:
    """The dump after its first `skip` entries, in chunks of at most `size` entries, fewer where comments are long.

    Where a chunk ends depends on the dump and on `size` alone, so that a run that is continued cuts as one that never
    stopped.
    """
    pieces: list[Piece] = []
    held = taken = 0
    for piece in dump.pieces(size):
        if pieces and (piece.part == pieces[-1].part or held + piece.entries > size or len(pieces) == _MOST_PIECES):
            yield from _chunk(dump, pieces, taken, skip)
            pieces, held = [], 0
        pieces.append(piece)
        held, taken = held + piece.entries, taken + piece.entries
    yield from _chunk(dump, pieces, taken, skip)


def rejected_line(row: RejectedRow) -> bytes:
    """A rejected row as it stands in the file of rejected rows."""
    entry = {"source": str(row.source), "row": row.number, "reason": row.reason, "raw": row.raw}
    return as_json(entry) + b"\n"


def _chunk(dump: Dump, pieces: list[Piece], taken: int, skip: int) -> Iterator[Chunk]:
    if pieces and taken > skip:
        yield Chunk(pieces, sum(piece.entries for piece in pieces), _share_read(dump, taken))


def _share_read(dump: Dump, taken: int) -> float:
    if dump.total_rows:
        return min(1.0, taken / dump.total_rows)
    return min(1.0, dump.bytes_read / dump.total_bytes) if dump.total_bytes else 1.0
