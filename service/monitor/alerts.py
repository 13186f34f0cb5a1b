"""Alerts as the monitor tells of them, in the vocabulary of Alertmanager: what is wrong is in the labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

AlertState = Literal["pending", "firing", "resolved"]
Severity = Literal["info", "warning", "critical"]

#: What an alert can be about.
ALERTNAMES = ("backlash", "poor_opening", "coordinated", "circle_rise", "breakout", "new_segment")


@dataclass(frozen=True, slots=True)
class Share:
    """A share of comments with its 95 % interval, and how many comments it is of."""

    value: float
    low: float
    high: float
    comments: float


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert that began, grew sure or ended, at the comment ``seq`` and its event time ``time`` (seconds).

    ``labels`` say what it is about and stay the same from pending to resolved: ``alertname``, ``stream``, ``signal``
    (negative, exit, marketing, duplicate, ...) and where they apply ``circle`` or ``platform``. ``onset_seq`` is the
    first comment of the change as estimated (all later ones of the stream belong to it), ``onset_time`` its time.
    ``started_seq`` and ``started`` are where and when the alert came to its state, for a resolved one to the state
    before; its severity is the one it had then. ``baseline`` is the share before it that the change was measured
    against, ``now`` the share since the onset. ``comments_to_alarm`` is how many comments there were from the onset
    until this change of state; ``core`` are the core circles then.
    """

    state: AlertState
    labels: Mapping[str, str]
    severity: Severity
    seq: int
    time: float
    onset_seq: int
    onset_time: float
    started_seq: int
    started: float
    baseline: Share
    now: Share
    comments_to_alarm: int
    reason: str = ""
    core: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same for all alerts with these labels, 16 hexadecimal digits."""
        return fingerprint(self.labels)

    @property
    def id(self) -> str:
        """One of this episode: the fingerprint and the comment it began with."""
        return episode(self.labels, self.onset_seq)


def episode(labels: Mapping[str, str], onset_seq: int) -> str:
    """Give the id of the alert with these labels whose change began with a comment."""
    return f"{fingerprint(labels)}-{onset_seq}"


def fingerprint(labels: Mapping[str, str]) -> str:
    """Give the identity of a set of labels, whatever their order.

    >>> fingerprint({"alertname": "backlash", "stream": "a"}) == fingerprint({"stream": "a", "alertname": "backlash"})
    True
    """
    digest = blake2b(digest_size=8)
    for name, value in sorted(labels.items()):
        digest.update(f"{len(name)}:{name}{len(value)}:{value}".encode())
    return digest.hexdigest()
