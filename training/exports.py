"""Label files of every kind as rows of cells: tables, JSON, and what doccano and Label Studio export.

doccano (JSONL, JSON, CSV): one field ``label``, a list of names (joined by ``#`` in CSV) such as ``polarity:negative``
and ``circle:senior``. Label Studio (JSON): tasks with ``annotations``, once ``completions``, whose ``result`` holds the
choices of each control (https://labelstud.io/guide/task_format); its CSV and JSON-MIN have a column for each control.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.errors import CorporaError
from corpora.readers import RejectedRow, Row, open_dump
from corpora.readers.stored import GZIP_ERRORS, StoredFile
from corpora.values import read_platform

#: What a row may tell.
KINDS = ("polarity", "circles", "aspects", "stage")

#: What a label file may be, as extensions; each also with ``.gz``.
SUFFIXES = (".csv", ".tsv", ".jsonl", ".json", ".xlsx")

_COLUMNS = {
    "polarity": "polarity 极性 情感 情感倾向",
    "circles": "circles circle 圈层",
    "aspects": "aspects aspect 方面",
    "stage": "stage stages 阶段",
}
_KIND = {name: kind for kind, names in _COLUMNS.items() for name in names.split()}
_LABELS = ("label", "labels")
_ANNOTATIONS = ("annotations", "completions")


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A comment and what was written beside it: ``cells`` has a list of texts, often of one, for each kind told of."""

    number: int
    text: str
    cells: Mapping[str, list[str]]
    platform: str | None = None
    work: str | None = None


def read_rows(file: Path) -> Iterator[LabelRow | RejectedRow]:
    """Give the rows of a label file; those nobody has labelled yet in doccano or Label Studio are passed over.

    Raises `CorporaError` where it is no such file or has no column of labels.
    """
    tasks = _read_tasks(file)
    if tasks is not None:
        yield from _rows_of_tasks(file, tasks)
        return
    dump = open_dump(file)
    kinds = {column: kind for column in dump.columns if (kind := _KIND.get(column.strip().lower()))}
    labels = next((column for column in dump.columns if column.strip().lower() in _LABELS), None)
    if not kinds and labels is None:
        raise CorporaError(
            f"there is no column 'polarity', 'circles', 'aspects', 'stage' or 'label', only {', '.join(dump.columns)}; "
            "name it so."
        )
    for row in dump.rows():
        if isinstance(row, RejectedRow):
            yield row
        elif kinds:
            yield _label_row(row, {kind: texts_of(row.fields.get(column)) for column, kind in kinds.items()})
        elif marks := [mark for text in texts_of(row.fields.get(str(labels))) for mark in text.split("#") if mark]:
            yield _label_row(row, _by_kind(marks))


def texts_of(value: object) -> list[str]:
    """The texts of a cell: of a list, of Label Studio's ``{"choices": [...]}``, of either written as JSON, or itself.

    >>> texts_of('["senior", "family"]'), texts_of({"choices": ["senior"]}), texts_of("senior;family"), texts_of(" ")
    (['senior', 'family'], ['senior'], ['senior;family'], [])
    """
    if isinstance(value, str):
        text = value.strip()
        if text[:1] not in ("[", "{"):
            return [text] if text else []
        try:
            value = json.loads(text)
        except ValueError:
            return [text]
    if value is None:
        return []
    if isinstance(value, dict):
        return texts_of(value["choices"]) if "choices" in value else [str(value)]
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    return [str(value)]


def _label_row(row: Row, cells: Mapping[str, list[str]]) -> LabelRow:
    return LabelRow(row.number, row.comment.text, cells, row.comment.platform, row.comment.work)


def _by_kind(marks: list[str]) -> dict[str, list[str]]:
    """Sort names such as ``circle:senior`` by their kinds; one without a kind can only be a polarity."""
    cells: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for mark in marks:
        prefix, colon, name = mark.replace("：", ":").partition(":")
        kind = _KIND.get(prefix.strip().lower()) if colon else None
        cells[kind or "polarity"].append(name.strip() if kind else mark)
    return cells


def _read_tasks(file: Path) -> list[Any] | None:
    """Give the tasks of a Label Studio export, None for any other file."""
    stored = StoredFile(file)
    if not stored.name.endswith(".json") or not any(f'"{key}"'.encode() in stored.head() for key in _ANNOTATIONS):
        return None
    try:
        with stored.open() as stream:
            tasks = json.loads(stream.read())
    except (ValueError, *GZIP_ERRORS) as error:
        raise CorporaError(f"it is no whole JSON ({error}); export it again.") from error
    is_export = isinstance(tasks, list) and any(isinstance(task, dict) and "data" in task for task in tasks)
    return tasks if is_export else None


def _rows_of_tasks(file: Path, tasks: list[Any]) -> Iterator[LabelRow | RejectedRow]:
    for number, task in enumerate(tasks, 1):
        data = task.get("data") if isinstance(task, dict) else None
        if not isinstance(data, dict) or not isinstance(data.get("text"), str) or not data["text"].strip():
            yield RejectedRow(number, file, "the task has no text in data.text", "")
        elif (cells := _last_judgement(task)) is not None:
            work = data.get("work")
            yield LabelRow(number, data["text"], cells, read_platform(data.get("platform")), work or None)


def _last_judgement(task: Mapping[str, Any]) -> dict[str, list[str]] | None:
    """Give the cells of a task's last annotation that was not skipped, None where there is none."""
    listed: list[Any] = next((task[key] for key in _ANNOTATIONS if isinstance(task.get(key), list)), [])
    judged = [each for each in listed if isinstance(each, dict) and not each.get("was_cancelled")]
    if not judged:
        return None
    cells: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for part in judged[-1].get("result") or []:
        kind = _KIND.get(str(part.get("from_name")).lower())
        if kind is not None and isinstance(part.get("value"), dict):
            cells[kind] += texts_of(part["value"].get("choices"))
    return cells
