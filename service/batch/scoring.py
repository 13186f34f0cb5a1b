"""What a scoring process does with a chunk: score it, write its rows as bytes, count polarities and audience."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING

from service.batch.chunks import Chunk, rejected_line
from service.batch.columns import Layout, label_rows
from service.batch.encode import Encoder
from service.batch.forms import Form
from service.batch.kinds import Kinds, kinds_of
from service.batch.tally import AudienceCounts, Counts, Group, count_polarities

if TYPE_CHECKING:
    from model import FacetScores, Scorer


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
    audiences: list[tuple[str | None, AudienceCounts]] = field(default_factory=list)


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
        scores = self._scorer.score(chunk.texts, explain=self._explain)
        return Labelled(
            rows=self._encoder.rows(chunk.records, label_rows(scores, self._layout.circles)),
            rejected=b"".join(map(rejected_line, chunk.rejected)),
            consumed=chunk.consumed,
            read=chunk.read,
            comments=len(chunk.texts),
            refused=len(chunk.rejected),
            first_reason=_first_reason(chunk),
            counts=count_polarities(chunk.groups, scores.polarity),
            kinds=self._renamed(kinds_of(chunk.records)) if self._kinds_wanted else {},
            audiences=list(count_audiences(chunk, scores.facets)),
        )

    def _renamed(self, kinds: Kinds) -> Kinds:
        kept = self._layout.kept
        return {kept[name]: found for name, found in kinds.items() if name in kept}


def count_audiences(chunk: Chunk, facets: "FacetScores") -> Iterator[tuple[str | None, AudienceCounts]]:
    """What the comments of each of the chunk's works show of their audience."""
    places: dict[str | None, list[int]] = {}
    for place, work in enumerate(chunk.works):
        places.setdefault(work, []).append(place)
    for work, own in places.items():
        scored = facets
        if len(places) > 1:
            scored = replace(facets, chances=facets.chances[own], decided=facets.decided[own])
        yield work, _audience([chunk.texts[place] for place in own], [chunk.genders[place] for place in own], scored)


def _audience(texts: list[str], genders: list[str | None], facets: "FacetScores") -> AudienceCounts:
    from model import count_gender
    from model.mix import count_for_mix

    named = facets.decided[:, facets.names.circle_columns.stop :].sum(axis=0)
    bins = [] if facets.rates is None else count_for_mix(facets).astype(int).tolist()
    return AudienceCounts(astuple(count_gender(texts, genders)), tuple(named.tolist()), tuple(map(tuple, bins)))


def _first_reason(chunk: Chunk) -> str | None:
    if not chunk.rejected:
        return None
    row = chunk.rejected[0]
    return f"{row.source.name}, row {row.number}: {row.reason}"
