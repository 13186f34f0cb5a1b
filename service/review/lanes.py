"""Lanes: the questions a comment may be worth asking a person about, and how near the model is to not knowing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model import Scores
    from model.facets import FacetNames

F32 = NDArray[np.float32]

POLARITY, CIRCLE, ASPECT, STAGE, RANDOM = "polarity", "circle", "aspect", "stage", "random"
"""The kinds of reasons for which a comment comes into the queue."""

_MARGIN = 0.5
_ODDS = 4.0


@dataclass(frozen=True, slots=True)
class Lane:
    """One question: of a ``kind``, and for facets about the one with this name."""

    kind: str
    name: str = ""


def lanes_of(names: "FacetNames") -> list[Lane]:
    """The polarity, then every circle, aspect and stage in the model's order."""
    facets = ((CIRCLE, names.circles), (ASPECT, names.aspects), (STAGE, names.stages))
    return [Lane(POLARITY), *(Lane(kind, name) for kind, known in facets for name in known)]


def distances(scores: "Scores", thresholds: F32) -> F32:
    """How far each comment is from the point where the model would decide otherwise, ``(n_comments, n_lanes)``.

    0 is at that point; from 1 on the model is not uncertain: the likeliest polarity leads the next by 0.5, or the odds
    of a facet are four times those of its threshold, or a fourth of them.
    """
    ordered = np.sort(scores.probabilities, axis=1)
    margin = (ordered[:, -1] - ordered[:, -2]) / _MARGIN
    facets = np.abs(_logit(scores.facets.chances) - _logit(thresholds)) / np.log(_ODDS)
    return np.concatenate([margin[:, None], facets], axis=1).astype(np.float32)


def reasons(scores: "Scores", row: int) -> list[str]:
    """What the model is torn between, for each lane of one comment, as the column ``why`` has it."""
    first, second = np.sort(scores.probabilities[row])[:-3:-1].tolist()
    names = scores.facets.names
    chances = scores.facets.chances[row].tolist()
    told = [
        f"{lane.kind}: {lane.name} {_short(chance)}" for lane, chance in zip(lanes_of(names)[1:], chances, strict=True)
    ]
    return [f"{POLARITY} {_short(first)}/{_short(second)}", *told]


def _logit(chances: F32) -> F32:
    clipped = np.clip(chances, 1e-6, 1 - 1e-6)
    logits: F32 = np.log(clipped / (1 - clipped))
    return logits


def _short(chance: float) -> str:
    return f"{chance:.2f}".removeprefix("0")
