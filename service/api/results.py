"""Scores as the objects a reply carries. A new column of `Scores` enters them here and in `service.api.rows`."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain, repeat
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from model import FacetNames, FacetScores, Scorer, Scores, WordEffect
from service.api.comments import Batch

Write = Callable[[Scores, str, Sequence[Any], Sequence[int], Sequence[bool]], list[bytes]]


class Wanted(NamedTuple):
    """What a reply carries beside the decisions: the words that decided, and the probability of every facet."""

    explain: bool = False
    probabilities: bool = False


class Asked(NamedTuple):
    """The good comments of a request, and whether the probability of every facet is wanted."""

    batch: Batch
    probabilities: bool


class Told(NamedTuple):
    """The version of the model that answered, and a JSON object for each good comment of a request."""

    version: str
    rows: list[bytes]


def told(scorer: Scorer, batch: Batch, wanted: Wanted) -> list[bytes]:
    """One JSON object for each good comment of the batch, in its order."""
    if wanted.explain:
        return [orjson.dumps(row) for row in scored(scorer, batch, wanted)]
    return told_together(scorer, [Asked(batch, wanted.probabilities)])[0].rows


def prepare(scorer: Scorer) -> None:
    """Let the first reply come as fast as the next: what writes it is loaded, or compiled."""
    told(scorer, Batch(["好看"], [None], [0]), Wanted(probabilities=True))


def told_together(scorer: Scorer, requests: Sequence[Asked]) -> list[Told]:
    """What `told` gives for each of some requests, and the version of the model; their comments are scored at once."""
    write = _row_writer()
    if write is None:
        return [
            Told(scorer.version, [orjson.dumps(row) for row in scored(scorer, batch, Wanted(probabilities=every))])
            for batch, every in requests
        ]
    batches = [batch for batch, _ in requests]
    rows = iter(
        write(
            scorer.score(list(chain.from_iterable(batch.texts for batch in batches))),
            scorer.version,
            list(chain.from_iterable(batch.ids for batch in batches)),
            list(chain.from_iterable(batch.indices for batch in batches)),
            list(chain.from_iterable(repeat(every, len(batch)) for batch, every in requests)),
        )
    )
    return [Told(scorer.version, [next(rows) for _ in batch.texts]) for batch in batches]


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


def as_lines(rows: Sequence[bytes], indices: Sequence[int], faults: Sequence[dict[str, Any]], version: str) -> bytes:
    """Rows, whose places in the request are ``indices``, and faults as NDJSON in the order of the request; a fault
    becomes `{index, id?, error, model}`."""
    lines = list(zip(indices, rows, strict=True))
    lines += [(fault["index"], orjson.dumps(_fault_line(fault, version))) for fault in faults]
    return b"".join(b"%b\n" % line for _, line in sorted(lines))


@cache
def _row_writer() -> Write | None:
    """The compiled writer; None where it cannot be had, why `model.compiled` has told in the log."""
    try:
        from service.api.rows import write_rows

        write_rows(_blank(), "", [None], [0], [True])
    except Exception:  # whatever fails in a compiler, orjson can write
        return None
    return write_rows


def _blank() -> Scores:
    """Scores of one comment, as any."""
    probabilities, chances = np.zeros((1, 3), np.float32), np.zeros((1, 3), np.float32)
    facets = FacetScores(FacetNames(("a",), ("b",), ("c",)), chances, chances > 0)
    return Scores(probabilities, np.zeros(1, np.int64), facets, np.zeros((1, 0), np.float32))


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
