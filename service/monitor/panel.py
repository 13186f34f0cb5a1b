"""A panel: many watches fed the same comments, each with its detector, its baseline and its state.

A watch is quiet, then pending from a hundredth of the evidence it needs, then firing; it is resolved when its CUSUM,
bounded while it fires, is back at zero, which takes about as many comments as the alarm took. What is resolved starts
from nothing, so an alert cannot flap: each needs its whole evidence anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from service.monitor.alerts import AlertState, Share
from service.monitor.baseline import Baselines, Prior
from service.monitor.comments import F64, Bools, Ints
from service.monitor.detectors import Detectors
from service.monitor.intervals import wilson
from service.monitor.watch import RETURNED, SETTLED, UNCONFIRMED, Crossing, Watch

#: Comments between two updates of the baselines.
BLOCK = 32

_PENDING_PART = 0.01

# A level that has stood so many comments, and so long (seconds), is the new normal and no alert any more.
_SETTLED_COMMENTS, _SETTLED_SECONDS = 2_000, 7 * 86_400

QUIET, PENDING, FIRING = 0, 1, 2

_PLACES = ("status", "zero_seq", "zero_time", "since")


@dataclass(slots=True)
class _Block:
    """The comments since the baselines last learned."""

    signals: list[F64] = field(default_factory=list)
    weights: list[F64] = field(default_factory=list)
    at_zero: list[Bools] = field(default_factory=list)

    def length(self) -> int:
        return sum(map(len, self.signals))

    def state(self) -> dict[str, F64 | Bools]:
        """Give what is in it, the same however it came."""
        parts: dict[str, list[F64] | list[Bools]] = {
            "signals": self.signals,
            "weights": self.weights,
            "at_zero": self.at_zero,
        }
        return {name: np.concatenate([*rows]) if rows else np.zeros((0, 0)) for name, rows in parts.items()}

    def widen(self) -> None:
        self.signals = [np.pad(rows, ((0, 0), (0, 1))) for rows in self.signals]
        self.weights = [np.pad(rows, ((0, 0), (0, 1))) for rows in self.weights]
        self.at_zero = [np.pad(rows, ((0, 0), (0, 1)), constant_values=True) for rows in self.at_zero]


class Panel:
    """Watches that are fed the same comments, each with a signal and a weight of its own.

    ``comments_between_false_alarms`` is what all watches of the stream share; each has its part of it.
    """

    def __init__(self, watches: Iterable[Watch], comments_between_false_alarms: float) -> None:
        self.watches = list(watches)
        size = len(self.watches)
        self.detectors = Detectors(size)
        self.baselines = Baselines([watch.prior for watch in self.watches])
        self.status: Ints = np.zeros(size, np.int64)
        self.zero_seq: Ints = np.zeros(size, np.int64)  # the last comment at which nothing spoke for a change
        self.zero_time: F64 = np.zeros(size)
        self.since: Ints = np.zeros(size, np.int64)  # comments after it
        self._patience = comments_between_false_alarms
        self._block = _Block()
        self._set_limits()

    def add(self, watch: Watch) -> int:
        """Watch one thing more, from the next comment on; give its column."""
        self.watches.append(watch)
        self.detectors.extend(len(self.watches))
        self.baselines.extend([each.prior for each in self.watches])
        for name in _PLACES:
            setattr(self, name, np.pad(getattr(self, name), (0, 1)))
        self._block.widen()
        self._set_limits()
        return len(self.watches) - 1

    def update(self, seq: Ints, time: F64, signals: F64, weights: F64, strata: Ints | None = None) -> list[Crossing]:
        """Feed comments, ``signals`` and ``weights`` ``(n, k)``; give the changes of state in order.

        A weight of 0 is no comment. With ``strata`` ``(n,)`` the first watch is held against the baseline of the watch
        named there, each comment against that of its kind. A watch whose baseline is not known yet only learns.
        """
        crossings: list[Crossing] = []
        start = 0
        while start < len(seq):
            part = slice(start, start + BLOCK - self._block.length())
            start += self._advance(
                seq[part], time[part], signals[part], weights[part], None if strata is None else strata[part], crossings
            )
        return crossings

    def state(self) -> dict[str, Any]:
        """Give all that is remembered."""
        return {
            "watches": [asdict(watch) for watch in self.watches],
            "detectors": self.detectors.state(),
            "baselines": self.baselines.state(),
            "block": self._block.state(),
            **{name: getattr(self, name) for name in _PLACES},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], comments_between_false_alarms: float) -> Panel:
        """Go on from a state."""
        watches = [Watch(**{**each, "prior": Prior(**each["prior"])}) for each in state["watches"]]
        panel = cls(watches, comments_between_false_alarms)
        panel.detectors.restore(state["detectors"])
        panel.baselines.restore(state["baselines"])
        panel._block = _Block(**{name: [rows] for name, rows in state["block"].items() if len(rows)})
        for name in _PLACES:
            setattr(panel, name, state[name])
        return panel

    def _advance(
        self, seq: Ints, time: F64, signals: F64, weights: F64, strata: Ints | None, crossings: list[Crossing]
    ) -> int:
        """Take comments up to the end of the block or the first change of state; give how many."""
        bounds, learned = self.baselines.bound, self.baselines.learned
        means, active = bounds[None, :], weights * learned
        if strata is not None:
            means = np.repeat(means, len(seq), axis=0)
            means[:, 0], active[:, 0] = bounds[strata], weights[:, 0] * learned[strata]
        course = self.detectors.update(signals, active, means)
        cusum, evidence = course.cusum, course.evidence
        changed = self._changes(evidence, cusum)
        rows = np.flatnonzero(changed.any(axis=1))
        taken = int(rows[0]) + 1 if len(rows) else len(seq)
        self._remember(seq[:taken], time[:taken], signals[:taken], weights[:taken], cusum[:taken] == 0)
        if len(rows):
            last = taken - 1
            self.detectors.rewind(course, last)
            for column in np.flatnonzero(changed[last]).tolist():
                fires = bool(evidence[last, column] >= self._limits[column])
                crossings.append(self._cross(column, fires, int(seq[last]), float(time[last])))
        if self._block.length() == BLOCK:
            self._end_block(int(seq[taken - 1]), float(time[taken - 1]), crossings)
        return taken

    def _changes(self, evidence: F64, cusum: F64) -> Bools:
        """Tell ``(n, k)`` after which comments a watch changes its state."""
        begins: Bools = evidence >= self._limits * _PENDING_PART
        if not self.status.any():
            return begins
        quiet, pending = self.status == QUIET, self.status == PENDING
        stronger = (quiet & begins) | (pending & (evidence >= self._limits))
        changes: Bools = stronger | (~quiet & (cusum == 0))
        return changes

    def _cross(self, column: int, fires: bool, seq: int, time: float) -> Crossing:
        if self.status[column] == QUIET:
            self.status[column] = PENDING
            return self._crossing(column, "pending", seq, time)
        if self.status[column] == PENDING and fires:
            self.status[column] = FIRING
            self.detectors.hold(column, float(np.log(self._limits[column])))
            return self._crossing(column, "firing", seq, time)
        fired = self.status[column] == FIRING
        crossing = self._crossing(column, "resolved", seq, time, RETURNED if fired else UNCONFIRMED)
        if fired:  # the episode teaches the baseline nothing
            self.baselines.drop_waiting(column)
            for weights in self._block.weights:
                weights[:, column] = 0
        self._calm(column, seq, time)
        return crossing

    def _crossing(self, column: int, state: AlertState, seq: int, time: float, reason: str = "") -> Crossing:
        total, count = self._since_zero(column)
        return Crossing(
            self.watches[column],
            state,
            seq,
            time,
            int(self.zero_seq[column]) + 1,
            float(self.zero_time[column]) or time,
            _share(float(self.baselines.mean[column]), float(self.baselines.count[column])),
            _share(min(1.0, total / max(count, 1e-9)), count),
            int(self.since[column]),
            reason,
        )

    def _since_zero(self, column: int) -> tuple[float, float]:
        """Give the weighted sum and number of comments since the last zero of a watch."""
        total, count = float(self.baselines.waiting_total[column]), float(self.baselines.waiting_count[column])
        for signals, weights, at_zero in zip(
            self._block.signals, self._block.weights, self._block.at_zero, strict=True
        ):
            for signal, weight, zero in zip(
                signals[:, column].tolist(), weights[:, column].tolist(), at_zero[:, column].tolist(), strict=True
            ):
                total, count = (0.0, 0.0) if zero else (total + signal * weight, count + weight)
        return total, count

    def _calm(self, column: int, seq: int, time: float) -> None:
        self.status[column] = QUIET
        self.zero_seq[column], self.zero_time[column], self.since[column] = seq, time, 0
        self.detectors.forget(column)

    def _remember(self, seq: Ints, time: F64, signals: F64, weights: F64, at_zero: Bools) -> None:
        at_zero = at_zero & (self.status == QUIET)
        self._block.signals.append(signals)
        self._block.weights.append(weights.copy())
        self._block.at_zero.append(at_zero)
        rows = np.arange(len(seq))[:, None]
        last = np.where(at_zero, rows, -1).max(axis=0)
        been = last >= 0
        self.zero_seq[been], self.zero_time[been] = seq[last[been]], time[last[been]]
        self.since = np.where(been, len(seq) - 1 - last, self.since + len(seq))

    def _end_block(self, seq: int, time: float, crossings: list[Crossing]) -> None:
        block = self._block
        self.baselines.learn(
            np.concatenate(block.signals), np.concatenate(block.weights), np.concatenate(block.at_zero)
        )
        self._block = _Block()
        self.detectors.end_block()
        self._settle(seq, time, crossings)

    def _settle(self, seq: int, time: float, crossings: list[Crossing]) -> None:
        """End what has stood for so long that it is normal, and what waits without being told."""
        fires, waiting = self.status == FIRING, self.baselines.waiting_count
        stood = fires & (waiting >= _SETTLED_COMMENTS) & (time - self.zero_time >= _SETTLED_SECONDS)
        for column in np.flatnonzero(stood).tolist():
            crossings.append(self._crossing(column, "resolved", seq, time, SETTLED))
            self.baselines.restart(column)
            self._calm(column, seq, time)
        for column in np.flatnonzero(self.baselines.outwaited & ~fires).tolist():
            if self.status[column] == PENDING:
                crossings.append(self._crossing(column, "resolved", seq, time, UNCONFIRMED))
            self.baselines.settle(column)
            self._calm(column, seq, time)

    def _set_limits(self) -> None:
        self._limits = self._patience / np.array([watch.part for watch in self.watches])


def _share(mean: float, comments: float) -> Share:
    return Share(mean, *wilson(mean, comments), comments=comments)
