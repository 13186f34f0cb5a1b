"""Dumps and a model for replays: what a comment's first character says is what the model reads in it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from model import FacetScores, Scorer, Scores
from model.words import Words
from service.streams.scored import DIMENSIONS
from tests.service.batch.scored import FACETS

NOON = 1_549_339_200  # 5 February 2019, 12:00 in Shanghai
_CHANCES = {"差": [0.9, 0.05, 0.05], "好": [0.02, 0.08, 0.9]}


class ByFirstCharacter:
    """Reads 差 as negative, 好 as positive, and no circle in anything."""

    version = "staged"
    facet_names = FACETS
    mix_rates = None

    def score(self, texts: Sequence[str]) -> Scores:
        chances = np.array([_CHANCES[text[0]] for text in texts], np.float32).reshape(-1, 3)
        facets = np.full((len(texts), len(FACETS)), 0.01, np.float32)
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        return Scores(chances, chances.argmax(1), FacetScores(FACETS, facets, facets >= 0.5, None), vectors)

    def words(self, texts: Sequence[str]) -> Words:
        return Words.of([list(text) for text in texts])


def staged_scorer() -> Scorer:
    """Give the model."""
    return cast(Scorer, ByFirstCharacter())


def course(*phases: tuple[int, float]) -> list[str]:
    """Give texts, as many as each phase says, of which its share, spread evenly, is negative."""
    marks = [int((place + 1) * share) > int(place * share) for count, share in phases for place in range(count)]
    return [("差" if mark else "好") + f"第{place}条" for place, mark in enumerate(marks)]


def rows_of(texts: Iterable[str], **more: Any) -> list[dict[str, Any]]:
    """Give a row for each text, one a minute from noon on, each by an author of its own."""
    return [
        {"id": f"c{place}", "content": text, "time": NOON + 60 * place, "user_id": f"u{place}", **more}
        for place, text in enumerate(texts)
    ]


def dump(folder: Path, rows: Iterable[Mapping[str, Any]], name: str = "night.jsonl") -> Path:
    """Write rows as JSON lines."""
    path = folder / name
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path
