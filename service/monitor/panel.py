"""A panel: many watches fed the same comments, each with its detector, its baseline and its state.

A watch is quiet, then pending from a hundredth of the evidence it needs, then firing; it is resolved when its CUSUM,
bounded while it fires, is back at zero, which takes about as many comments as the alarm took. What is resolved starts
from nothing, so an alert cannot flap: each needs its whole evidence anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from service.monitor.alerts import AlertState, Share
from service.monitor.baseline import Baselines, Prior
from service.monitor.comments import F64, Ints
from service.monitor.detectors import MIDDLE, SIZES, Detectors
from service.monitor.intervals import wilson
from service.monitor.loops import feed
from service.monitor.watch import FIRING, PENDING, QUIET, RETURNED, SETTLED, UNCONFIRMED, Crossing, Watch

#: Comments between two updates of the baselines.
BLOCK = 32

# A level that has stood so many comments, and so long (seconds), is the new normal and no alert any more.
_SETTLED_COMMENTS, _SETTLED_SECONDS = 2_000, 7 * 86_400

_PLACES = ("status", "zero_seq", "zero_time", "since")


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
        self._learning = self._learned()  # what the baselines will have learned at the end of the block
        self._in_block = 0  # comments since the baselines last learned
        self._set_limits()

    def add(self, watch: Watch) -> int:
        """Watch one thing more, from the next comment on; give its column."""
        self.watches.append(watch)
        self.detectors.extend(len(self.watches))
        self.baselines.extend([each.prior for each in self.watches])
        for name in _PLACES:
            setattr(self, name, np.pad(getattr(self, name), (0, 1)))
        self._learning = {name: np.pad(column, (0, 1)) for name, column in self._learning.items()}
        self._set_limits()
        return len(self.watches) - 1

    def update(self, seq: Ints, time: F64, signals: F64, weights: F64, strata: Ints | None = None) -> list[Crossing]:
        """Feed comments, ``signals`` and ``weights`` ``(n, k)``; give the changes of state in order.

        A weight of 0 is no comment. With ``strata`` ``(n,)`` the first watch is held against the baseline of the watch
        named there, each comment against that of its kind. A watch whose baseline is not known yet only learns.
        """
        crossings: list[Crossing] = []
        signals, weights = np.ascontiguousarray(signals), np.ascontiguousarray(weights)
        kinds = np.zeros(len(seq), np.int64) if strata is None else strata
        changed = np.zeros(len(self.watches), np.bool_)
        at = 0
        while at < len(seq):
            detectors, learning = self.detectors, self._learning
            after, crossed = feed(
                at,
                min(len(seq), at + BLOCK - self._in_block),
                seq,
                time,
                signals,
                weights,
                kinds,
                self.baselines.bound,
                self.baselines.learned,
                self._limits,
                self.status,
                SIZES,
                MIDDLE,
                detectors.sums,
                detectors.cusum,
                detectors.ceiling,
                learning["total"],
                learning["count"],
                learning["waiting_total"],
                learning["waiting_count"],
                self.zero_seq,
                self.zero_time,
                self.since,
                changed,
            )
            self._in_block += after - at
            at = after
            last = int(seq[at - 1]), float(time[at - 1])
            if crossed:
                crossings += [self._cross(column, *last) for column in np.flatnonzero(changed).tolist()]
            if self._in_block == BLOCK:
                self._end_block(*last, crossings)
        return crossings

    def state(self) -> dict[str, Any]:
        """Give all that is remembered."""
        return {
            "watches": [asdict(watch) for watch in self.watches],
            "detectors": self.detectors.state(),
            "baselines": self.baselines.state(),
            "learning": self._learning,
            "in_block": self._in_block,
            **{name: getattr(self, name) for name in _PLACES},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], comments_between_false_alarms: float) -> Panel:
        """Go on from a state."""
        watches = [Watch(**{**each, "prior": Prior(**each["prior"])}) for each in state["watches"]]
        panel = cls(watches, comments_between_false_alarms)
        panel.detectors.restore(state["detectors"])
        panel.baselines.restore(state["baselines"])
        panel._learning = {name: state["learning"][name] for name in panel._learning}
        panel._in_block = state["in_block"]
        for name in _PLACES:
            setattr(panel, name, state[name])
        return panel

    def _cross(self, column: int, seq: int, time: float) -> Crossing:
        if self.status[column] == QUIET:
            self.status[column] = PENDING
            return self._crossing(column, "pending", seq, time)
        if self.status[column] == PENDING and self.detectors.evidence(column) >= self._limits[column]:
            self.status[column] = FIRING
            self.detectors.hold(column, float(np.log(self._limits[column])))
            return self._crossing(column, "firing", seq, time)
        fired = self.status[column] == FIRING
        crossing = self._crossing(column, "resolved", seq, time, RETURNED if fired else UNCONFIRMED)
        if fired:  # the episode teaches the baseline nothing
            self.baselines.drop_waiting(column)
            for name, learned in self.baselines.state().items():
                self._learning[name][column] = learned[column]
        self._calm(column, seq, time)
        return crossing

    def _crossing(self, column: int, state: AlertState, seq: int, time: float, reason: str = "") -> Crossing:
        total = float(self._learning["waiting_total"][column])
        count = float(self._learning["waiting_count"][column])
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

    def _calm(self, column: int, seq: int, time: float) -> None:
        self.status[column] = QUIET
        self.zero_seq[column], self.zero_time[column], self.since[column] = seq, time, 0
        self.detectors.forget(column)

    def _end_block(self, seq: int, time: float, crossings: list[Crossing]) -> None:
        self.baselines.restore(self._learning)
        self._in_block = 0
        self.detectors.end_block()
        self._settle(seq, time, crossings)
        self._learning = self._learned()

    def _learned(self) -> dict[str, F64]:
        return {name: column.copy() for name, column in self.baselines.state().items()}

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
