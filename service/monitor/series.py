"""The series of a stream: what happened over event time, in buckets of any multiple of ten minutes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import exp, sqrt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from service.monitor.alerts import Share
from service.monitor.bucket_sums import BUCKET, FIGURES, ONE, BucketSums, SeriesLayout, add_up, merge, sums_of
from service.monitor.comments import F64, Ints
from service.monitor.intervals import Estimate, Z, difference, share_of, wilson

if TYPE_CHECKING:
    from model import FacetNames

__all__ = [
    "BUCKET",
    "BucketSums",
    "CirclePoint",
    "SeriesLayout",
    "SeriesPoint",
    "add_up",
    "merge",
    "parse_bucket",
    "read_series",
    "sums_of",
]

#: The figures of a point that are whole numbers.
COUNTS = ("comments", "organic", "copies", "late", "likes", "named_negative", "with_circle")

#: Where days begin.
ZONE = "Asia/Shanghai"

_ORGANIC = FIGURES.index("organic")
_DAY = 86_400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY}
_BUCKET_FORM = re.compile(r"([1-9][0-9]{0,6})([smhdw])")
_MONDAY = 4 * _DAY  # the first Monday after the epoch, from which buckets are counted so that weeks begin on Mondays
_DIGITS = 5  # of a share in a document


@dataclass(frozen=True, slots=True)
class CirclePoint:
    """A circle in a bucket: its share of the comments (mean probability), its penetration, which is its share of all
    comments up to the end of the bucket, and the penetration's speed: its change a day since the bucket before."""

    share: Share
    penetration: Share
    speed: Estimate | None


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """What happened from ``start`` to ``end`` (ISO 8601, with the zone's offset).

    ``copies`` (near-copies) and ``late`` ones are among the ``comments``; shares are of the ``organic`` ones, which are
    no near-copies. ``outside_core`` is the part of the voices of all circles that belongs to none of the core circles,
    ``effective_circles`` the effective number of circles, exp of the entropy of their parts; both are None where no
    circle was heard, ``outside_core`` also where there is no core. ``aspects`` and ``stages`` are mean probabilities.
    """

    start: str
    end: str
    comments: int
    organic: int
    copies: int
    late: int
    likes: int
    named_negative: int
    with_circle: int
    negative: Share
    positive: Share
    circles: Mapping[str, CirclePoint]
    outside_core: Share | None
    effective_circles: Estimate | None
    aspects: Mapping[str, float]
    stages: Mapping[str, float]

    def document(self) -> dict[str, Any]:
        """Give the point as JSON values; an interval is ``{"value", "low", "high"}``."""
        return {
            "start": self.start,
            "end": self.end,
            **{name: getattr(self, name) for name in COUNTS},
            "negative": _interval(self.negative),
            "positive": _interval(self.positive),
            "circles": {
                name: {
                    "share": _interval(circle.share),
                    "penetration": _interval(circle.penetration),
                    "speed_per_day": _interval(circle.speed),
                }
                for name, circle in self.circles.items()
            },
            "outside_core": _interval(self.outside_core),
            "effective_circles": _interval(self.effective_circles),
            "aspects": {name: round(share, _DIGITS) for name, share in self.aspects.items()},
            "stages": {name: round(share, _DIGITS) for name, share in self.stages.items()},
        }


def parse_bucket(text: str) -> int:
    """Give the seconds of a bucket such as ``30m``, ``1h``, ``1d`` or ``1w``. Raises ValueError where it is none.

    >>> parse_bucket("1h")
    3600
    """
    found = _BUCKET_FORM.fullmatch(text)
    if not found:
        raise ValueError(f"The bucket {text!r} is none; write a number and m, h, d or w, such as 30m, 1h or 1d.")
    seconds = int(found[1]) * _UNITS[found[2]]
    _check(seconds)
    return seconds


def read_series(
    rows: Iterable[BucketSums],
    names: FacetNames,
    bucket: int = 3600,
    core: Collection[str] = (),
    zone: str = ZONE,
) -> list[SeriesPoint]:
    """Give a point for each bucket of ``bucket`` seconds with comments, in the order of time, all platforms together.

    ``core`` are the core circles; those that ``names`` does not hold count for nothing. Days and hours are those of
    ``zone``. A circle's shares are of the comments whose model knew it. Raises ValueError for a bucket that is no
    multiple of ten minutes, and for rows that are none of this program's.
    """
    _check(bucket)
    kept = list(rows)
    figures, chances, known = SeriesLayout(names).read([row.sums for row in kept])
    clock = _Clock(bucket, ZoneInfo(zone))
    places = [clock.place(row.start) for row in kept]
    filled, number = np.unique(np.array(places, np.int64), return_inverse=True)
    sums, voices, heard = (
        _by_bucket(each, number, len(filled)) for each in (figures, chances, known * figures[:, [_ORGANIC]])
    )
    circles = _circle_points(voices, heard, names, [clock.end(place).timestamp() for place in filled.tolist()])
    return [
        _point(
            dict(zip(FIGURES, sums[row].tolist(), strict=True)),
            voices[row] / ONE,
            heard[row],
            names,
            core,
            circles[row],
            (clock.start(place), clock.end(place)),
        )
        for row, place in enumerate(filled.tolist())
    ]


def _by_bucket(values: Ints, number: Ints, buckets: int) -> Ints:
    sums = np.zeros((buckets, values.shape[1]), np.int64)
    np.add.at(sums, number, values)
    return sums


class _Clock:
    """Numbers the buckets of a zone's own time, in which a day lasts from midnight to midnight."""

    def __init__(self, bucket: int, zone: ZoneInfo) -> None:
        self._bucket, self._zone = bucket, zone
        self._offsets: dict[int, int] = {}

    def place(self, start: int) -> int:
        """Give the number of the bucket that the ten minutes from ``start`` on are in."""
        hour = start // 3600
        if hour not in self._offsets:
            offset = datetime.fromtimestamp(start, self._zone).utcoffset() or timedelta()
            self._offsets[hour] = round(offset.total_seconds())
        return (start + self._offsets[hour] - _MONDAY) // self._bucket

    def start(self, place: int) -> datetime:
        local = datetime.fromtimestamp(place * self._bucket + _MONDAY, UTC)
        return local.replace(tzinfo=self._zone)

    def end(self, place: int) -> datetime:
        return self.start(place + 1)


def _check(bucket: int) -> None:
    if bucket <= 0 or bucket % BUCKET:
        raise ValueError(
            f"The bucket of {bucket} seconds cannot be told, as sums are kept by {BUCKET // 60} minutes; ask for a "
            "multiple of that, such as 10m, 30m, 1h or 1d."
        )


def _circle_points(voices: Ints, heard: Ints, names: FacetNames, ends: Sequence[float]) -> list[dict[str, CirclePoint]]:
    """Give the circles of each bucket in the order of time; speed is what the newest comments moved penetration by."""
    chances = voices[:, names.circle_columns] / ONE
    counts = heard[:, names.circle_columns].astype(np.float64)
    now, so_far = _shares(chances, counts), _shares(chances.cumsum(axis=0), counts.cumsum(axis=0))
    points: list[dict[str, CirclePoint]] = []
    gone: list[float | None] = [None, *((end - start) / _DAY for start, end in pairwise(ends))]
    for row, days in enumerate(gone[: len(ends)]):
        point: dict[str, CirclePoint] = {}
        for column, name in enumerate(names.circles):
            speed, share, reached = None, now[row][column], so_far[row][column]
            if days is not None and reached.comments:
                moved = difference(so_far[row - 1][column], share)
                part = share.comments / reached.comments / days
                speed = Estimate(moved.value * part, moved.low * part, moved.high * part)
            point[name] = CirclePoint(share, reached, speed)
        points.append(point)
    return points


def _shares(totals: F64, counts: F64) -> list[list[Share]]:
    """Give shares at the interval of sure answers: the wider one, as squares of the facets are not kept."""
    return [
        [share_of(total, total, count) for total, count in zip(*row, strict=True)]
        for row in zip(totals.tolist(), counts.tolist(), strict=True)
    ]


def _point(
    figures: Mapping[str, int],
    chances: F64,
    heard: Ints,
    names: FacetNames,
    core: Collection[str],
    circles: Mapping[str, CirclePoint],
    bounds: tuple[datetime, datetime],
) -> SeriesPoint:
    organic = figures["organic"]
    voices, means = chances[names.circle_columns], chances / np.maximum(heard, 1)
    count = figures["circles"] ** 2 / (figures["circles_squares"] * ONE) if figures["circles_squares"] else 0.0
    return SeriesPoint(
        start=bounds[0].isoformat(),
        end=bounds[1].isoformat(),
        negative=share_of(figures["negative"] / ONE, figures["negative_squares"] / ONE, organic),
        positive=share_of(figures["positive"] / ONE, figures["positive_squares"] / ONE, organic),
        circles=circles,
        outside_core=_outside(dict(zip(names.circles, voices.tolist(), strict=True)), core, count, organic),
        effective_circles=_effective(voices, count),
        aspects=dict(zip(names.aspects, means[names.aspect_columns].tolist(), strict=True)),
        stages=dict(zip(names.stages, means[names.stage_columns].tolist(), strict=True)),
        **{name: figures[name] for name in COUNTS},
    )


def _outside(voices: Mapping[str, float], core: Collection[str], count: float, organic: int) -> Share | None:
    """Give the part of the voices outside the core.

    The interval is that of ``count`` comments with one circle each: the squared sum of the comments' voices by the sum
    of their squares (Kish 1965, Survey Sampling, 8.2).
    """
    total = sum(voices.values())
    if not total or not any(name in voices for name in core):
        return None
    part = sum(voice for name, voice in voices.items() if name not in core) / total
    return Share(part, *wilson(part, count), comments=organic)


def _effective(voices: F64, count: float) -> Estimate | None:
    """Give exp of the entropy of the voices' parts, its interval by the delta method for ``count`` comments."""
    parts = voices[voices > 0] / (voices.sum() or 1.0)
    if not len(parts) or count <= 0:
        return None
    entropy = -float(parts @ np.log(parts))
    error = sqrt(max(0.0, float(parts @ np.log(parts) ** 2) - entropy**2) / count)
    low, value, high = (exp(entropy + steps * Z * error) for steps in (-1, 0, 1))
    return Estimate(value, max(1.0, low), min(float(len(voices)), high))


def _interval(figure: Share | Estimate | None) -> dict[str, float] | None:
    if figure is None:
        return None
    return {name: round(getattr(figure, name), _DIGITS) for name in ("value", "low", "high")}
