"""Watch: one thing that is looked at in a stream, and what is told when it crosses its threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.monitor.alerts import AlertState, Severity, Share
from service.monitor.baseline import Prior

#: What a watch can be.
QUIET, PENDING, FIRING = 0, 1, 2

#: Why an alert was resolved: its share came back, was never sure to have left, or has stayed where it went.
RETURNED, UNCONFIRMED = "back to the baseline", "not confirmed"
SETTLED = "the new level has become the normal one"


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
