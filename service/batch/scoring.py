"""What a scoring process does with a chunk: score it, write its rows as bytes, count its polarities."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.batch.chunks import Chunk, rejected_line
from service.batch.columns import Layout, label_rows
from service.batch.encode import Encoder
from service.batch.forms import Form
from service.batch.kinds import Kinds, kinds_of
from service.batch.tally import Counts, Group, count_polarities

if TYPE_CHECKING:
    from model import Scorer


@dataclass(frozen=True, slots=True)
class Labelled:
    """A chunk once scored: `rows` and `rejected` as bytes to append, and what they add to the run's figures."""

    rows: bytes
    rejected: bytes
    consumed: int
    read: float
    comments: int
    refused: int
    first_reason: str | None
    counts: list[tuple[Group, Counts]]
    kinds: Kinds = field(default_factory=dict)


class Labeller:
    """Labels chunks with one model, in one layout and form."""

    def __init__(self, scorer: "Scorer", layout: Layout, form: Form, explain: bool) -> None:
        self._scorer = scorer
        self._explain = explain
        self._kinds_wanted = not form.streamed
        self._layout = layout
        # A Parquet file or a workbook is made of JSON lines at the end.
        self._encoder = Encoder(layout, form if form.streamed else Form("jsonl"))

    def label(self, chunk: Chunk) -> Labelled:
        """The chunk's rows with their labels."""
        scores = self._scorer.score(
            chunk.texts, platforms=[platform for _, platform in chunk.groups], explain=self._explain
        )
        return Labelled(
            rows=self._encoder.rows(chunk.records, label_rows(scores)),
            rejected=b"".join(map(rejected_line, chunk.rejected)),
            consumed=chunk.consumed,
            read=chunk.read,
            comments=len(chunk.texts),
            refused=len(chunk.rejected),
            first_reason=_first_reason(chunk),
            counts=count_polarities(chunk.groups, scores.polarity),
            kinds=self._renamed(kinds_of(chunk.records)) if self._kinds_wanted else {},
        )

    def _renamed(self, kinds: Kinds) -> Kinds:
        kept = self._layout.kept
        return {kept[name]: found for name, found in kinds.items() if name in kept}


def _first_reason(chunk: Chunk) -> str | None:
    if not chunk.rejected:
        return None
    row = chunk.rejected[0]
    return f"{row.source.name}, row {row.number}: {row.reason}"
