"""What others do to notice a turn, for comparison: each gives, for one signal, where it would have raised an alarm.

A signal ``(n,)`` is one number in [0, 1] a comment in the order of time. Alarms are comment numbers from 1, growing:
each is the comment after which the rule speaks. Only rises count, as a fall of the negative share is no bad news.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from service.errors import ServiceError
from service.monitor.comments import F64, Ints


class NoRiver(ServiceError):
    """The library river, which two of the rivals come from, is not installed."""


def always(n: int, every: int = 100) -> Ints:
    """Raise an alarm at every hundredth of ``n`` comments: nothing is missed, and nothing is worth a look.

    >>> always(250).tolist()
    [100, 200]
    """
    return np.arange(every, n + 1, every, dtype=np.int64)


def vendor_rule(signal: F64, window: int = 100, history: int = 7, deviations: float = 3) -> Ints:
    """Raise an alarm at the end of a window whose mean is over that of the windows before it by some deviations.

    This is what monitoring services for brands document: windows of ``window`` comments, each compared with the mean
    and the standard deviation of the ``history`` windows before.

    >>> vendor_rule(np.repeat([0.1, 0.12, 0.1, 0.12, 0.1, 0.12, 0.1, 0.5], 100)).tolist()
    [800]
    """
    means = signal[: len(signal) // window * window].reshape(-1, window).mean(axis=1)
    if len(means) <= history:
        return np.empty(0, np.int64)
    before = np.lib.stride_tricks.sliding_window_view(means, history)[:-1]
    high = means[history:] > before.mean(axis=1) + deviations * before.std(axis=1)
    alarms: Ints = (np.flatnonzero(high) + history + 1) * window
    return alarms


def adwin(signal: F64, delta: float = 0.002) -> Ints:
    """Raise an alarm where river's ADWIN, by default at its own ``delta``, drops the past for a higher mean.

    Bifet and Gavaldà (2007), Learning from time-changing data with adaptive windowing. Raises `NoRiver`.
    """
    detector = _river_drift().ADWIN(delta=delta)
    alarms, mean = [], 0.0
    for number, value in enumerate(signal.tolist(), 1):
        detector.update(value)
        if detector.drift_detected and detector.estimation > mean:
            alarms.append(number)
        mean = detector.estimation
    return np.array(alarms, np.int64)


def page_hinkley(signal: F64, threshold: float = 50.0) -> Ints:
    """Raise an alarm where river's PageHinkley, by default at its own ``threshold``, sees the mean rise.

    Page (1954), Continuous inspection schemes. Raises `NoRiver`.
    """
    detector = _river_drift().PageHinkley(mode="up", threshold=threshold)
    alarms = []
    for number, value in enumerate(signal.tolist(), 1):
        detector.update(value)
        if detector.drift_detected:
            alarms.append(number)
    return np.array(alarms, np.int64)


def _river_drift() -> Any:
    try:
        return import_module("river.drift")
    except ModuleNotFoundError:
        raise NoRiver("river is not installed: pip install 'poquan[bench]'") from None
