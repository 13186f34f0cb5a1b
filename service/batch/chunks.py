"""Cut a dump into chunks that one scoring process takes at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from corpora.readers import Dump, RejectedRow
from service.batch.encode import as_json
from service.batch.tally import Group, followed

_MOST_CHARACTERS = 1 << 20  # of text in a chunk: long comments must not fill the memory


@dataclass(slots=True)
class Chunk:
    """Consecutive rows of a dump. `consumed` counts them with the rejected ones, `read` is the dump's share read.

    `works` are those under which the audience is counted, see `followed`; `genders` are "female", "male" or None.
    """

    texts: list[str] = field(default_factory=list)
    records: list[dict[str, object]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    works: list[str | None] = field(default_factory=list)
    genders: list[str | None] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    consumed: int = 0
    read: float = 0.0


def cut_chunks(dump: Dump, size: int, skip: int, works: Iterable[str | None] = ()) -> Iterator[Chunk]:
    """The dump's rows after the first `skip`, in chunks of `size`, fewer where comments are long.

    Where a chunk ends depends on the rows alone, so that a run that is continued cuts as one that never stopped; it
    gives the `works` already followed in the rows skipped.
    """
    chunk, characters, taken, known = Chunk(), 0, skip, set(works)
    for row in islice(dump.rows(), skip, None):
        if isinstance(row, RejectedRow):
            chunk.rejected.append(row)
        else:
            comment = row.comment
            chunk.texts.append(comment.text)
            chunk.records.append(row.fields)
            chunk.groups.append((comment.work, comment.platform))
            chunk.works.append(followed(comment.work, known))
            chunk.genders.append(comment.gender)
            characters += len(comment.text)
        chunk.consumed += 1
        if chunk.consumed >= size or characters >= _MOST_CHARACTERS:
            taken += chunk.consumed
            chunk.read = _share_read(dump, taken)
            yield chunk
            chunk, characters = Chunk(), 0
    if chunk.consumed:
        chunk.read = 1.0
        yield chunk


def rejected_line(row: RejectedRow) -> bytes:
    """A rejected row as it stands in the file of rejected rows."""
    entry = {"source": str(row.source), "row": row.number, "reason": row.reason, "raw": row.raw}
    return as_json(entry) + b"\n"


def _share_read(dump: Dump, taken: int) -> float:
    if dump.total_rows:
        return min(1.0, taken / dump.total_rows)
    return min(1.0, dump.bytes_read / dump.total_bytes) if dump.total_bytes else 1.0
