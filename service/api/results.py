"""Scores as the objects a reply carries. A new column of `Scores` enters the replies here and nowhere else."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from model import FacetScores, Scorer, WordEffect
from service.api.comments import Batch


class Wanted(NamedTuple):
    """What a reply carries beside the decisions: the words that decided, and the probability of every facet."""

    explain: bool = False
    probabilities: bool = False


def scored(scorer: Scorer, batch: Batch, wanted: Wanted) -> list[dict[str, Any]]:
    """One object for each good comment of the batch, in its order; four decimals are more than the model can tell."""
    scores = scorer.score(batch.texts, explain=wanted.explain)
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
            **facets,
            "model": version,
        }
        for name, index, polarity, score, (negative, neutral, positive), facets in zip(
            batch.ids,
            batch.indices,
            scores.polarity,
            scores.score.astype(float).round(4).tolist(),
            scores.probabilities.astype(float).round(4).tolist(),
            _facets(scores.facets, wanted.probabilities),
            strict=True,
        )
    ]
    if scores.words is not None and scores.facet_words is not None:
        for row, words, named in zip(rows, scores.words, scores.facet_words, strict=True):
            row["words"] = _told(words)
            row["facet_words"] = {facet: _told(effects) for facet, effects in named.items()}
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


def _facets(facets: FacetScores, every: bool) -> Iterator[dict[str, Any]]:
    """The facets named in each comment, and the probabilities of these or of `every` facet."""
    names = facets.names
    chances = facets.chances.astype(float).round(4)
    kinds = (
        (names.circles, names.circle_columns),
        (names.aspects, names.aspect_columns),
        (names.stages, names.stage_columns),
    )
    named = [_named(keys, chances[:, place], facets.decided[:, place]) for keys, place in kinds]
    told = named
    if every:
        told = [[dict(zip(keys, row, strict=True)) for row in chances[:, place].tolist()] for keys, place in kinds]
    for circles, aspects, stages, p_circles, p_aspects, p_stages in zip(*named, *told, strict=True):
        yield {
            "circles": list(circles),
            "aspects": list(aspects),
            "stage": next(iter(stages), None),
            "p_circles": p_circles,
            "p_aspects": p_aspects,
            "p_stages": p_stages,
        }


def _named(keys: Sequence[str], chances: NDArray[np.float64], decided: NDArray[np.bool_]) -> list[dict[str, float]]:
    """The facets named in each comment with their probabilities; most comments have none, so only hits are looped."""
    found: list[dict[str, float]] = [{} for _ in range(len(chances))]
    rows, columns = decided.nonzero()
    for row, column, chance in zip(rows.tolist(), columns.tolist(), chances[rows, columns].tolist(), strict=True):
        found[row][keys[column]] = chance
    return found


def _told(words: list[WordEffect]) -> list[dict[str, Any]]:
    return [{"word": word.word, "effect": round(float(word.effect), 4)} for word in words]


def _fault_line(fault: dict[str, Any], version: str) -> dict[str, Any]:
    place = {key: fault[key] for key in ("id", "index") if key in fault}
    error = {key: fault[key] for key in ("field", "value", "message")}
    return place | {"error": error, "model": version}


def _index(row: dict[str, Any]) -> int:
    index: int = row["index"]
    return index
