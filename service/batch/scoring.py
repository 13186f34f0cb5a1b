"""What a scoring process does with a chunk: read and score it, write its rows as bytes, count its figures."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from corpora.readers import CommentBatch, PieceReader, RejectedRow
from service.batch.chunks import Chunk
from service.batch.columns import Layout
from service.batch.encode import Encoder
from service.batch.forms import Form
from service.batch.kinds import Kinds, kinds_of
from service.batch.label_text import LabelText
from service.batch.tally import OTHERS, AudienceCounts, Counts, Group, count_polarities

if TYPE_CHECKING:
    from model import FacetScores, Scorer, Scores


@dataclass(frozen=True, slots=True)
class Numbered:
    """The rejected rows of a piece of the part, and how many of the part's numbers it takes, None where the rows have
    their numbers already; see `PieceReader.read`."""

    part: int
    taken: int | None
    rejected: Sequence[RejectedRow]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A chunk once scored: its `rows` as bytes to append, its rejected rows, and what they add to the run's figures."""

    rows: bytes
    rejected: Sequence[Numbered]
    consumed: int
    read: float
    comments: int
    counts: Sequence[tuple[Group, Counts]]
    kinds: Kinds = field(default_factory=dict)
    audiences: Sequence[tuple[str | None, AudienceCounts]] = ()


class Labeller:
    """Labels chunks of one dump with one model, in one layout and form."""

    def __init__(self, scorer: "Scorer", reader: PieceReader, layout: Layout, form: Form, explain: bool) -> None:
        self._scorer = scorer
        self._reader = reader
        self._explain = explain
        self._kinds_wanted = not form.streamed
        self._layout = layout
        self._labels = LabelText(scorer.facet_names, layout.circles)
        self._form = (
            form if form.streamed else Form("jsonl")
        )  # of which a Parquet file or a workbook is made at the end
        self._encoder = Encoder(layout, self._form)

    def label(self, chunk: Chunk) -> Labelled:
        """The chunk's rows with their labels."""
        batch, numbered = self.read(chunk)
        scores = self._scorer.score(batch.texts, explain=self._explain)
        return Labelled(
            rows=self.encoded(batch, scores),
            rejected=numbered,
            consumed=chunk.consumed,
            read=chunk.read,
            comments=len(batch),
            counts=count_polarities(zip(batch.works, batch.platforms, strict=True), scores.polarity),
            kinds=self._renamed(kinds_of(batch.records)) if self._kinds_wanted else {},
            audiences=list(count_audiences(batch, chunk.followed, scores.facets)),
        )

    def read(self, chunk: Chunk) -> tuple[CommentBatch, list[Numbered]]:
        """The comments of a chunk, and its rejected rows."""
        batches, numbered = [], []
        for piece in chunk.pieces:
            batch, taken = self._reader.read(piece)
            batches.append(batch)
            numbered.append(Numbered(piece.part, taken, batch.rejected))
        whole = batches[0] if len(batches) == 1 else sum(batches, CommentBatch())
        return whole, numbered

    def encoded(self, batch: CommentBatch, scores: "Scores") -> bytes:
        """The rows of the comments with their labels."""
        if self._form.kind == "csv":
            return self._encoder.table([*map(batch.column, self._layout.inputs), *self._labels.cells(scores)])
        return self._encoder.lines(batch.records, self._labels.members(scores))

    def _renamed(self, kinds: Kinds) -> Kinds:
        kept = self._layout.kept
        return {kept[name]: found for name, found in kinds.items() if name in kept}


def count_audiences(
    batch: CommentBatch, followed: frozenset[str | None] | None, facets: "FacetScores"
) -> Iterator[tuple[str | None, AudienceCounts]]:
    """What the comments of each work show of their audience; works beyond those `followed`, if any are, together."""
    names = batch.works
    if followed is not None:
        names = [work if work in followed else OTHERS for work in names]
    works = list(dict.fromkeys(names))
    if len(works) < 2:
        yield from ((work, _audience(batch.texts, batch.genders, facets)) for work in works)
        return
    numbers = np.fromiter(map({work: number for number, work in enumerate(works)}.__getitem__, names), np.int64)
    order, ends = np.argsort(numbers, kind="stable"), np.cumsum(np.bincount(numbers))
    for work, own in zip(works, np.split(order, ends[:-1]), strict=True):
        scored = replace(facets, chances=facets.chances[own], decided=facets.decided[own])
        texts, genders = ([column[place] for place in own.tolist()] for column in (batch.texts, batch.genders))
        yield work, _audience(texts, genders, scored)


def _audience(texts: list[str], genders: list[str | None], facets: "FacetScores") -> AudienceCounts:
    from model import count_gender
    from model.mix import count_for_mix

    named = facets.decided[:, facets.names.circle_columns.stop :].sum(axis=0)
    bins = [] if facets.rates is None else count_for_mix(facets).astype(int).tolist()
    return AudienceCounts(astuple(count_gender(texts, genders)), tuple(named.tolist()), tuple(map(tuple, bins)))
