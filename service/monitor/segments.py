"""New groups among the comments that fit no circle: found, followed, and proposed once they have surely grown.

The first comments of a stream that fit no circle are its *first phase*. What comes later is looked through every few
hundred comments for regions that it fills and the first phase did not (see `regions`). Such a region becomes a segment
with an id. From then on its region is drawn anew from where it stood, so that the id stays, and a comment counts for
the first segment, in the order of ids, that holds it.

A segment is proposed when its share is surely at least a hundredth, and one and a half times the most that the first
phase lets expect (see `followed`). While no segment's is, a proposal comes every `comments_between_false_alarms`
comments or more seldom, on average. What the first phase lets expect is estimated, so how seldom proposals are where
nothing changes is measured too (`tests/benchmarks/segments.py`). All is held against the first phase: in a stream whose
talk has moved on, its new topics are new groups.

Nothing here looks at texts, the clock or how comments were cut into batches.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from service.monitor.comments import F32, F64, Bools, Ints, ScoredComments
from service.monitor.followed import Followed, count
from service.monitor.regions import Cap, Rows, Seed, Space, dots, fit_cap, seeds
from service.monitor.segment import Segment, SegmentChange
from service.monitor.taking_part import SegmentsConfig, directions_of, fits_no_circle

_EXAMPLES = 10
_NONE = -1  # in place of a segment, where no segment holds a comment


class Segments:
    """Find and follow the new groups of one stream.

    >>> Segments().current()
    []
    """

    def __init__(self, config: SegmentsConfig = SegmentsConfig()) -> None:
        self.config = config
        self._seen = 0  # comments that took part, in whole blocks
        self._found = 0  # segments ever found
        self._space: Space | None = None
        self._first = _no_rows(config)
        self._window = _no_rows(config)
        self._seqs: Ints = np.empty(0, np.int64)
        self._open = _no_rows(config)  # of the block not yet full
        self._open_seqs: Ints = np.empty(0, np.int64)
        self._followed: list[Followed] = []
        # Evidence grows by a block, and that of all segments is watched at once.
        self._limit = config.comments_between_false_alarms / config.block * config.most_segments

    def update(self, batch: ScoredComments, leave_out: Bools | None = None) -> list[SegmentChange]:
        """Take comments in; give the segments whose growth became sure.

        ``leave_out`` ``(n,)`` names comments that must not count, such as near-copies of others.
        """
        part = fits_no_circle(batch, self.config)
        if leave_out is not None:
            part &= ~leave_out
        return self.take(directions_of(batch, self.config)[part], batch.seq[part], batch.time[part])

    def take(self, directions: NDArray[np.int8], seq: Ints, time: F64) -> list[SegmentChange]:
        """Do so with comments that take part, ``directions`` ``(n, n_dimensions)`` as `directions_of` gives them."""
        if not len(seq):
            return []
        rows = np.concatenate([self._open, directions])
        seqs = np.concatenate([self._open_seqs, seq])
        changes: list[SegmentChange] = []
        block = self.config.block
        whole = len(rows) // block * block
        for start in range(0, whole, block):
            end = start + block
            moment = float(time[end - 1 - len(self._open)])
            sure = self._take(rows[start:end], seqs[start:end])
            changes += [self._proposed(segment, int(seqs[end - 1]), moment) for segment in sure]
        self._open, self._open_seqs = rows[whole:].copy(), seqs[whole:].copy()
        return changes

    def _proposed(self, segment: Segment, seq: int, time: float) -> SegmentChange:
        members, others = self.members(segment.id).tolist(), self.others().tolist()
        return SegmentChange("proposed", segment, seq, time, tuple(members), tuple(others))

    def current(self) -> list[Segment]:
        """Give the segments followed now, those whose growth is sure first, then by size."""
        shown = [self._shown(followed) for followed in self._followed]
        return sorted(shown, key=lambda segment: (segment.proposed_seq is None, -segment.size))

    def members(self, segment_id: str) -> Ints:
        """Give the ``seq`` of a segment's comments in the window, in order. Raises KeyError where it is unknown."""
        for place, followed in enumerate(self._followed):
            if followed.id == segment_id:
                found: Ints = self._seqs[self._owners(self._window) == place]
                return found
        raise KeyError(segment_id)

    def others(self) -> Ints:
        """Give the ``seq`` of the comments in the window that are of no segment, in order."""
        found: Ints = self._seqs[self._owners(self._window) == _NONE]
        return found

    def state(self) -> dict[str, Any]:
        """Give all that was learned, for `service.monitor.state.pack`."""
        return {
            "seen": self._seen,
            "found": self._found,
            "space": None if self._space is None else [self._space.centre, self._space.turn],
            "first": self._first,
            "window": self._window,
            "seqs": self._seqs,
            "open": self._open,
            "open_seqs": self._open_seqs,
            "followed": [followed.state() for followed in self._followed],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], config: SegmentsConfig = SegmentsConfig()) -> Self:
        """Give back what `state` told, under the same config."""
        segments = cls(config)
        segments._seen, segments._found = state["seen"], state["found"]
        segments._space = None if state["space"] is None else Space(*state["space"])
        segments._first, segments._window, segments._seqs = state["first"], state["window"], state["seqs"]
        segments._open, segments._open_seqs = state["open"], state["open_seqs"]
        segments._followed = [Followed.from_state(stored) for stored in state["followed"]]
        return segments

    def _take(self, rows: NDArray[np.int8], seqs: Ints) -> list[Segment]:
        """Take a whole block in; give the segments whose growth became sure by it."""
        self._seen += len(rows)
        if self._space is None:
            self._first = np.concatenate([self._first, rows])
            if len(self._first) >= self.config.first_phase:
                with _one_thread():
                    self._space = Space.of(self._first, self.config.shrinkage)
                self._first = self._space(self._first)
            return []
        rows = self._space(rows)
        owners = self._owners(rows)
        sure: list[Followed] = []
        if self._followed:
            count(self._followed, np.bincount(owners[owners != _NONE], minlength=len(self._followed)), len(rows))
        for followed in self._followed:
            if followed.proposed_seq is None and followed.evidence.mean() >= self._limit:
                followed.proposed_seq = int(seqs[-1])
                sure.append(followed)
        self._window = np.concatenate([self._window, rows])[-self.config.window :]
        self._seqs = np.concatenate([self._seqs, seqs])[-self.config.window :]
        told = [self._shown(followed) for followed in sure]
        if self._seen % (self.config.early_every if self._seen <= self.config.early else self.config.late_every) == 0:
            with _one_thread():
                self._look()
        return told

    def _look(self) -> None:
        """Draw the regions of all segments anew, and look for new ones in what is left."""
        window, first = self._window.astype(np.float32), self._first.astype(np.float32)
        weight = len(window) / len(first)
        kept: list[Followed] = []
        for followed in self._followed:
            found = self._fit(window, first, Seed(followed.cap.direction, None), weight)
            if found is None and followed.proposed_seq is None:
                continue
            cap = found or followed.cap
            inside, before = cap.holds(window), cap.holds(first)
            self._draw(followed, cap, before)
            if inside.sum() - weight * followed.in_first < self.config.least_members / 2:
                continue
            kept.append(followed)
            window, first = _without(window, inside), _without(first, before)
        looked_through = window
        for seed in seeds(window, first):
            if len(kept) >= self.config.most_segments:
                break
            if any(followed.cap.holds(seed.direction[None])[0] for followed in kept):
                continue
            if window is not looked_through:  # its rows are fewer since
                seed = Seed(seed.direction, None)
            found = self._fit(window, first, seed, weight)
            if found is None:
                continue
            self._found += 1
            inside, before = found.holds(window), found.holds(first)
            born = Followed(self._found, found, int(self._seqs[-1]), int(inside.sum()))
            self._draw(born, found, before)
            kept.append(born)
            window, first = _without(window, inside), _without(first, before)
        self._followed = kept

    def _fit(self, window: Rows, first: Rows, seed: Seed, weight: float) -> Cap | None:
        return fit_cap(window, first, seed, weight, self.config.purity, self.config.least_members)

    def _draw(self, followed: Followed, cap: Cap, before: Bools) -> None:
        """Give it its region, which holds the comments ``before`` of what earlier segments leave of the first phase."""
        followed.draw(cap, int(before.sum()), len(self._first), self.config.least_growth, self.config.least_share)

    def _owners(self, rows: Rows) -> Ints:
        """Give ``(n,)`` the place of the first segment that holds each row, or `_NONE`."""
        if not self._followed:
            return np.full(len(rows), _NONE)
        directions = np.stack([followed.cap.direction.astype(np.int8) for followed in self._followed])
        limits = np.array([followed.cap.limit for followed in self._followed], np.float32)
        inside = dots(rows, directions) >= limits
        owners: Ints = np.where(inside.any(axis=1), inside.argmax(axis=1), _NONE)
        return owners

    def _shown(self, followed: Followed) -> Segment:
        place = next(place for place, each in enumerate(self._followed) if each is followed)
        inside = self._owners(self._window) == place
        cosines = followed.cap.cosines(self._window)
        members = np.flatnonzero(inside)
        nearest = members[np.argsort(-cosines[members], kind="stable")[:_EXAMPLES]]
        share, share_first = len(members) / len(inside), followed.in_first / len(self._first)
        return Segment(
            id=followed.id,
            size=len(members),
            total=followed.total,
            share=share,
            share_first=share_first,
            growth=share / max(share_first, 1 / len(self._first)),
            coherence=float(cosines[members].mean(dtype=np.float64)) if len(members) else 0.0,
            coherence_of_all=float(cosines.mean(dtype=np.float64)),
            examples=tuple(self._seqs[nearest].tolist()),
            born_seq=followed.born_seq,
            proposed_seq=followed.proposed_seq,
        )


def _without(rows: F32, inside: Bools) -> F32:
    left: F32 = rows.take(np.flatnonzero(~inside), axis=0)  # quicker than by the mask
    return left


def _one_thread() -> AbstractContextManager[object]:
    """Hold linear algebra to one thread: threads that wait for so little work cost more than they do."""
    limited: AbstractContextManager[object] = _linear_algebra().limit(limits=1)
    return limited


@cache
def _linear_algebra() -> ThreadpoolController:
    return ThreadpoolController()  # looking for the libraries takes longer than using them here


def _no_rows(config: SegmentsConfig) -> NDArray[np.int8]:
    return np.empty((0, config.dimensions), np.int8)
