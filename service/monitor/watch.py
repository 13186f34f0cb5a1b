"""Watch: one thing that is looked at in a stream, and what is told when it crosses its threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.monitor.alerts import AlertState, Severity, Share
from service.monitor.baseline import Prior


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing looked at: the alert it raises, the labels that tell it from others, what is known of its signal
    beforehand, and its part of the false alarms of the stream."""

    alertname: str
    labels: Mapping[str, str]
    prior: Prior
    part: float
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class Crossing:
    """A watch that changed its state at the comment ``seq``; the shares are means of its signal.

    The change it tells of began with ``onset_seq``, ``comments`` of the panel ago.
    """

    watch: Watch
    state: AlertState
    seq: int
    time: float
    onset_seq: int
    onset_time: float
    baseline: Share
    now: Share
    comments: int
    reason: str


def share_with_interval(mean: float, comments: float) -> Share:
    """Give a mean of ``comments`` signals in [0, 1] with Wilson's 95 % interval, as if they were yes or no.

    >>> share = share_with_interval(0.5, 100)
    >>> round(share.low, 3), round(share.high, 3)
    (0.404, 0.596)
    """
    z, n = 1.959964, max(comments, 1.0)
    centre = (mean + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (mean * (1 - mean) / n + z * z / (4 * n * n)) ** 0.5
    return Share(mean, max(0.0, centre - half), min(1.0, centre + half), comments)
