"""The labels `make train` learns from: the user's own files and circles, and the starter comments of the project."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpora.errors import CorporaError
from corpora.readers import RejectedRow
from corpora.taxonomy import Facet, read_own_circles
from model.facets import FacetNames
from model.text import normalise
from training.cells import Record, Unknown, keys_of, read_cells
from training.exports import SUFFIXES, read_rows
from training.labels import SHIPPED, TAXONOMY, Examples, from_records

log = logging.getLogger(__name__)

STARTER = Path(__file__).resolve().parents[1] / "corpora" / "starter"

_MOST_NAMED = 20
_FIFTH = 5


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a label file that cannot be used: ``row`` counts the records of ``file`` from 1 (0: the whole file)."""

    file: Path
    row: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file.name}, row {self.row}: {self.reason}" if self.row else f"{self.file.name}: {self.reason}"


@dataclass(frozen=True, slots=True)
class OwnLabels:
    """What the user's folder holds.

    ``examples`` are the usable rows, their facets in the order of ``names``: the shipped ones, the user's new circles
    behind the shipped circles. ``circles`` are all of the user's circles, also those that add to a shipped one, and
    ``circle_examples`` the comments that stand as examples in a circle's table: each carries that circle, and nothing
    is told of the others.
    """

    examples: Examples
    names: FacetNames
    circles: tuple[Facet, ...]
    circle_examples: dict[str, tuple[str, ...]]
    bad: list[BadRow]
    files: int

    @property
    def new_circles(self) -> tuple[Facet, ...]:
        """The user's circles that are not shipped, in the order of ``names``."""
        return tuple(circle for circle in self.circles if circle.key not in SHIPPED.circles)

    @property
    def told(self) -> dict[str, int]:
        """How many rows tell their polarity, circles, aspects and stage."""
        facets = ~np.isnan(self.examples.facets)
        columns = {
            "circles": self.names.circle_columns,
            "aspects": self.names.aspect_columns,
            "stage": self.names.stage_columns,
        }
        return {"polarity": int(self.examples.told.sum())} | {
            kind: int(facets[:, where].any(axis=1).sum()) for kind, where in columns.items()
        }


def read_own(folder: Path, home: Path | None = None) -> OwnLabels:
    """Read every csv, tsv, jsonl, json and xlsx file (also .gz) of a folder, in the order of their names, and the
    circles of its ``circles.toml`` and of the one in ``home``, where the service puts segments made circles.

    Columns: ``text``, any of ``polarity``, ``circles``, ``aspects``, ``stage``, and where known ``platform`` and
    ``work``; exports of doccano and Label Studio too (`training.exports`). In a file that names a circle somewhere an
    empty cell says that the comment carries none, in any other that nothing is told; so for aspects and stages. Of a
    circle of the user's own only the files that name it tell. Of a text that occurs twice the last word on each kind
    counts.

    Raises `CorporaError` where a ``circles.toml`` is not as it should be, or both have the same circle.
    """
    own = _own_circles(folder, home)
    new = tuple(circle.key for circle in own if circle.key not in SHIPPED.circles)
    names = FacetNames((*SHIPPED.circles, *new), SHIPPED.aspects, SHIPPED.stages)
    circles, aspects, stages = TAXONOMY
    keys = {"circles": keys_of((*circles, *own)), "aspects": keys_of(aspects), "stage": keys_of(stages)}
    records: dict[str, Record] = {}
    bad: list[BadRow] = []
    files = sorted(p for p in folder.glob("*") if p.name.lower().removesuffix(".gz").endswith(SUFFIXES) and p.is_file())
    for file in files:
        found, unusable = _read_file(file, keys, new)
        bad += unusable
        for record in found:
            wording = normalise(record["text"])
            told = {kind: value for kind, value in record.items() if value is not None}
            records[wording] = {**_UNTOLD, **records.get(wording, {}), **told}
    examples = {circle.key: circle.examples for circle in own if circle.examples}
    return OwnLabels(_examples(records.values(), names, new), names, own, examples, bad, len(files))


def _own_circles(folder: Path, home: Path | None) -> tuple[Facet, ...]:
    written = read_own_circles(folder)
    promoted = () if home is None else read_own_circles(home)
    if both := {circle.key for circle in written} & {circle.key for circle in promoted}:
        raise CorporaError(
            f"The circle [{min(both)}] stands in {folder / 'circles.toml'} and in {home and home / 'circles.toml'}; "
            "join the two tables and remove one."
        )
    return (*written, *promoted)


def read_starter(folder: Path = STARTER) -> Examples:
    """Give the starter comments, in the order of their files."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    return from_records(json.loads(line) for line in lines)


def of_circles(examples: Mapping[str, Sequence[str]], names: FacetNames) -> Examples:
    """Give the comments that stand as examples in the tables of circles: each carries its circle, no more is told."""
    texts = [text for circle in examples.values() for text in circle]
    facets = np.full((len(texts), len(names)), np.nan, np.float32)
    carried = [names.circles.index(key) for key, circle in examples.items() for _ in circle]
    facets[np.arange(len(texts)), carried] = 1
    nothing = [""] * len(texts)
    untold, told_of = np.full((len(texts), 3), np.nan, np.float32), np.ones(len(texts), np.bool_)
    return Examples(texts, untold, facets, [None] * len(texts), nothing, nothing, told_of)


def held_out(texts: list[str]) -> NDArray[np.bool_]:
    """Tell which texts ``(n,)`` belong to the fifth that judges and never trains.

    The text alone decides, as the model reads it: a comment stays on its side whatever file it comes in, and a repeat
    cannot stand on both.
    """
    digests = [hashlib.sha256(normalise(text).encode()).digest() for text in texts]
    return np.fromiter((int.from_bytes(d[:8], "big") % _FIFTH == 0 for d in digests), np.bool_, len(texts))


def tell(labels: OwnLabels, folder: Path) -> None:
    """Log what was read and, by file and row, what was not."""
    for bad in labels.bad[:_MOST_NAMED]:
        log.warning("skipped %s", bad)
    if len(labels.bad) > _MOST_NAMED:
        log.warning("skipped %d rows more for such reasons", len(labels.bad) - _MOST_NAMED)
    for circle in labels.circles:
        joins = "new" if circle in labels.new_circles else "adds to the shipped one"
        log.info("your circle %s (%s): %s, %d cues", circle.key, circle.chinese, joins, len(circle.cues))
    if not len(labels.examples):
        log.info("no labels of yours in %s: training on the starter comments alone", folder)
        return
    told = ", ".join(f"{count} tell {kind}" for kind, count in labels.told.items())
    log.info("read %d labels from %d files in %s: %s", len(labels.examples), labels.files, folder, told)
    mixed = int((labels.examples.targets.max(axis=1) < 1).sum())
    if mixed:
        log.info("%d are mixed: they train as half against, half for, and stay out of the three-class figures", mixed)


_UNTOLD: Mapping[str, None] = dict.fromkeys(("polarity", "circles", "aspects", "stage"))


def _read_file(
    file: Path, keys: Mapping[str, Mapping[str, str]], new: Iterable[str]
) -> tuple[list[Record], list[BadRow]]:
    """Give the usable and the unusable rows of a file."""
    read: list[tuple[int, Record]] = []
    bad: list[BadRow] = []
    try:
        for row in read_rows(file):
            if isinstance(row, RejectedRow):
                bad.append(BadRow(file, row.number, row.reason))
                continue
            try:
                read.append((row.number, read_cells(row, keys)))
            except Unknown as unknown:
                bad.append(BadRow(file, row.number, str(unknown)))
    except CorporaError as error:
        bad.append(BadRow(file, 0, str(error)))
    named = {kind: {name for _, record in read for name in record[kind] or ()} for kind in keys}
    usable: list[Record] = []
    for number, record in read:
        for kind in keys:
            if record[kind] is None and named[kind]:
                record[kind] = []
        if all(record[kind] is None for kind in _UNTOLD):
            bad.append(BadRow(file, number, "nothing is told: fill in polarity, circles, aspects or stage."))
        else:
            untold = {circle for circle in new if circle not in named["circles"]}
            usable.append(record | {"untold circles": untold if record["circles"] is not None else None})
    return usable, bad


def _examples(records: Iterable[Record], names: FacetNames, new: tuple[str, ...]) -> Examples:
    """Give the examples of records; what no file tells of stages and own circles stays nan."""
    rows = list(records)
    examples = from_records([row | {"stage": next(iter(row["stage"] or ()), None)} for row in rows], names)
    column = {name: place for place, name in enumerate(names.all)}
    for target, row in zip(examples.facets, rows, strict=True):
        target[names.stage_columns] = np.nan if row["stage"] is None else 0
        target[[column[stage] for stage in row["stage"] or ()]] = 1
        target[[column[circle] for circle in row.get("untold circles") or ()]] = np.nan
    return examples
