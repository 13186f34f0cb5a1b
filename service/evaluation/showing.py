"""An evaluation as tables for a person and as JSON for a program."""

from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from model.metrics import Estimate
from service.evaluation.judge import POLARITIES, Evaluation, Judgement

_UNREAD_SHOWN = 5


def show_evaluation(evaluation: Evaluation, group_column: str | None, console: Console) -> None:
    """Print the confusion matrix, the measures by class and by platform, and what was left out."""
    overall = evaluation.overall
    console.print(f"{overall.rows:,} comments: their truth, and what the model says")
    console.print(_matrix(overall))
    console.print(_classes(overall))
    console.print(_platforms([overall, *evaluation.platforms], group_column))
    units = f"{overall.units:,} values of {group_column!r}" if group_column is not None else f"{overall.units:,} rows"
    console.print(f"Intervals (95 %) resample {units}.")
    if group_column is None:
        console.print(
            "Comments under one title are alike, so these are too narrow: --group names a column to resample."
        )
    if len(overall.classes) == 2:
        console.print("The truth has no neutral: a comment counts as positive where its score is 0 or more.")
    if sum(evaluation.apart):
        told = ", ".join(f"{count:,} {name}" for name, count in zip(POLARITIES, evaluation.apart, strict=True))
        console.print(f"Kept apart (mixed, or 3 stars): {sum(evaluation.apart):,} rows, read as {told}.")
    if evaluation.rejected or evaluation.without_truth:
        console.print(
            f"Left out: {evaluation.rejected:,} rejected rows, {evaluation.without_truth:,} rows without a truth."
        )
    if evaluation.unread:
        shown = ", ".join(f"{value!r} ({count:,})" for value, count in list(evaluation.unread.items())[:_UNREAD_SHOWN])
        console.print(f"Left out: {sum(evaluation.unread.values()):,} rows whose truth is not known here: {shown}.")


def write_evaluation(evaluation: Evaluation, model: str, group_column: str | None, path: Path) -> None:
    """Write everything as JSON; a measure that has no value is null."""
    content = {
        "model": model,
        "resampled": group_column,
        "overall": _as_json(evaluation.overall),
        "platforms": [_as_json(judgement) for judgement in evaluation.platforms],
        "apart": dict(zip(POLARITIES, evaluation.apart, strict=True)),
        "rejected": evaluation.rejected,
        "without_truth": evaluation.without_truth,
        "unread": evaluation.unread,
    }
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _matrix(judgement: Judgement) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("truth")
    for name in POLARITIES:
        table.add_column(name, justify="right")
    for name, counts in zip(judgement.classes, judgement.matrix, strict=True):
        table.add_row(name, *(f"{count:,}" for count in counts))
    return table


def _classes(judgement: Judgement) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("class")
    for name in ("precision", "recall", "F1"):
        table.add_column(name, justify="right")
    for name in judgement.classes:
        table.add_row(name, *(_written(judgement.measures[f"{key}_{name}"]) for key in ("precision", "recall", "f1")))
    return table


def _platforms(judgements: list[Judgement], group_column: str | None) -> Table:
    names = {"macro_f1": "macro-F1", "accuracy": "accuracy", "auc": "AUC", "calibration_error": "calibration error"}
    there = [key for key in names if any(key in judgement.measures for judgement in judgements)]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("platform")
    table.add_column("comments", justify="right")
    if group_column is not None:
        table.add_column(f"of {group_column}", justify="right")
    for key in there:
        table.add_column(names[key], justify="right")
    for judgement in judgements:
        cells = [_written(judgement.measures[key]) if key in judgement.measures else "-" for key in there]
        units = [f"{judgement.units:,}"] if group_column is not None else []
        table.add_row(judgement.name, f"{judgement.rows:,}", *units, *cells)
    return table


def _written(estimate: Estimate) -> str:
    if isnan(estimate.value):
        return "-"
    if isnan(estimate.low):
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.2f}-{estimate.high:.2f})"


def _as_json(judgement: Judgement) -> Mapping[str, Any]:
    return {
        "name": judgement.name,
        "rows": judgement.rows,
        "units": judgement.units,
        "confusion": {
            name: dict(zip(POLARITIES, counts, strict=True))
            for name, counts in zip(judgement.classes, judgement.matrix, strict=True)
        },
        "measures": {
            name: {"value": estimate.value, "low": estimate.low, "high": estimate.high}
            for name, estimate in judgement.measures.items()
        },
    }
