"""Labels as the text of csv cells and of JSON members, put together from pieces that are written once."""

from collections.abc import Iterable, Sequence
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from service.batch.columns import (
    CIRCLE_CHANCE,
    FACET_WORDS,
    FACETS,
    POLARITY,
    WORDS,
    chances_of,
    rounded_numbers,
    told_words,
)
from service.batch.encode import as_cell, as_json

if TYPE_CHECKING:
    from model import FacetNames, Scores

_STEPS = 10_000  # of a probability: it is told to four decimals
_MOST_KEPT = 1 << 16


class LabelText:
    """Writes the labels that `columns.label_rows` gives as values, for a model with these facets and wanted circles.

    There are few numbers of four decimals, and most comments name the same few facets: each is written once.
    """

    def __init__(self, names: "FacetNames", circles: Sequence[str]) -> None:
        self._circles = tuple(circles)
        self._facets = _Facets(names)
        steps = np.append(np.arange(-_STEPS, _STEPS + 1) / _STEPS, -0.0)
        self._numbers = np.array(list(map(repr, steps.tolist())), np.object_)

    def cells(self, scores: "Scores") -> list[Sequence[object]]:
        """The label columns of a csv."""
        facets = zip(*(cells for cells, _ in self._facets.of(scores)), strict=True) if len(scores) else [()] * 3
        return [
            scores.polarity,
            *map(self._written, (scores.score, *scores.probabilities.T)),
            *facets,
            *map(self._written, chances_of(scores, self._circles)),
            *(list(map(as_cell, column)) for column in told_words(scores)),
        ]

    def members(self, scores: "Scores") -> list[bytes]:
        """The labels of each comment as members of a JSON object."""
        columns = [_member(POLARITY[0], map('"{}"'.format, scores.polarity))]
        numbers = map(self._written, (scores.score, *scores.probabilities.T))
        columns += map(_member, POLARITY[1:], numbers)
        columns.append([member for _, member in self._facets.of(scores)])
        names = (CIRCLE_CHANCE + circle for circle in self._circles)
        columns += map(_member, names, map(self._written, chances_of(scores, self._circles)))
        for name, words in zip((WORDS, FACET_WORDS), told_words(scores), strict=False):
            columns.append(_member(name, (as_json(told).decode() for told in words)))
        return [",".join(members).encode() for members in zip(*columns, strict=True)]

    def _written(self, numbers: NDArray[np.float32]) -> list[str]:
        rounded = rounded_numbers(numbers)
        places = np.rint(rounded * _STEPS).astype(np.int64) + _STEPS
        places[(rounded == 0) & np.signbit(rounded)] = -1
        written: list[str] = self._numbers[places].tolist()
        return written


class _Facets(dict[bytes, tuple[tuple[str, str, str], str]]):
    """By the facets that are named, as packed bits: their three cells and their JSON members."""

    def __init__(self, names: "FacetNames") -> None:
        super().__init__()
        self._names = names

    def of(self, scores: "Scores") -> list[tuple[tuple[str, str, str], str]]:
        """What is to be written of each comment."""
        packed = np.packbits(scores.facets.decided, axis=1)
        width = packed.shape[1]
        keys = packed.tobytes()
        if len(self) > _MOST_KEPT:
            self.clear()
        return [self[keys[place : place + width]] for place in range(0, len(keys), width)]

    def __missing__(self, key: bytes) -> tuple[tuple[str, str, str], str]:
        names = self._names
        decided = np.unpackbits(np.frombuffer(key, np.uint8), count=len(names)).astype(bool)
        circles, aspects, stages = (
            list(compress(known, decided[columns].tolist()))
            for known, columns in (
                (names.circles, names.circle_columns),
                (names.aspects, names.aspect_columns),
                (names.stages, names.stage_columns),
            )
        )
        values = (circles, aspects, stages[0] if stages else None)
        members = ",".join(f'"{name}":{as_json(value).decode()}' for name, value in zip(FACETS, values, strict=True))
        found = self[key] = tuple(map(as_cell, values)), members
        return found


def _member(name: str, values: Iterable[str]) -> list[str]:
    key = as_json(name).decode()
    return [f"{key}:{value}" for value in values]
