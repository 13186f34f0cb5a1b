"""The monitor of one stream: scored comments in, alerts and segments out.

Each comment is first asked whether it is a near-copy, then weighed, then fed to the watches. Everything depends on the
comments and their order alone, never on how they came in batches, so a stream that is read again from a stored state
goes on to the last bit as if it had never stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from service.monitor import signals
from service.monitor.alerts import AlertChange, Severity, episode
from service.monitor.comments import F64, Bools, Ints, ScoredComments
from service.monitor.dependence import Dependence
from service.monitor.duplicates import CopyGroup, NearDuplicates
from service.monitor.expectations import Expectations
from service.monitor.loops import add_up
from service.monitor.panel import Panel
from service.monitor.readings import Readings
from service.monitor.segment import SegmentChange
from service.monitor.segments import Segments
from service.monitor.taking_part import SegmentsConfig
from service.monitor.watch import Crossing

if TYPE_CHECKING:
    from model.shares import MixRates

#: Platforms that are watched each by itself; those met later are watched together with the last of them.
MOST_PLATFORMS = 8

#: The core circles, where they are not given, hold this part of what is said from circles in the first phase.
_CORE_PART = 0.7

_CRITICAL_RISE = 0.2
_GROUPS_TOLD = 5


@dataclass(frozen=True, slots=True)
class _Open:
    """An alert that is pending or firing: since when, and how grave it was then."""

    seq: int
    time: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Outcome:
    """What some comments did: changes of alerts and segments in order, and which comments ``(n,)`` were near-copies."""

    changes: list[AlertChange] = field(default_factory=list)
    segments: list[SegmentChange] = field(default_factory=list)
    copies: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))


class StreamMonitor:
    """All that is watched in one stream.

    ``circles`` are those the model knows when the stream begins; ``rates`` are the model's, needed where a mix is
    expected.
    """

    def __init__(
        self,
        name: str,
        circles: Sequence[str],
        expected: Expectations | None = None,
        rates: MixRates | None = None,
    ) -> None:
        self.name = name
        self.expected = expected or Expectations()
        self.circles = tuple(circles)
        patience = self.expected.comments_between_false_alarms
        self.everyone = Panel(signals.watches_of_all(self.circles, self.expected, rates), patience)
        self.within_circles = Panel(signals.watches_of_circles(self.circles), patience)
        self.copies = NearDuplicates()
        self.dependence = Dependence()
        self.segments = Segments(self._segments_config)
        self.counted = 0  # comments of a weight above 0
        self.core: tuple[str, ...] = self.expected.core
        self._platforms: dict[str, int] = {}  # name -> column
        self._voices: F64 = np.zeros(len(self.circles))  # chances of the circles summed up over the first phase
        self._opened_badly = False
        self._open: dict[str, _Open] = {}  # by the id of an alert that is not resolved

    def update(self, batch: ScoredComments) -> Outcome:
        """Take in the next comments of the stream."""
        return self.take(Readings.of(batch))

    def take(self, readings: Readings) -> Outcome:
        """Take in the next comments of the stream, which have been read."""
        batch, sketched = readings.comments, np.flatnonzero(readings.sketched)
        sketches, characters = readings.sketches[sketched], readings.characters
        seen = self.copies.enter(sketches, sketched, characters, batch.time, batch.author, batch.seq)
        copies, weights = seen.copy, self.dependence.update(batch.author, batch.thread, seen.copy, seen.near)
        part = np.flatnonzero(readings.fits_none & ~copies)
        found = self.segments.take(readings.directions[part], batch.seq[part], batch.time[part])
        outcome = Outcome(copies=copies, segments=found)
        start = 0
        while start < len(batch):
            end = start + self._uniform(batch.platform[start:], weights[start:])
            rows = slice(start, end)
            these = readings if end - start == len(readings) else readings[rows]
            outcome.changes.extend(self._feed(these, weights[rows], copies[rows]))
            start = end
        return outcome

    def copy_groups(self) -> list[CopyGroup]:
        """The biggest groups of near-copies among the recent comments."""
        return self.copies.groups(least=3)[:_GROUPS_TOLD]

    def state(self) -> dict[str, Any]:
        """Give all that is remembered, as `service.monitor.state` packs it."""
        return {
            "expected": asdict(self.expected),
            "circles": self.circles,
            "everyone": self.everyone.state(),
            "within_circles": self.within_circles.state(),
            "copies": self.copies.state(),
            "dependence": self.dependence.state(),
            "segments": self.segments.state(),
            "counted": self.counted,
            "core": self.core,
            "platforms": self._platforms,
            "voices": self._voices,
            "opened_badly": self._opened_badly,
            "open": {id_: asdict(begun) for id_, begun in self._open.items()},
        }

    @classmethod
    def from_state(cls, name: str, state: Mapping[str, Any]) -> StreamMonitor:
        """Go on from a state."""
        expected = Expectations(**{**state["expected"], "core": tuple(state["expected"]["core"])})
        monitor = cls(name, state["circles"], expected)
        patience = expected.comments_between_false_alarms
        monitor.everyone = Panel.from_state(state["everyone"], patience)
        monitor.within_circles = Panel.from_state(state["within_circles"], patience)
        monitor.copies = NearDuplicates.from_state(state["copies"])
        monitor.dependence = Dependence.from_state(state["dependence"])
        monitor.segments = Segments.from_state(state["segments"], monitor._segments_config)
        monitor.counted, monitor.core = state["counted"], tuple(state["core"])
        monitor._platforms, monitor._voices = dict(state["platforms"]), state["voices"]
        monitor._opened_badly = state["opened_badly"]
        monitor._open = {id_: _Open(**begun) for id_, begun in state["open"].items()}
        return monitor

    @property
    def _segments_config(self) -> SegmentsConfig:
        return SegmentsConfig(comments_between_false_alarms=self.expected.comments_between_false_alarms)

    def _uniform(self, platforms: Sequence[str | None], weights: F64) -> int:
        """Give for how many comments nothing is met for the first time and the first phase does not end."""
        self._meet(platforms[0] or "")
        length = len(platforms)
        if len(self._platforms) < MOST_PLATFORMS:
            new = (place for place, name in enumerate(platforms) if (name or "") not in self._platforms)
            length = next(new, length)
        left = signals.OPENING_COMMENTS - self.counted
        if 0 < left < length:
            length = min(length, int(np.searchsorted(np.cumsum(weights > 0), left)) + 1)
        return length

    def _meet(self, platform: str) -> None:
        if platform not in self._platforms and len(self._platforms) < MOST_PLATFORMS:
            mean = float(self.everyone.baselines.mean[signals.OVERALL])
            watch = signals.watch_of_platform(platform, len(self._platforms), mean)
            self._platforms[platform] = self.everyone.add(watch)

    def _feed(self, readings: Readings, weights: F64, copies: Bools) -> list[AlertChange]:
        batch, columns = readings.comments, self._columns(readings.comments.platform)
        shown, counts = self._of_all(readings, weights, copies, columns)
        crossings = self.everyone.update(batch.seq, batch.time, shown, counts, columns)
        named = readings.named[:, : len(self.circles)]  # a model trained later may know more, behind them
        rows = np.flatnonzero(named.any(axis=1) & (weights > 0))
        if len(rows):
            within = named[rows] * weights[rows, None]
            spread = np.repeat(shown[rows, signals.OVERALL, None], len(self.circles), axis=1)
            crossings += self.within_circles.update(batch.seq[rows], batch.time[rows], spread, within)
        changes = [self._tell(crossing) for crossing in sorted(crossings, key=lambda each: each.seq)]
        self._grow(weights, shown[:, signals.CIRCLES : signals.CIRCLES + len(self.circles)])
        return [change for change in changes if change is not None]

    def _of_all(self, readings: Readings, weights: F64, copies: Bools, columns: Ints) -> tuple[F64, F64]:
        """Give the signals and weights ``(n, k)`` of the watches that every comment is fed to."""
        first, width = signals.CIRCLES + len(self.circles), len(self.everyone.watches)
        shown, counts = np.empty((len(readings), width)), np.empty((len(readings), width))
        outer = signals.outer_circles(readings.comments.names.circles, self.core)
        opens = self._is_opening or self._opened_badly
        given = np.ascontiguousarray(readings.signals), weights, copies, columns
        signals.spread(*given, first, outer, opens, bool(self.core), shown, counts)
        return shown, counts

    @property
    def _is_opening(self) -> bool:
        return self.counted < signals.OPENING_COMMENTS

    def _grow(self, weights: F64, circles: F64) -> None:
        """Count comments; at the end of the first phase the circles that carried it become the core."""
        was_opening = self._is_opening
        self.counted += int(np.count_nonzero(weights))
        if was_opening:
            add_up(circles, weights, self._voices)
        if was_opening and not self._is_opening:
            self._opened_badly = bool(self.everyone.status[signals.OPENING])  # then its end is to be seen
            if not self.core and self.circles:
                self.core = _core_of(self.circles, self._voices)

    def _columns(self, platforms: Sequence[str | None]) -> Ints:
        last = next(reversed(self._platforms.values()))
        return np.array([self._platforms.get(name or "", last) for name in platforms], np.int64)

    def _tell(self, crossing: Crossing) -> AlertChange | None:
        """Turn a crossing into a change of an alert; None for what must not be told."""
        labels = {"alertname": crossing.watch.alertname, "stream": self.name, **crossing.watch.labels}
        id_ = episode(labels, crossing.onset_seq)
        if crossing.state == "resolved":
            begun = self._open.pop(id_, None)
        elif id_ in self._open or self._may_begin(crossing):
            begun = self._open[id_] = _Open(crossing.seq, crossing.time, _severity(crossing))
        else:
            begun = None
        if begun is None:
            return None
        return AlertChange(
            state=crossing.state,
            labels=labels,
            severity=begun.severity,
            seq=crossing.seq,
            time=crossing.time,
            onset_seq=crossing.onset_seq,
            onset_time=crossing.onset_time,
            started_seq=begun.seq,
            started=begun.time,
            baseline=crossing.baseline,
            now=crossing.now,
            comments_to_alarm=crossing.comments,
            reason=crossing.reason,
            core=self.core,
        )

    def _may_begin(self, crossing: Crossing) -> bool:
        if "platform" in crossing.watch.labels:
            return len(self._platforms) > 1  # else it is the stream itself
        return crossing.watch.alertname != "poor_opening" or self._is_opening


def _severity(crossing: Crossing) -> Severity:
    grave = crossing.watch.alertname in ("backlash", "poor_opening")
    if grave and crossing.now.value - crossing.baseline.value >= _CRITICAL_RISE:
        return "critical"
    return crossing.watch.severity


def _core_of(circles: Sequence[str], voices: F64) -> tuple[str, ...]:
    """Give the fewest circles that hold the core's part of all voices, in the order of the taxonomy."""
    order = np.argsort(-voices, kind="stable")
    enough = int(np.searchsorted(np.cumsum(voices[order]), _CORE_PART * voices.sum())) + 1
    return tuple(circles[place] for place in sorted(order[:enough].tolist()))
