"""Alerts against the truth: where the negative share really rose, which rises were told, how soon, and what was not so.

An *episode* is where the share of truly negative comments rose by ten points or more and stayed there for thirty
comments or more. It is found afterwards and from the true labels alone, so no detector could have known it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from service.monitor.comments import Bools, Ints
from service.replay.changepoints import steady_parts

#: What makes an episode: the rise of the share, and the comments it lasts at least.
LEAST_RISE, LEAST_COMMENTS = 0.10, 30

_BEFORE = 300  # comments outside of episodes whose share a rise is measured against


@dataclass(frozen=True, slots=True)
class Episode:
    """A rise of the negative share from ``before`` to ``share``, from the comment ``first`` to ``last``, both in it.

    ``lasting`` is one that the comments end in.
    """

    first: int
    last: int
    before: float
    share: float
    lasting: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a detector did that gave ``alarms`` at these comments.

    ``delays`` are the comments from the onset of each episode found to the first alarm in it; ``false_alarms`` those
    outside of every episode.
    """

    name: str
    alarms: tuple[int, ...]
    episodes: int
    delays: tuple[int, ...]
    false_alarms: int

    @property
    def mean_delay(self) -> float | None:
        """The mean of the delays; None where nothing was found."""
        return sum(self.delays) / len(self.delays) if self.delays else None


def find_episodes(negative: Bools, numbers: Ints) -> list[Episode]:
    """Give the episodes of a stream whose comments ``numbers`` ``(n,)`` are known to be ``negative`` ``(n,)`` or not.

    The stream is divided into steady parts (`steady_parts`). An episode begins with a part whose share is at least ten
    points above that of the comments before it (300 at most, those of earlier episodes left out), and lasts as long as
    the parts stay so far above it. What a stream opens with is no rise.

    >>> marks = np.arange(900) % 10 < np.repeat([1, 5, 1], 300)
    >>> [(each.first, each.last) for each in find_episodes(marks, np.arange(1, 901))]
    [(301, 595)]
    """
    if not len(negative):
        return []
    episodes: list[Episode] = []
    outside = np.zeros(len(negative), np.bool_)
    begun: int | None = None
    before = 1.0
    for start, end in pairwise(steady_parts(negative, LEAST_COMMENTS).tolist()):
        rises = float(negative[start:end].mean()) >= before + LEAST_RISE
        if rises and begun is None:
            begun = start
        elif not rises:
            if begun is not None:
                episodes.append(_episode(negative, numbers, begun, start, before))
                begun = None
            outside[start:end] = True
            before = float(negative[np.flatnonzero(outside)[-_BEFORE:]].mean())
    if begun is not None:
        episodes.append(_episode(negative, numbers, begun, len(negative), before))
    return episodes


def judge(name: str, alarms: Sequence[int], episodes: Sequence[Episode]) -> Verdict:
    """Hold alarms, comment numbers in order, against the episodes.

    >>> judge("always", [100, 200, 300], [Episode(150, 250, 0.1, 0.4, False)]).delays
    (50,)
    """
    delays, hits = [], 0
    for episode in episodes:
        inside = [alarm for alarm in alarms if episode.first <= alarm <= episode.last]
        hits += len(inside)
        if inside:
            delays.append(inside[0] - episode.first)
    return Verdict(name, tuple(alarms), len(episodes), tuple(delays), len(alarms) - hits)


def _episode(negative: Bools, numbers: Ints, start: int, end: int, before: float) -> Episode:
    share = float(negative[start:end].mean())
    return Episode(int(numbers[start]), int(numbers[end - 1]), before, share, lasting=end == len(negative))
