"""Facets: the audience circles, aspects and stage of a comment, each with a probability; most comments carry few.

One multi-label head serves all three. A facet is named where its probability reaches its threshold, so a comment may
carry none; of the stages it carries the likeliest at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.shares import MixRates

F32 = NDArray[np.float32]

#: The kinds of facets, as a manifest names them.
FACET_KINDS = ("circles", "aspects", "stages")


@dataclass(frozen=True, slots=True)
class FacetNames:
    """The facets a model knows, in the order of its columns: circles, then aspects, then stages."""

    circles: tuple[str, ...]
    aspects: tuple[str, ...]
    stages: tuple[str, ...]

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> FacetNames:
        """Read the names from a model's manifest, a user's own circles behind the shipped ones.

        Raises KeyError for a model that knows no facets.
        """
        circles, aspects, stages = (tuple(manifest["facets"][kind]) for kind in FACET_KINDS)
        return cls((*circles, *manifest.get("own_circles", ())), aspects, stages)

    def __len__(self) -> int:
        return len(self.circles) + len(self.aspects) + len(self.stages)

    @property
    def all(self) -> tuple[str, ...]:
        """Every name in order."""
        return (*self.circles, *self.aspects, *self.stages)

    @property
    def circle_columns(self) -> slice:
        """Where the circles stand in an array of all facets."""
        return slice(0, len(self.circles))

    @property
    def aspect_columns(self) -> slice:
        """Where the aspects stand."""
        return slice(len(self.circles), len(self.circles) + len(self.aspects))

    @property
    def stage_columns(self) -> slice:
        """Where the stages stand."""
        return slice(len(self.circles) + len(self.aspects), len(self))


@dataclass(frozen=True, slots=True)
class FacetScores:
    """What the model reads of the facets of a batch.

    ``chances`` is ``(n_comments, n_facets) float32``, columns as ``names``; ``decided`` of the same shape is True where
    a facet is named; ``rates`` is what `model.audience_mix` corrects the shares of circles by.
    """

    names: FacetNames
    chances: F32
    decided: NDArray[np.bool_]
    rates: MixRates | None = None

    @property
    def circle_chances(self) -> F32:
        """``(n_comments, n_circles)`` the probability of each circle."""
        chosen: F32 = self.chances[:, self.names.circle_columns]
        return chosen

    @property
    def circles(self) -> list[list[str]]:
        """The circles of each comment, often none, in the order of the taxonomy."""
        return _named(self.names.circles, self.decided[:, self.names.circle_columns])

    @property
    def aspects(self) -> list[list[str]]:
        """The aspects each comment judges."""
        return _named(self.names.aspects, self.decided[:, self.names.aspect_columns])

    @property
    def stage(self) -> list[str | None]:
        """The stage of each comment, None where it shows none."""
        rows = _named(self.names.stages, self.decided[:, self.names.stage_columns])
        return [row[0] if row else None for row in rows]


def decide_facets(chances: F32, thresholds: F32, names: FacetNames) -> NDArray[np.bool_]:
    """Tell which facets ``(n_comments, n_facets)`` are named at the thresholds ``(n_facets,)``, one stage at most."""
    decided: NDArray[np.bool_] = chances >= thresholds
    stages = decided[:, names.stage_columns]
    if stages.any():
        likeliest = (chances[:, names.stage_columns] / thresholds[names.stage_columns]).argmax(axis=1)
        stages &= np.arange(stages.shape[1]) == likeliest[:, None]
    return decided


def _named(names: Sequence[str], decided: NDArray[np.bool_]) -> list[list[str]]:
    """Give the names of each row; rows without any share no list, so each may be changed."""
    rows: list[list[str]] = [[] for _ in range(len(decided))]
    for row in np.flatnonzero(decided.any(axis=1)).tolist():
        rows[row] = list(compress(names, decided[row].tolist()))
    return rows
