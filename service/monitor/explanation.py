"""What lies behind an alert: since when, how much, who, about what, in which words, and whether by people or by copies.

An explanation is told from the comments before and after the change alone, so the same comments always tell the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from service.monitor.alert_signals import concerned, signal_of
from service.monitor.alerts import AlertChange, Share
from service.monitor.comments import F32, F64, NEGATIVE, POSITIVE, Bools, ScoredComments, joined
from service.monitor.explained import Example, Explanation, Volume
from service.monitor.movers import mean_share, movers
from service.monitor.naming import Cut
from service.monitor.onset import Onset, estimate_onset
from service.monitor.rising_terms import RisingTerm, rising_terms
from service.monitor.signals import OPENING_SHARE
from service.monitor.telling_comments import most_liked, representative

__all__ = ["Example", "Explanation", "Volume", "explain"]

_MOST_READ = 120  # characters of a comment in which terms are looked for
_MOST_CHARACTERS = 15_000  # read of all comments of a side; beyond it every second, third ... is read
_SHORTEST_SPAN = 60.0  # seconds: comments of one moment have no rate
_LEAST_BEFORE = 5  # comments: with fewer the alert's baseline stands for what was before


def explain(
    before: ScoredComments,
    after: ScoredComments,
    change: AlertChange,
    cut: Cut,
    *,
    work: str | None = None,
    members: Bools | None = None,
    core: Sequence[str] = (),
    zone: str = "Asia/Shanghai",
) -> Explanation:
    """Explain an alert from the comments ``before`` the onset its detector told and those ``after``, up to now.

    A thousand of each are plenty. ``members`` ``(len(before) + len(after),)`` tells (for ``new_segment``) which belong
    to the segment; ``core`` are the core circles (for ``breakout``).
    ``work`` is the film or series, by default the name of the stream. Raises ValueError where ``after`` has no comment
    that the alert is of, or its labels name what the model does not know.
    """
    both = joined([before, after])
    of = concerned(both, change)
    late = np.arange(len(both)) >= len(before)
    copies = both.copy
    copied = _mean(copies[of & late])
    if change.labels["alertname"] != "coordinated":
        of &= ~copies  # copies neither make a change nor hide one
    if not (of & late).any():
        raise ValueError(f"None of the {len(after)} comments since the onset is of {dict(change.labels)}; pass some.")
    kept = both[np.flatnonzero(of)]
    marks = members if change.labels["alertname"] == "new_segment" else copies
    signal = signal_of(kept, change, marks=None if marks is None else marks[of], core=core)
    onset = _onset(signal, int((of & ~late).sum()), change)
    then, now = _Side(kept[: onset.place], signal[: onset.place]), _Side(kept[onset.place :], signal[onset.place :])
    terms = _terms(then, now, cut)
    weights = {each.term: each.z for each in terms}
    texts, carriers = now.comments.text, np.flatnonzero(now.carriers)
    authors = {now.comments.author[place] for place in carriers.tolist()}
    known = mean_share(then.signal) if onset.place >= _LEAST_BEFORE else None
    baseline = _baseline(change, known)
    return Explanation(
        change=change,
        work=work or change.labels.get("stream", ""),
        zone=zone,
        onset_seq=int(kept.seq[onset.place]),
        onset=float(kept.time[onset.place]),
        onset_range=(float(kept.time[onset.low]), float(kept.time[onset.high])),
        baseline=baseline,
        before=known or baseline,
        after=mean_share(now.signal),
        volume_before=_volume_of(then.comments, float(kept.time[onset.place])),
        volume_after=_volume_of(now.comments),
        circles=movers(then.signal, now.signal, _circles(then, change), _circles(now, change)),
        platforms=movers(then.signal, now.signal, _platforms(then), _platforms(now)),
        aspects=movers(then.signal, now.signal, _aspects(then, change), _aspects(now, change)),
        terms=terms,
        negative=_mean(now.comments.polarity[carriers, NEGATIVE]),
        positive=_mean(now.comments.polarity[carriers, POSITIVE]),
        copies=copied,
        authors=None if None in authors else len(authors),
        representative=_shown(now, representative(texts, now.signal * now.carriers, now.comments.vectors, weights)),
        most_liked=_shown(now, most_liked(texts, now.comments.likes, now.carriers)),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """The comments on one side of the onset and the alert's signal in each."""

    comments: ScoredComments
    signal: F64

    @property
    def carriers(self) -> Bools:
        """Those that carry the signal: as many as it is expected to be in, the likeliest ones."""
        chosen = np.zeros(len(self.signal), np.bool_)
        chosen[np.argsort(-self.signal, kind="stable")[: ceil(self.signal.sum())]] = True
        return chosen


def _baseline(change: AlertChange, before: Share | None) -> Share:
    """Give what the change is measured against, as a person is told of it (see `signal_of`)."""
    if change.labels["alertname"] == "poor_opening":
        return replace(change.baseline, value=OPENING_SHARE, low=OPENING_SHARE, high=OPENING_SHARE)
    return before if before is not None and change.labels.get("signal") == "negative" else change.baseline


def _onset(signal: F64, place: int, change: AlertChange) -> Onset:
    """Give the likeliest onset near the detector's; a work that opened badly did so from its first comment on."""
    found = None if change.labels["alertname"] == "poor_opening" else estimate_onset(signal, place)
    return found or Onset(place, place, place)


def _terms(then: _Side, now: _Side, cut: Cut) -> list[RisingTerm]:
    """Compare what carries the signal since with all before or, where hardly anything was before, with the rest."""
    carriers = now.carriers
    told = [text for text, carries in zip(now.comments.text, carriers, strict=True) if carries]
    rest = [text for text, carries in zip(now.comments.text, carriers, strict=True) if not carries]
    old, new = _read(then.comments.text if len(then.signal) >= _LEAST_BEFORE else rest), _read(told)
    return rising_terms(cut(old), cut(new))


def _read(texts: Sequence[str]) -> list[str]:
    """Give the beginnings of texts, evenly thinned where they are many: a term that matters is in what is left too."""
    short = [text[:_MOST_READ] for text in texts if text.strip()]
    step = max(1, ceil(sum(map(len, short)) / _MOST_CHARACTERS))
    return short[::step]


def _circles(side: _Side, change: AlertChange) -> dict[str, Bools]:
    """Give the comments each circle is named in, without the circle that the alert is of: it moved by definition."""
    names = side.comments.names
    named = dict(zip(names.circles, side.comments.named_circles.T, strict=True))
    named.pop(change.labels.get("circle", ""), None)
    return named


def _aspects(side: _Side, change: AlertChange) -> dict[str, Bools]:
    names = side.comments.names
    named = dict(zip(names.aspects, side.comments.decided[:, names.aspect_columns].T, strict=True))
    if change.labels.get("signal") == "marketing":
        named.pop("marketing", None)
    return named


def _platforms(side: _Side) -> dict[str, Bools]:
    """Give the comments of each platform; nothing where there is one alone, which has moved nobody against another."""
    of = np.array([platform or "" for platform in side.comments.platform], np.str_)
    known = sorted(set(of.tolist()))
    return {name: of == name for name in known if name} if len(known) > 1 else {}


def _volume_of(comments: ScoredComments, end: float | None = None) -> Volume:
    if not len(comments):
        return Volume(0, 0.0, 0)
    first, last = float(comments.time.min()), float(comments.time.max())
    span = max(_SHORTEST_SPAN, (last if end is None else max(last, end)) - first)
    return Volume(len(comments), len(comments) / span * 3600, int(comments.likes.sum()))


def _shown(side: _Side, places: Sequence[int]) -> list[Example]:
    comments = side.comments
    return [
        Example(
            seq=int(comments.seq[place]),
            time=float(comments.time[place]),
            text=comments.text[place],
            likes=int(comments.likes[place]),
            platform=comments.platform[place],
            p_negative=float(comments.polarity[place, NEGATIVE]),
        )
        for place in places
    ]


def _mean(values: F32 | Bools) -> Share:
    return mean_share(values.astype(np.float64))
