"""The pool: the most uncertain comments of a dump, a few for each lane, so that memory does not grow with the dump."""

from bisect import insort
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from corpora.comment import Comment
from model.text import normalise
from service.review.lanes import F32, Lane, distances, lanes_of, reasons

if TYPE_CHECKING:
    from model import Scores
    from model.facets import FacetNames

_SHORTEST = 4  # letters: less gives nothing to judge


@dataclass(frozen=True, slots=True)
class Candidate:
    """A comment with what the model takes it for; ``order`` counts the dump's comments, ``why`` has a text a lane."""

    order: int
    comment: Comment
    polarity: str
    confidence: float
    circles: list[str]
    aspects: list[str]
    stage: str | None
    why: list[str]


class Nearest:
    """At most ``capacity`` candidates of different wording, those with the least distance."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: list[tuple[float, int, str, Candidate]] = []
        self._wordings: set[str] = set()

    @property
    def reach(self) -> float:
        """Only what is nearer than this can come in."""
        return self._kept[-1][0] if len(self._kept) >= self._capacity else 1.0

    def wants(self, distance: float, wording: str) -> bool:
        """Whether a comment is near enough and says what no other says."""
        return distance < self.reach and wording not in self._wordings

    def take(self, distance: float, wording: str, candidate: Candidate) -> None:
        """Take a candidate in; the farthest goes where there are too many."""
        insort(self._kept, (distance, candidate.order, wording, candidate))
        self._wordings.add(wording)
        if len(self._kept) > self._capacity:
            self._wordings.remove(self._kept.pop()[2])

    @property
    def found(self) -> list[tuple[float, Candidate]]:
        """Distance and candidate, the nearest first."""
        return [(distance, candidate) for distance, _, _, candidate in self._kept]


class Pool:
    """Candidates for every lane, and a plain random sample of all comments.

    ``sample_size`` comments are drawn with equal chances, repeated wordings too: shares may be estimated on them.
    ``known`` holds the wordings (see `wording_of`) that have been labelled before and are left out.
    """

    def __init__(
        self,
        names: "FacetNames",
        thresholds: F32,
        capacity: int,
        sample_size: int,
        known: Collection[str] = (),
        seed: int = 0,
    ) -> None:
        self.lanes = lanes_of(names)
        self.comments = 0
        self._thresholds = thresholds
        self._nearest = [Nearest(capacity) for _ in self.lanes]
        self._sample: list[tuple[float, Candidate]] = []
        self._sample_size = sample_size
        self._known = known
        self._dice = np.random.default_rng(seed)

    def add(self, comments: Sequence[Comment], scores: "Scores") -> None:
        """Look at further comments of the dump."""
        away = distances(scores, self._thresholds)
        draws = self._dice.random(len(comments))
        near = away < [nearest.reach for nearest in self._nearest]
        full = len(self._sample) >= self._sample_size
        drawn = draws < (max((draw for draw, _ in self._sample[-1:]), default=0.0) if full else 1.0)
        candidates = _candidates(comments, scores, self.comments)
        for row in np.flatnonzero(near.any(axis=1) | drawn).tolist():
            wording = wording_of(comments[row].text)
            if wording in self._known:
                continue
            asking = [
                (nearest, float(away[row, lane]))
                for lane in np.flatnonzero(near[row]).tolist()
                if (nearest := self._nearest[lane]).wants(away[row, lane], wording) and len(wording) >= _SHORTEST
            ]
            if not asking and not drawn[row]:
                continue
            candidate = candidates(row)
            for nearest, distance in asking:
                nearest.take(distance, wording, candidate)
            if drawn[row]:
                insort(self._sample, (float(draws[row]), candidate), key=lambda kept: kept[0])
                del self._sample[self._sample_size :]
        self.comments += len(comments)

    @property
    def found(self) -> dict[Lane, list[tuple[float, Candidate]]]:
        """For each lane distances and candidates, the nearest first."""
        return {lane: nearest.found for lane, nearest in zip(self.lanes, self._nearest, strict=True)}

    @property
    def sample(self) -> list[Candidate]:
        """The plain random sample, in random order: the first n are a plain sample too."""
        return [candidate for _, candidate in self._sample]


def _candidates(comments: Sequence[Comment], scores: "Scores", first: int) -> Callable[[int], Candidate]:
    """What makes the candidate of a row; few rows are asked for."""
    polarity, facets = scores.polarity, scores.facets
    circles, aspects, stage = facets.circles, facets.aspects, facets.stage

    def make(row: int) -> Candidate:
        confidence = float(scores.probabilities[row].max())
        why = reasons(scores, row)
        return Candidate(
            first + row, comments[row], polarity[row], confidence, circles[row], aspects[row], stage[row], why
        )

    return make


def wording_of(text: str) -> str:
    """The letters of a comment, a repeated one once: comments with the same wording are copies of each other.

    >>> wording_of("哈哈哈哈，好看！！") == wording_of("哈哈好看 6分")[:3]
    True
    """
    return "".join(letter for letter, _ in groupby(filter(str.isalpha, normalise(text))))
