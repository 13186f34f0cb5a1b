"""Scored comments of the test's choice, written one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model import FacetNames
from service.monitor.comments import ScoredComments

NAMES = FacetNames(("cinephile", "comedy", "family"), ("story", "marketing"), ("dissuade", "refund"))
NOON = 1_549_339_200.0  # 5 February 2019, 12:00 in Shanghai


@dataclass(frozen=True)
class Said:
    """One comment; ``facets`` are those named, each with the chance 0.9, all others having 0.02."""

    text: str = "好看"
    negative: float = 0.1
    facets: tuple[str, ...] = ()
    platform: str | None = None
    likes: int = 0
    time: float | None = None
    author: str | None = None
    gender: str | None = None
    copy: bool = False


def scored(said: Sequence[Said], names: FacetNames = NAMES, first: int = 0) -> ScoredComments:
    """Give the comments in order, one a minute from noon on where no time is said; ``first`` is the first one's seq."""
    n = len(said)
    decided = np.array([[name in each.facets for name in names.all] for each in said], np.bool_).reshape(n, len(names))
    negative = np.array([each.negative for each in said], np.float32)
    return ScoredComments(
        names=names,
        seq=np.arange(first, first + n, dtype=np.int64),
        time=np.array(
            [NOON + 60 * (first + place) if each.time is None else each.time for place, each in enumerate(said)]
        ),
        text=[each.text for each in said],
        author=[each.author for each in said],
        thread=[None] * n,
        platform=[each.platform for each in said],
        gender=[each.gender for each in said],
        likes=np.array([each.likes for each in said], np.int64),
        polarity=np.stack([negative, (1 - negative) / 2, (1 - negative) / 2], axis=1),
        facets=np.where(decided, 0.9, 0.02).astype(np.float32),
        decided=decided,
        vectors=np.eye(4, dtype=np.float32)[np.arange(n) % 4],
        copy=np.array([each.copy for each in said], np.bool_),
    )
