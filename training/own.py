"""The labels `make train` learns from: the user's own files, and the starter comments of the project."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpora.errors import CorporaError
from corpora.readers import RejectedRow, open_dump
from model.text import normalise
from training.labels import POLARITY_TARGETS, Examples, from_records

log = logging.getLogger(__name__)

STARTER = Path(__file__).resolve().parents[1] / "corpora" / "starter"

_KINDS = (".csv", ".tsv", ".jsonl", ".csv.gz", ".tsv.gz", ".jsonl.gz")
_ALIASES = {
    "negative": "neg -1 负面 消极 负向 负 差评",
    "neutral": "neu 0 中性 中立 客观",
    "positive": "pos 1 正面 积极 正向 正 好评",
    "mixed": "mix 混合 褒贬不一",
}
_POLARITY = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases.split())}
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
    """What the user's files hold: usable rows (the last label of a text counts), and the rows that are not."""

    examples: Examples
    bad: list[BadRow]
    files: int
    with_circles: int


def read_own(folder: Path) -> OwnLabels:
    """Read every csv, tsv and jsonl file (also .gz) of a folder, in the order of their names.

    Columns: ``text``, ``polarity``, and where known ``platform`` and ``work``.
    """
    files = sorted(p for p in folder.glob("*") if p.name.lower().endswith(_KINDS)) if folder.is_dir() else []
    records: dict[str, dict[str, Any]] = {}
    bad: list[BadRow] = []
    for file in files:
        for found in _read_file(file):
            if isinstance(found, BadRow):
                bad.append(found)
            else:
                records[normalise(found["text"])] = found
    with_circles = sum(bool(record["circles"]) for record in records.values())
    return OwnLabels(from_records(records.values()), bad, len(files), with_circles)


def read_starter(folder: Path = STARTER) -> Examples:
    """Give the starter comments, in the order of their files."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    return from_records(json.loads(line) for line in lines)


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
    if not len(labels.examples):
        log.info("no labels of yours in %s: training on the starter comments alone", folder)
        return
    log.info("read %d labels from %d files in %s", len(labels.examples), labels.files, folder)
    mixed = int((labels.examples.targets.max(axis=1) < 1).sum())
    if mixed:
        log.info("%d are mixed: they train as half against, half for, and stay out of the three-class figures", mixed)
    if labels.with_circles:
        log.info("%d name circles: not used yet, polarity alone is trained", labels.with_circles)


def _read_file(file: Path) -> Iterator[dict[str, Any] | BadRow]:
    try:
        dump = open_dump(file)
        if "polarity" not in dump.columns:
            yield BadRow(file, 0, f"there is no column 'polarity', only {', '.join(dump.columns)}; name it so.")
            return
        for row in dump.rows():
            if isinstance(row, RejectedRow):
                yield BadRow(file, row.number, row.reason)
                continue
            name = _plain(row.fields.get("polarity"))
            if name not in _POLARITY:
                allowed = ", ".join(POLARITY_TARGETS)
                yield BadRow(file, row.number, f"polarity is {row.fields.get('polarity')!r}; allowed are {allowed}.")
                continue
            yield {
                "text": row.comment.text,
                "polarity": _POLARITY[name],
                "platform": row.comment.platform,
                "work": row.comment.work,
                "circles": row.fields.get("circles"),
            }
    except CorporaError as error:
        yield BadRow(file, 0, str(error))


def _plain(value: object) -> str:
    name = "" if value is None else str(value).strip().lower()
    return name.removesuffix(".0")
