"""Labels: every source of polarity turned into soft targets.

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


@dataclass(frozen=True, slots=True)
class Examples:
    """Comments with targets: ``targets`` is ``(n, 3) float32``; ``groups`` holds the title of each, for splits."""

    texts: list[str]
    targets: F32
    platforms: list[str | None]
    groups: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[Any]) -> Examples:
        """Give the examples of some rows, chosen by index or by mask."""
        chosen = np.arange(len(self))[rows].tolist()
        return Examples(
            [self.texts[i] for i in chosen],
            self.targets[rows],
            [self.platforms[i] for i in chosen],
            [self.groups[i] for i in chosen],
        )


def read_gold(name: str) -> Examples:
    """Give the gold-labelled comments of a split (``"train"`` or ``"dev"``)."""
    return from_records(load(f"gold/{name}"))


def from_records(records: Iterable[Mapping[str, Any]]) -> Examples:
    """Give examples from records with ``text``, ``polarity`` and, where known, ``platform``, ``title`` and ``src``."""
    rows = list(records)
    return Examples(
        [row["text"] for row in rows],
        np.asarray([POLARITY_TARGETS[row["polarity"]] for row in rows], np.float32).reshape(-1, 3),
        [row.get("platform") for row in rows],
        [str(row.get("title") or row.get("work") or row.get("src") or "") for row in rows],
    )


def read_stars(name: str) -> tuple[Examples, NDArray[np.int64]]:
    """Give the starred comments of a split (``"train"`` or ``"test"``) and their stars ``(n,)``."""
    rows = list(load(f"film/starred.{name}"))
    stars = np.asarray([row["star"] for row in rows])
    targets = np.asarray([STAR_TARGETS[star] for star in stars.tolist()], np.float32)
    return (
        Examples(
            [row["text"] for row in rows], targets, [row["platform"] for row in rows], [row["title"] for row in rows]
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
