"""Choose the queue from the pool: the most uncertain comments, each unlike those chosen before it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from service.errors import SettingsError
from service.review.lanes import CIRCLE, POLARITY, RANDOM, Lane
from service.review.pool import Candidate, Pool

RANDOM_SHARE = 0.1
"""The share of the queue that is drawn at random, at least."""
CIRCLE_SHARE, FACET_SHARE = 0.5, 0.1
"""The shares that are near a circle's threshold, and near that of an aspect or a stage; the polarity has the rest."""

_COPY = 0.6  # cosine of weighted n-grams from which two comments say the same
_TOPICS = 32
_SHARED = 3  # n-grams of fewer comments tell of no topic
_SIMILARITY_COSTS, _WORK_COSTS = 0.5, 0.25  # in distances: being like a chosen comment, and being of the same work


@dataclass(frozen=True, slots=True)
class Plan:
    """How many comments come into the queue, and for which reasons."""

    count: int
    random: int
    circles: int
    facets: int

    @property
    def polarity(self) -> int:
        """Comments between two polarities."""
        return self.count - self.random - self.circles - self.facets


@dataclass(frozen=True, slots=True)
class Chosen:
    """A comment of the queue, the lane it was chosen for, and why."""

    candidate: Candidate
    lane: Lane
    why: str


def make_plan(count: int, per_circle: int | None, n_circles: int) -> Plan:
    """Deal out the queue. Raises `SettingsError` where the circles ask for more than there is."""
    drawn = max(1, round(count * RANDOM_SHARE))
    facets = round(count * FACET_SHARE)
    if per_circle is None:
        return Plan(count, drawn, min(round(count * CIRCLE_SHARE), count - drawn - facets), facets)
    asked = per_circle * n_circles
    if asked > count - drawn:
        raise SettingsError(
            f"--per-circle {per_circle} asks for {asked} comments in {n_circles} circles, but of --count {count} only "
            f"{count - drawn} are left beside the random ones: give --count {-(-asked * 10 // 9) + 1} or a smaller "
            "--per-circle."
        )
    return Plan(count, drawn, asked, min(facets, count - drawn - asked))


def choose(pool: Pool, plan: Plan, weigh: Callable[[Sequence[str]], csr_matrix], seed: int = 0) -> list[Chosen]:
    """The queue, in random order, so that whoever stops early has labelled some of every kind.

    ``weigh`` gives the weighted n-grams of comments, rows of length 1. Circles come first, those with the fewest
    candidates ahead, one comment each in turn; what they leave over goes to the polarity, then to any lane, and last to
    the random sample.
    """
    selection = _Selection(pool, weigh)
    for candidate in pool.sample[: plan.random]:
        selection.take(Lane(RANDOM), candidate)
    by_size = sorted(pool.found.items(), key=lambda item: len(item[1]))
    lanes = [lane for lane, _ in by_size]
    circles = [lane for lane in lanes if lane.kind == CIRCLE]
    polarity = [lane for lane in lanes if lane.kind == POLARITY]
    facets = [lane for lane in lanes if lane not in circles and lane not in polarity]
    left = selection.take_in_turn(circles, plan.circles) + selection.take_in_turn(facets, plan.facets)
    left = selection.take_in_turn(polarity, plan.polarity + left)
    left = selection.take_in_turn(lanes, left)
    for candidate in pool.sample[plan.random :]:
        if left and selection.is_new(candidate):
            selection.take(Lane(RANDOM), candidate)
            left -= 1
    order = np.random.default_rng(seed).permutation(len(selection.chosen)).tolist()
    return [selection.chosen[place] for place in order]


class _Selection:
    """What has been chosen so far, and how like it every candidate is."""

    def __init__(self, pool: Pool, weigh: Callable[[Sequence[str]], csr_matrix]) -> None:
        self.chosen: list[Chosen] = []
        found = pool.found
        everyone = {candidate.order: candidate for candidate in pool.sample}
        everyone |= {candidate.order: candidate for near in found.values() for _, candidate in near}
        self._candidates = [everyone[order] for order in sorted(everyone)]
        self._place = {candidate.order: place for place, candidate in enumerate(self._candidates)}
        self._lane_index = {lane: place for place, lane in enumerate(pool.lanes)}
        self._lanes = {
            lane: (
                np.asarray([self._place[candidate.order] for _, candidate in near], np.int64),
                np.asarray([distance for distance, _ in near], np.float32),
            )
            for lane, near in found.items()
        }
        self._ngrams = weigh([candidate.comment.text for candidate in self._candidates])
        self._topics = _topics(self._ngrams)
        size = len(self._candidates)
        self._closed = np.zeros(size, np.bool_)
        self._similarity = np.zeros(size, np.float32)
        _, self._work = np.unique([candidate.comment.work or "" for candidate in self._candidates], return_inverse=True)
        self._of_work = np.zeros(self._work.max(initial=0) + 1, np.float32)

    def take_in_turn(self, lanes: Iterable[Lane], count: int) -> int:
        """Take up to ``count`` comments, one of each lane in turn; how many are still wanted when all are empty."""
        waiting = list(lanes)
        while waiting and count:
            for lane in list(waiting):
                if not count:
                    break
                best = self._best(lane)
                if best is None:
                    waiting.remove(lane)
                else:
                    self.take(lane, best)
                    count -= 1
        return count

    def is_new(self, candidate: Candidate) -> bool:
        """Whether neither the comment nor a copy of it has been chosen."""
        return not self._closed[self._place[candidate.order]]

    def take(self, lane: Lane, candidate: Candidate) -> None:
        """Choose a candidate; from now on it and what is like it is worth less."""
        place = self._place[candidate.order]
        why = lane.kind if lane.kind == RANDOM else candidate.why[self._lane_index[lane]]
        self.chosen.append(Chosen(candidate, lane, why))
        cosine = (self._ngrams @ self._ngrams[place].T).toarray().ravel()
        self._closed |= cosine >= _COPY
        self._closed[place] = True
        # Rounded: the last bits of a sum differ from machine to machine, the queue must not.
        np.maximum(self._similarity, (self._topics @ self._topics[place]).round(3), out=self._similarity)
        self._of_work[self._work[place]] += 1

    def _best(self, lane: Lane) -> Candidate | None:
        places, away = self._lanes[lane]
        open_ = ~self._closed[places]
        if not open_.any():
            return None
        same_work = self._of_work[self._work[places]] / max(1, len(self.chosen))
        cost = away + _SIMILARITY_COSTS * self._similarity[places] + _WORK_COSTS * same_work
        return self._candidates[int(places[np.where(open_, cost, np.inf).argmin()])]


def _topics(ngrams: csr_matrix) -> NDArray[np.float32]:
    """The comments in a few dimensions, rows of length 1: there, other words for the same matter are near."""
    size = min(_TOPICS, ngrams.shape[0] - 1)
    if size < 2:
        return np.zeros((ngrams.shape[0], 1), np.float32)
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    shared = ngrams[:, np.flatnonzero(ngrams.getnnz(axis=0) >= _SHARED)]
    if shared.shape[1] <= size:
        return np.zeros((ngrams.shape[0], 1), np.float32)
    topics = TruncatedSVD(size, n_iter=2, random_state=0).fit_transform(shared)
    whole: NDArray[np.float32] = normalize(topics).astype(np.float32)
    return whole
