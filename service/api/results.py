"""Scores as the objects a reply carries. A new column of `Scores` enters the replies here and nowhere else."""

from typing import Any

import orjson

from model import Scorer
from service.api.comments import Batch


def scored(scorer: Scorer, batch: Batch, explain: bool) -> list[dict[str, Any]]:
    """One object for each good comment of the batch, in its order; four decimals are more than the model can tell."""
    platforms = batch.platforms if any(batch.platforms) else None
    scores = scorer.score(batch.texts, platforms=platforms, explain=explain)
    version = scorer.version
    rows: list[dict[str, Any]] = [
        {
            "id": name,
            "index": index,
            "polarity": polarity,
            "polarity_score": score,
            "p_negative": negative,
            "p_neutral": neutral,
            "p_positive": positive,
            "model": version,
        }
        for name, index, polarity, score, (negative, neutral, positive) in zip(
            batch.ids,
            batch.indices,
            scores.polarity,
            scores.score.astype(float).round(4).tolist(),
            scores.probabilities.astype(float).round(4).tolist(),
            strict=True,
        )
    ]
    if scores.words is not None:
        for row, words in zip(rows, scores.words, strict=True):
            row["words"] = [{"word": word.word, "effect": round(float(word.effect), 4)} for word in words]
    if None in batch.ids:
        for row in rows:
            if row["id"] is None:
                del row["id"]
    return rows


def as_lines(rows: list[dict[str, Any]], faults: list[dict[str, Any]], version: str) -> bytes:
    """Rows and faults as NDJSON in the order of the request; a fault becomes `{index, id?, error, model}`."""
    told = [_fault_line(fault, version) for fault in faults]
    ordered = sorted(rows + told, key=_index) if told else rows
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in ordered)


def _fault_line(fault: dict[str, Any], version: str) -> dict[str, Any]:
    place = {key: fault[key] for key in ("id", "index") if key in fault}
    error = {key: fault[key] for key in ("field", "value", "message")}
    return place | {"error": error, "model": version}


def _index(row: dict[str, Any]) -> int:
    index: int = row["index"]
    return index
