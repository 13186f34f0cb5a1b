"""How soon a rise of the negative share is told, in simulated comments, at an equal rate of false alarms.

Comments are independent, 10 % of them negative, then p. Every detector is tuned to one false alarm in 10,000 comments
as measured over quiet streams; the mixture e-detector is also given at the threshold that guarantees it. A delay is the
mean number of comments from the change to the alarm; the change is the first comment, since a rule that needs a past
is given one of 1,000 quiet comments in which an alarm counts for nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.metrics import Estimate
from service.monitor.detectors import SIZES, Detectors
from tests.benchmarks.rivals_tuned import first_after, mean_patience, rivals

log = logging.getLogger(__name__)

PATIENCE = 10_000
"""Comments between false alarms."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Statistic = Callable[[Floats], Floats]

_BEFORE, _AFTER = 0.1, (0.13, 0.15, 0.2, 0.3)
_STREAMS, _LONGEST = 2_000, 20_000
_CHUNK = 500
_QUIET_STREAMS, _QUIET_LENGTH = 2_000, 20_000
_RIVAL_STREAMS, _RIVAL_LONGEST, _PAST = 60, 4_000, 1_000
_RIVAL_QUIET = 400_000


@dataclass(frozen=True, slots=True)
class Row:
    """A detector's delays at each share after the change, the patience measured, and where it was missed."""

    name: str
    patience: str
    delays: tuple[str, ...]


def report() -> str:
    """Measure; give the table."""
    rows = [
        _own("mixture e-detector, threshold as measured", None),
        _own("mixture e-detector, threshold as guaranteed", float(PATIENCE)),
        _tuned(0.2),
        *_rivals(),
    ]
    lines = [
        f"Share of negative comments {_BEFORE:.0%}, then p. Mean comments until the alarm, 95 % interval over "
        f"{_STREAMS:,} streams ({_RIVAL_STREAMS} for river and the vendors' rule, cut at {_RIVAL_LONGEST:,}).",
        "",
        "| detector | comments between false alarms | " + " | ".join(f"p = {share:.0%}" for share in _AFTER) + " |",
        "| --- " * (len(_AFTER) + 2) + "|",
        *(f"| {row.name} | {row.patience} | {' | '.join(row.delays)} |" for row in rows),
    ]
    return "\n".join(lines)


def first_passage(start: Callable[[int], Statistic], draw: Callable[[int, int], Floats], threshold: float) -> Ints:
    """Give ``(streams,)`` the comment at which the statistic reaches the threshold, `_LONGEST` where it does not.

    ``start(streams)`` gives a function that feeds ``(n, streams)`` comments and gives the statistic after each.
    """
    statistic, left = start(_STREAMS), np.full(_STREAMS, _LONGEST)
    for begun in range(0, _LONGEST, _CHUNK):
        reached = statistic(draw(_CHUNK, _STREAMS)) >= threshold
        new = reached.any(axis=0) & (left == _LONGEST)
        left[new] = begun + 1 + reached.argmax(axis=0)[new]
        if (left < _LONGEST).all():
            break
    return left


def threshold_for(start: Callable[[int], Statistic], draw: Callable[[int, int], Floats], patience: float) -> float:
    """Give the threshold at which quiet streams have one alarm in ``patience`` comments.

    Each alarm starts the stream's detector anew, as in use; the number of alarms is read from the records of the
    statistic: streams without an alarm so far run on.
    """
    statistic = start(_QUIET_STREAMS)
    peaks = np.concatenate(
        [statistic(draw(_CHUNK, _QUIET_STREAMS)).astype(np.float32) for _ in range(_QUIET_LENGTH // _CHUNK)]
    )
    highest = np.maximum.accumulate(peaks)
    low, high = float(np.log(2)), float(np.log(max(3.0, highest.max())))
    for _ in range(40):
        middle = (low + high) / 2
        first = np.where((highest >= np.exp(middle)).any(axis=0), (highest >= np.exp(middle)).argmax(axis=0) + 1, 0)
        comments = np.where(first > 0, first, _QUIET_LENGTH).sum()
        low, high = (middle, high) if comments / max(1, (first > 0).sum()) < patience else (low, middle)
    return float(np.exp(high))


def mixture(mean: float) -> Callable[[int], Statistic]:
    """The detector of the product, with a baseline that is known."""

    def start(streams: int) -> Statistic:
        bank = Detectors(streams)

        def feed(signals: Floats) -> Floats:
            evidence = bank.update(signals, np.ones_like(signals), np.full_like(signals, mean)).evidence
            bank.end_block()
            return evidence

        return feed

    return start


def likelihood(before: Floats, after: Floats, bins: Callable[[Floats], Ints]) -> Callable[[int], Statistic]:
    """Page's CUSUM of the likelihood ratio of two known densities over bins, as exp so that it is above 1."""
    steps = np.log(after / before)

    def start(streams: int) -> Statistic:
        here = np.zeros(streams)

        def feed(signals: Floats) -> Floats:
            nonlocal here
            course = np.empty(signals.shape)
            for place, step in enumerate(steps[bins(signals)]):
                here = np.maximum(0.0, here + step)
                course[place] = here
            return np.exp(course)

        return feed

    return start


def mean_of(delays: Ints | Floats) -> Estimate:
    """The mean with its 95 % interval."""
    error = 1.96 * float(np.std(delays)) / np.sqrt(len(delays))
    return Estimate(float(np.mean(delays)), float(np.mean(delays)) - error, float(np.mean(delays)) + error)


def _draw(share: float, seed: int) -> Callable[[int, int], Floats]:
    dice = np.random.default_rng(seed)
    return lambda length, streams: (dice.random((length, streams)) < share).astype(np.float64)


def _own(name: str, threshold: float | None) -> Row:
    log.info("%s (sizes %s)", name, SIZES)
    return _row(name, mixture(_BEFORE), threshold)


def _tuned(share: float) -> Row:
    start = likelihood(
        np.array([1 - _BEFORE, _BEFORE]), np.array([1 - share, share]), lambda signals: signals.astype(np.int64)
    )
    return _row(f"CUSUM tuned in advance for {share:.0%}", start, None)


def _row(name: str, start: Callable[[int], Statistic], threshold: float | None) -> Row:
    used = threshold_for(start, _draw(_BEFORE, 1), 1.05 * PATIENCE) if threshold is None else threshold
    quiet = first_passage(start, _draw(_BEFORE, 2), used)
    alarms = int((quiet < _LONGEST).sum())
    delays = [first_passage(start, _draw(share, 3), used) for share in _AFTER]
    return Row(
        f"{name} ({used:,.0f})", f"{quiet.sum() / max(1, alarms):,.0f}", tuple(_shown(mean_of(each)) for each in delays)
    )


def _shown(delay: Estimate) -> str:
    return f"{delay.value:,.0f} ({delay.low:,.0f}-{delay.high:,.0f})"


def _rivals() -> list[Row]:
    return [_rival(name, alarms) for name, alarms in rivals(_draw(_BEFORE, 4)(_RIVAL_QUIET, 1)[:, 0], PATIENCE)]


def _rival(name: str, alarms: Callable[[Floats], Ints]) -> Row:
    log.info("%s", name)
    quiet = mean_patience(alarms(_draw(_BEFORE, 5)(_RIVAL_QUIET, 1)[:, 0]), _RIVAL_QUIET)
    shown = []
    for share in _AFTER:
        delays = []
        for seed in range(_RIVAL_STREAMS):
            past, rise = _draw(_BEFORE, 1_000 + seed)(_PAST, 1), _draw(share, 2_000 + seed)(_RIVAL_LONGEST, 1)
            delays.append(first_after(alarms(np.concatenate([past, rise])[:, 0]), _PAST))
        told = np.array([delay for delay in delays if delay is not None])
        missed = 1 - len(told) / len(delays)
        shown.append((_shown(mean_of(told)) if len(told) > 1 else "-") + (f", {missed:.0%} missed" if missed else ""))
    return Row(name, f"{quiet:,.0f}" if np.isfinite(quiet) else f"none in {_RIVAL_QUIET:,}", tuple(shown))
