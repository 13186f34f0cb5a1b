"""Counts of polarities by work and platform with the net sentiment they give, and counts of the audience by work."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import sqrt
from operator import add
from typing import Any

POLARITIES = ("negative", "neutral", "positive")

Group = tuple[str | None, str | None]
"""Work and platform, None where the dump does not say."""

OTHERS = "(other works)"
"""Stands for every work beyond the first `MOST_GROUPS` groups, or `MOST_AUDIENCES` works, met."""

MOST_GROUPS = 1000
MOST_AUDIENCES = 50
_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Counts:
    """Comments of each polarity."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0

    @property
    def comments(self) -> int:
        """All comments."""
        return self.negative + self.neutral + self.positive

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.negative + other.negative, self.neutral + other.neutral, self.positive + other.positive)


@dataclass(frozen=True, slots=True)
class NetSentiment:
    """The share of positive minus the share of negative comments, in [-1, 1], with its 95 % interval."""

    value: float
    low: float
    high: float


def net_sentiment(counts: Counts) -> NetSentiment | None:
    """Net sentiment of a group, None without comments.

    The interval is the adjusted Wald interval for the difference of two shares of one sample (Bonett and Price 2012,
    Journal of Educational and Behavioral Statistics 37:479), good from few comments on. It holds the chance of which
    comments were sampled, not the errors of the model.

    >>> net = net_sentiment(Counts(negative=20, neutral=30, positive=50))
    >>> net.value, round(net.low, 2), round(net.high, 2)
    (0.3, 0.14, 0.45)
    """
    n = counts.comments
    if not n:
        return None
    positive, negative = (counts.positive + 1) / (n + 2), (counts.negative + 1) / (n + 2)
    centre = positive - negative
    margin = _Z * sqrt((positive + negative - centre**2) / (n + 2))
    return NetSentiment((counts.positive - counts.negative) / n, max(-1.0, centre - margin), min(1.0, centre + margin))


class Tally:
    """Counts by group, for at most `MOST_GROUPS` groups, so that it stays small however many works a dump names."""

    def __init__(self, counts: Mapping[Group, Counts] | None = None) -> None:
        self.counts: dict[Group, Counts] = dict(counts or {})

    def add(self, more: Iterable[tuple[Group, Counts]]) -> None:
        """Count further comments."""
        for group, counts in more:
            if group not in self.counts and len(self.counts) >= MOST_GROUPS:
                group = (OTHERS, None)
            self.counts[group] = self.counts.get(group, Counts()) + counts

    @property
    def total(self) -> Counts:
        """The counts of all groups together."""
        return sum(self.counts.values(), Counts())

    def as_json(self) -> list[list[object]]:
        """Work, platform and the three counts of each group, in the order they were met."""
        return [[*group, c.negative, c.neutral, c.positive] for group, c in self.counts.items()]

    @classmethod
    def from_json(cls, rows: Iterable[list[object]]) -> "Tally":
        """What `as_json` gave."""
        return cls({(row[0], row[1]): Counts(*row[2:]) for row in rows})  # type: ignore[misc, arg-type]


def count_polarities(groups: Iterable[Group], polarities: Iterable[str]) -> list[tuple[Group, Counts]]:
    """Counts by group of comments given one by one."""
    found: dict[Group, dict[str, int]] = {}
    for (group, polarity), comments in Counter(zip(groups, polarities, strict=True)).items():
        found.setdefault(group, dict.fromkeys(POLARITIES, 0))[polarity] = comments
    return [(group, Counts(**counts)) for group, counts in found.items()]


@dataclass(frozen=True, slots=True)
class AudienceCounts:
    """What comments show of their audience, in whole numbers; those of parts add up, and `AudienceCounts()` is none.

    `gender` are the fields of `model.GenderCounts` in order, `named` how many comments each aspect and then each stage
    is named in, and `bins` the `(n_circles + 1, b)` of `model.mix.count_for_mix`, empty where the model has no rates.
    """

    gender: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    bins: tuple[tuple[int, ...], ...] = ()

    @property
    def comments(self) -> int:
        """All comments."""
        return self.gender[0] if self.gender else 0

    def __add__(self, other: "AudienceCounts") -> "AudienceCounts":
        bins = zip_longest(self.bins, other.bins, fillvalue=())
        return AudienceCounts(
            _sums(self.gender, other.gender), _sums(self.named, other.named), tuple(_sums(*row) for row in bins)
        )


class AudienceTally:
    """Counts of the audience by work, for the first `MOST_AUDIENCES` works met and one for all `OTHERS`."""

    def __init__(self, counts: Mapping[str | None, AudienceCounts] | None = None) -> None:
        self.counts: dict[str | None, AudienceCounts] = dict(counts or {})

    def add(self, more: Iterable[tuple[str | None, AudienceCounts]]) -> None:
        """Count further comments, of each work in the order in which the works were met."""
        for work, counts in more:
            if work not in self.counts and len(self.counts) >= MOST_AUDIENCES:
                work = OTHERS
            self.counts[work] = self.counts.get(work, AudienceCounts()) + counts

    @property
    def followed(self) -> frozenset[str | None] | None:
        """The works that are counted each on its own; None as long as there may be more."""
        return frozenset(self.counts) - {OTHERS} if len(self.counts) >= MOST_AUDIENCES else None

    @property
    def total(self) -> AudienceCounts:
        """The counts of all works together."""
        return sum(self.counts.values(), AudienceCounts())

    def as_json(self) -> list[list[object]]:
        """Work and the three counts of each, in the order they were met."""
        return [[work, c.gender, c.named, c.bins] for work, c in self.counts.items()]

    @classmethod
    def from_json(cls, rows: Iterable[list[Any]]) -> "AudienceTally":
        """What `as_json` gave."""
        return cls({work: AudienceCounts(tuple(g), tuple(n), tuple(map(tuple, bins))) for work, g, n, bins in rows})


def _sums(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    if len(one) == len(other):
        return tuple(map(add, one, other))
    return tuple(a + b for a, b in zip_longest(one, other, fillvalue=0))
