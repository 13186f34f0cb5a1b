"""Labels: every source of polarity turned into soft targets, and every source of facets into ones and zeros.

A target is ``(3,)``, the chances of negative, neutral and positive. What a star means was measured by reading starred
comments: one or two stars are not always negative, and three stars are hardly ever neutral, so a star never becomes a
hard label. ``mixed`` is half against, half for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpora.fetch import load
from corpora.readings import labelled, unread
from corpora.taxonomy import ASPECTS, CIRCLES, STAGES, Facet, read_facets
from model.facets import FacetNames

F32 = NDArray[np.float32]

#: Chances of negative, neutral, positive for each polarity a label file may hold.
POLARITY_TARGETS: Mapping[str, tuple[float, float, float]] = {
    "negative": (1.0, 0.0, 0.0),
    "neutral": (0.0, 1.0, 0.0),
    "positive": (0.0, 0.0, 1.0),
    "mixed": (0.5, 0.05, 0.45),
}

#: Chances by star, a starred comment's ``mixed`` share dealt out as above.
STAR_TARGETS: Mapping[int, tuple[float, float, float]] = {
    1: (0.93, 0.04, 0.03),
    2: (0.85, 0.06, 0.09),
    3: (0.52, 0.13, 0.35),
    4: (0.12, 0.10, 0.78),
    5: (0.05, 0.09, 0.86),
}

#: The shipped circles, aspects and stages, and their names in the order of every array of facets.
TAXONOMY: tuple[tuple[Facet, ...], ...] = tuple(read_facets(file) for file in (CIRCLES, ASPECTS, STAGES))
SHIPPED = FacetNames(*(tuple(facet.key for facet in facets) for facets in TAXONOMY))


@dataclass(frozen=True, slots=True)
class Examples:
    """Comments with targets: ``targets`` is ``(n, 3) float32``, nan where no polarity is told; ``groups`` holds the
    title of each, for splits, and ``sources`` the crawl it comes from.

    ``facets`` is ``(n, n_facets) float32``: 1 where the comment carries the facet, 0 where it does not, nan where the
    label does not say. ``representative`` ``(n,)`` is False where the comment was picked in another way than those a
    model is judged on, so that rates, calibration and thresholds are not to be taken from it.
    """

    texts: list[str]
    targets: F32
    facets: F32
    platforms: list[str | None]
    groups: list[str]
    sources: list[str]
    representative: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def told(self) -> NDArray[np.bool_]:
        """``(n,)`` whether the polarity of a comment is told."""
        told: NDArray[np.bool_] = ~np.isnan(self.targets[:, 0])
        return told

    def take(self, rows: NDArray[Any]) -> Examples:
        """Give the examples of some rows, chosen by index or by mask."""
        chosen = np.arange(len(self))[rows].tolist()
        return Examples(
            [self.texts[i] for i in chosen],
            self.targets[rows],
            self.facets[rows],
            [self.platforms[i] for i in chosen],
            [self.groups[i] for i in chosen],
            [self.sources[i] for i in chosen],
            self.representative[rows],
        )


def join_examples(one: Examples, other: Examples) -> Examples:
    """Give the examples of both, of the same facets."""
    return Examples(
        one.texts + other.texts,
        np.concatenate([one.targets, other.targets]),
        np.concatenate([one.facets, other.facets]),
        one.platforms + other.platforms,
        one.groups + other.groups,
        one.sources + other.sources,
        np.concatenate([one.representative, other.representative]),
    )


def read_gold(name: str) -> Examples:
    """Give the labelled comments of a split: ``"train"``, with this project's own readings, or ``"dev"``."""
    return from_records(labelled() if name == "train" else load(f"gold/{name}"))


def from_records(records: Iterable[Mapping[str, Any]], names: FacetNames = SHIPPED) -> Examples:
    """Give examples from records with ``text``, ``polarity`` (None: not told) and, where known, ``platform``, ``title``
    and ``src``, and ``circles``, ``aspects`` and ``stage`` (see `facet_targets`)."""
    rows = list(records)
    untold = (np.nan, np.nan, np.nan)
    return Examples(
        [row["text"] for row in rows],
        np.asarray([POLARITY_TARGETS.get(row["polarity"], untold) for row in rows], np.float32).reshape(-1, 3),
        facet_targets(rows, names),
        [row.get("platform") for row in rows],
        [str(row.get("title") or row.get("work") or row.get("src") or "") for row in rows],
        [str(row.get("src") or "") for row in rows],
        np.array([not row.get("reading", False) for row in rows], np.bool_),
    )


def facet_targets(records: Iterable[Mapping[str, Any]], names: FacetNames) -> F32:
    """Give ``(n, n_facets)`` from records.

    ``circles`` and ``aspects`` are lists; one that is absent or None says nothing of its kind. ``stage`` is a name, and
    absent where a record that lists its aspects shows none.
    """
    rows = list(records)
    column = {name: place for place, name in enumerate(names.all)}
    targets = np.full((len(rows), len(names)), np.nan, np.float32)
    for target, row in zip(targets, rows, strict=True):
        for kind, where in (("circles", names.circle_columns), ("aspects", names.aspect_columns)):
            if (told := row.get(kind)) is not None:
                target[where] = 0
                target[[column[name] for name in told]] = 1
        if row.get("aspects") is not None:
            target[names.stage_columns] = 0
            if row.get("stage"):
                target[column[row["stage"]]] = 1
    return targets


def read_stars(name: str) -> tuple[Examples, NDArray[np.int64]]:
    """Give the starred comments of a split (``"train"`` or ``"test"``) that were not read, and their stars ``(n,)``."""
    rows = list(unread(load(f"film/starred.{name}")))
    stars = np.asarray([row["star"] for row in rows])
    targets = np.asarray([STAR_TARGETS[star] for star in stars.tolist()], np.float32)
    return (
        Examples(
            [row["text"] for row in rows],
            targets,
            np.full((len(rows), len(SHIPPED)), np.nan, np.float32),
            [row["platform"] for row in rows],
            [row["title"] for row in rows],
            [row["src"] for row in rows],
            np.ones(len(rows), np.bool_),
        ),
        stars,
    )


def read_public(names: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Give the texts, raw labels (``pos``, ``neg``, ``neu`` ...) and set names of public sets, train splits only."""
    rows = [(row["text"], row["label"], name) for name in names for row in load(f"sentiment/{name}.train")]
    return [text for text, _, _ in rows], [label for _, label, _ in rows], [name for _, _, name in rows]


def folds(groups: Iterable[str], n_folds: int, *, largest: int = 400, seed: int = 0) -> NDArray[np.int64]:
    """Deal rows into folds ``(n,)`` so that a title stays in one fold.

    A group of more than ``largest`` rows is no title but a whole forum or feed; it is dealt row by row, because left
    whole it would be a fold of its own.
    """
    _, group = np.unique(np.asarray(list(groups), dtype=object).astype(str), return_inverse=True)
    sizes = np.bincount(group)
    dice = np.random.default_rng(seed)
    by_group = dice.integers(0, n_folds, len(sizes))[group]
    by_row = dice.integers(0, n_folds, len(group))
    return np.where(sizes[group] > largest, by_row, by_group)
