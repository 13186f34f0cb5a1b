"""An alert explained: the figures and comments a person needs to act on it, and the document they are sent as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from service.monitor.alerts import AlertChange, Share
from service.monitor.facet_wording import chinese_name
from service.monitor.movers import Mover
from service.monitor.rising_terms import RisingTerm

Origin = Literal["organic", "mixed", "coordinated"]

_DIGITS = 4  # of a share in a document
_MOST_SHOWN = 300  # characters of a comment in a document
_COPIED, _PARTLY_COPIED = 0.5, 0.2  # shares of near-copies from which a change is coordinated, or partly so


@dataclass(frozen=True, slots=True)
class Volume:
    """How many comments, how many an hour, and their likes, which are their reach."""

    comments: int
    per_hour: float
    likes: int


@dataclass(frozen=True, slots=True)
class Example:
    """A comment that shows what an alert is about."""

    seq: int
    time: float
    text: str
    likes: int
    platform: str | None
    p_negative: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What lies behind ``change``, an alert of ``work``. Times are seconds since 1970, ``zone`` where they are told.

    ``onset`` is the estimated time of the first comment of the change, ``onset_range`` the earliest and latest that may
    as well be it (95 %). ``before`` and ``after`` are the shares of the alert's signal on its two sides; where hardly
    anything stands before, ``before`` is the ``baseline``, the share that the change is measured against. ``negative``
    and ``positive`` are those of the comments that carry the signal since. ``copies`` is the share of near-copies since
    then; ``authors`` how many accounts wrote what carries the signal, None where unknown.
    """

    change: AlertChange
    work: str
    zone: str
    onset_seq: int
    onset: float
    onset_range: tuple[float, float]
    baseline: Share
    before: Share
    after: Share
    volume_before: Volume
    volume_after: Volume
    circles: list[Mover]
    platforms: list[Mover]
    aspects: list[Mover]
    terms: list[RisingTerm]
    negative: Share
    positive: Share
    copies: Share
    authors: int | None
    representative: list[Example]
    most_liked: list[Example]

    @property
    def origin(self) -> Origin:
        """Whether the comments since the onset are ``organic``, ``mixed`` or ``coordinated``."""
        if self.change.labels["alertname"] == "coordinated":
            return "coordinated"
        share = self.copies.value
        return "coordinated" if share >= _COPIED else "mixed" if share >= _PARTLY_COPIED else "organic"

    @property
    def lift(self) -> float | None:
        """The share since the onset by the baseline of the alert, 2 being twice as many; None for a baseline of 0."""
        return self.after.value / self.baseline.value if self.baseline.value > 0 else None

    def document(self) -> dict[str, Any]:
        """Give the explanation as JSON values: shares with ``low`` and ``high``, times in ISO 8601."""
        lift = self.lift
        return {
            "work": self.work,
            "onset": self.clock(self.onset),
            "onset_range": [self.clock(time) for time in self.onset_range],
            "onset_seq": self.onset_seq,
            "before": _share(self.before),
            "after": _share(self.after),
            "baseline": _share(self.baseline),
            "lift": None if lift is None else round(lift, 2),
            "volume": {"before": _volume(self.volume_before), "after": _volume(self.volume_after)},
            "circles": [_mover(each) for each in self.circles],
            "platforms": [_mover(each) for each in self.platforms],
            "aspects": [_mover(each) for each in self.aspects],
            "terms": [
                {
                    "term": each.term,
                    "z": round(each.z, 2),
                    "before": round(each.before, _DIGITS),
                    "after": round(each.after, _DIGITS),
                }
                for each in self.terms
            ],
            "negative": _share(self.negative),
            "positive": _share(self.positive),
            "origin": self.origin,
            "copies": _share(self.copies),
            "authors": self.authors,
            "representative": [self._example(each) for each in self.representative],
            "most_liked": [self._example(each) for each in self.most_liked],
        }

    def clock(self, time: float) -> str:
        """Give a time in ISO 8601 to the second, in the explanation's zone."""
        return datetime.fromtimestamp(time, ZoneInfo(self.zone)).isoformat(timespec="seconds")

    def _example(self, each: Example) -> dict[str, Any]:
        text = each.text if len(each.text) <= _MOST_SHOWN else f"{each.text[: _MOST_SHOWN - 1]}…"
        return {
            "seq": each.seq,
            "time": self.clock(each.time),
            "text": text,
            "likes": each.likes,
            "platform": each.platform,
            "p_negative": round(each.p_negative, 3),
        }


def _share(share: Share) -> dict[str, float]:
    shown = {name: round(getattr(share, name), _DIGITS) for name in ("value", "low", "high")}
    return {**shown, "comments": round(share.comments)}


def _volume(volume: Volume) -> dict[str, float]:
    return {"comments": volume.comments, "per_hour": round(volume.per_hour, 1), "likes": volume.likes}


def _mover(mover: Mover) -> dict[str, Any]:
    part = mover.part
    return {
        "name": mover.name,
        "chinese": chinese_name(mover.name),
        "share": {"before": _share(mover.before), "after": _share(mover.after)},
        "signal": {"before": _share(mover.signal_before), "after": _share(mover.signal_after)},
        "part": {"value": round(part.value, 3), "low": round(part.low, 3), "high": round(part.high, 3)},
    }
