"""A stream of the past through the monitor of the running service, at full speed.

The comments come in the order of their times, in steps as the service takes them, with scores rounded as it rounds
them: what is told here is what would have been told then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from model import Scorer
from service.monitor.bucket_sums import BucketSums, merge, sums_of
from service.monitor.comments import F64, Bools, ScoredComments
from service.monitor.expectations import Expectations
from service.monitor.series import read_series
from service.monitor.signals import negative_of
from service.monitor.stream import StreamMonitor
from service.replay.dump import Comments
from service.replay.kept import KeptHistory
from service.replay.told import ToldAlerts
from service.store.comments import StoredComment
from service.streams.engine import STEP
from service.streams.scored import score_comments
from service.streams.telling import Teller

_HOUR, _DAY = 3_600, 86_400


@dataclass(slots=True)
class Costs:
    """Seconds spent on scoring, on the monitor, and on telling what it found."""

    scoring: float = 0.0
    monitor: float = 0.0
    telling: float = 0.0

    def add(self, more: Costs) -> None:
        """Add those of another stream."""
        self.scoring += more.scoring
        self.monitor += more.monitor
        self.telling += more.telling


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a stream: documents of alerts, segments and the points of the series, and ``negative`` ``(n,)``, the
    signal that the backlash detector was fed. ``unconfirmed`` alerts were pending and never fired."""

    comments: Comments
    alerts: list[dict[str, Any]]
    segments: list[dict[str, Any]]
    points: list[dict[str, Any]]
    negative: F64
    unconfirmed: int
    costs: Costs


def replay(
    comments: Comments,
    scorer: Scorer,
    expected: Expectations,
    bucket: int,
    on_watched: Callable[[int], None] = lambda comments: None,
) -> Replayed:
    """Feed a stream's comments to a new monitor; ``bucket`` is the series' in seconds.

    ``on_watched`` is called with the number of comments of each step. Raises ValueError for a bucket that is no
    multiple of ten minutes.
    """
    names, costs = scorer.facet_names, Costs()
    monitor = StreamMonitor(comments.stream, names.circles, expected, scorer.mix_rates)
    history = KeptHistory(comments, names)
    teller = Teller(monitor, history, scorer.words, scorer.mix_rates)
    told, sums = ToldAlerts(), _Sums(bucket)
    negative = np.zeros(len(comments))
    for start in range(0, len(comments), STEP):
        rows = range(start, min(start + STEP, len(comments)))
        clock = time.perf_counter()
        scored = scored_from(comments, rows, scorer)
        costs.scoring += (scored_at := time.perf_counter()) - clock
        outcome = monitor.update(scored)
        sums.add(scored, outcome.copies)
        costs.monitor += (watched_at := time.perf_counter()) - scored_at
        history.add(replace(scored, copy=outcome.copies))
        negative[rows.start : rows.stop] = negative_of(scored)
        for change in outcome.changes:
            told.take(change, teller)
        for proposed in outcome.segments:
            told.propose(proposed, teller)
        costs.telling += time.perf_counter() - watched_at
        on_watched(len(rows))
    return Replayed(
        comments=comments,
        alerts=told.documents(),
        segments=[teller.segment(each) for each in monitor.segments.current()],
        points=[point.document() for point in read_series(sums.rows(), names, bucket, monitor.core)],
        negative=negative,
        unconfirmed=told.unconfirmed,
        costs=costs,
    )


def scored_from(comments: Comments, rows: range, scorer: Scorer) -> ScoredComments:
    """Score some comments of a stream as the running service scores accepted ones; their number is their ``seq``."""
    return score_comments(
        scorer,
        [
            StoredComment(
                seq=row + 1,
                stream=0,
                id="",
                time=float(comments.time[row]),
                text=comments.text[row],
                author=comments.author[row],
                thread=comments.thread[row],
                platform=comments.platform[row],
                gender=comments.gender[row],
                likes=int(comments.likes[row]),
                late=False,
            )
            for row in rows
        ],
    )


def usual_bucket(comments: Comments) -> str:
    """Give the bucket that suits the time the comments span: ten minutes, an hour or a day."""
    days = (comments.time[-1] - comments.time[0]) / _DAY
    return "10m" if days <= 2 else "1h" if days <= 60 else "1d"


@dataclass(slots=True)
class _Sums:
    """The sums of a series, all platforms together, by hours where no bucket needs them finer."""

    bucket: int
    merged: dict[int, Sequence[float]] = field(default_factory=dict)

    def add(self, scored: ScoredComments, copies: Bools) -> None:
        for each in sums_of(scored, np.ones(len(scored), np.bool_), copies):
            start = each.start // _HOUR * _HOUR if self.bucket % _HOUR == 0 else each.start
            self.merged[start] = merge(self.merged.get(start, []), each.sums)

    def rows(self) -> list[BucketSums]:
        return [BucketSums(start, "", sums) for start, sums in sorted(self.merged.items())]
