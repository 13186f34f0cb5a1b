"""What is told of a change: the alert or segment as a JSON document, explained from the comments around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np

from model.metrics import Estimate
from model.shares import MixRates, estimate_shares
from service.monitor.alerts import AlertChange, Share, fingerprint
from service.monitor.annotations import annotations as told_in_words
from service.monitor.comments import Ints, ScoredComments
from service.monitor.duplicates import NearDuplicates
from service.monitor.explained import Explanation
from service.monitor.explanation import explain
from service.monitor.naming import Cut, name_segment
from service.monitor.segment import Segment, SegmentChange
from service.monitor.stream import StreamMonitor

#: Comments of each side that an explanation is told from.
READ = 500

_EXAMPLES, _TERMS, _GROUPS = 5, 12, 5
_LEAST_MIX = 30  # comments: the mix of fewer tells nothing
_DIGITS = 4


class History(Protocol):
    """The comments of one stream that were watched, to be looked up."""

    def between(self, first_seq: int, last_seq: int, limit: int) -> ScoredComments | None:
        """Give the newest ``limit`` comments from one place to another, both included; None where there are none."""

    def at(self, seqs: Ints) -> Sequence[str]:
        """Give the texts of the comments at these places, as far as they are kept."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of the changes of one stream's monitor; ``cut`` gives words as the model reads them, ``rates`` what its
    shares of circles are corrected by (see `model.audience_mix`), ``zone`` where times are told."""

    monitor: StreamMonitor
    history: History
    cut: Cut
    rates: MixRates | None = None
    zone: str = "Asia/Shanghai"

    def alert(self, change: AlertChange) -> dict[str, Any]:
        """Give the document of an alert; a pending one is not explained yet.

        What explains an alert is what could be known when it fired, so its document is made then; of its end only
        `ended` tells.
        """
        document: dict[str, Any] = {
            "labels": {**change.labels, "severity": change.severity},
            "annotations": {},
            "state": change.state,
            "startsAt": iso(change.started),
            "endsAt": None,
            "fingerprint": change.fingerprint,
            "id": change.id,
            "onset": _moment(change.onset_time, change.onset_seq),
            "detected": _moment(change.started, change.started_seq),
            "comments_to_alarm": change.comments_to_alarm,
            "signal": {"baseline": share(change.baseline), "now": share(change.now)},
        }
        if change.state == "pending":
            return document
        before = self.history.between(0, change.onset_seq - 1, READ)
        after = self.history.between(change.onset_seq, change.seq, READ)
        if after is None:  # nothing of the change is kept any more
            return document
        if before is not None and before.names != after.names:  # another model's
            before = None
        if (explanation := self._explain(change, before, after)) is not None:
            document["annotations"] = told_in_words(explanation)
            document["onset"] = _moment(explanation.onset, explanation.onset_seq)
            document["explanation"] = explanation.document()
        match change.labels["alertname"]:
            case "circle_rise" if "circle" in change.labels and self.rates is not None:
                document["corrected"] = self._corrected(change.labels["circle"], before, after, self.rates)
            case "breakout":
                document["core"] = list(change.core)
            case "coordinated":
                document["groups"] = _groups(after)
        return document

    def ended(self, change: AlertChange, begun: Mapping[str, Any] | None) -> dict[str, Any]:
        """Give the document of an alert that is resolved, from the one it had before."""
        return {
            **(begun or self.alert(change)),
            "state": "resolved",
            "endsAt": iso(change.time),
            "resolved": {**_moment(change.time, change.seq), "now": share(change.now)},
            "reason": change.reason,
        }

    def proposal(self, change: SegmentChange) -> dict[str, Any]:
        """Give the alert that a new segment of viewers has grown for sure."""
        segment = self._described(change.segment, change.members, change.others)
        labels = {"alertname": "new_segment", "stream": self.monitor.name, "segment": change.segment.id}
        terms = "、".join(each["term"] for each in segment["terms"][:3])
        work = self.monitor.expected.work or self.monitor.name
        first, now = change.segment.share_first, change.segment.share
        return {
            "labels": {**labels, "severity": "info"},
            "annotations": {
                "summary": f"{work}: a new group of viewers, who speak of {terms}: from {100 * first:.1f} % to "
                f"{100 * now:.1f} % of the comments that fit no circle.",
                "summary_zh": f"《{work}》评论区出现一群新观众（常提“{terms}”），"
                f"在不属于任何圈层的评论中占比由 {first:.1%} 升至 {now:.1%}。",
            },
            "state": "firing",
            "startsAt": iso(change.time),
            "endsAt": None,
            "fingerprint": fingerprint(labels),
            "id": fingerprint(labels),
            "onset": self._at(change.segment.born_seq, change.time),
            "detected": _moment(change.time, change.seq),
            "segment": segment,
        }

    def segment(self, segment: Segment) -> dict[str, Any]:
        """Give a segment that is followed now with the terms that name it and its clearest examples."""
        followed = self.monitor.segments
        return self._described(segment, followed.members(segment.id).tolist(), followed.others().tolist())

    def _described(self, segment: Segment, members: Sequence[int], others: Sequence[int]) -> dict[str, Any]:
        inside, outside = (self.history.at(np.array(seqs, np.int64)) for seqs in (members, others))
        terms = name_segment(inside, outside, self.cut)
        return {
            "id": segment.id,
            "state": "found" if segment.proposed_seq is None else "proposed",
            "terms": [{"term": each.term, "z": round(each.z, 2)} for each in terms[:_TERMS]],
            "size": segment.size,
            "total": segment.total,
            "share": round(segment.share, _DIGITS),
            "share_first": round(segment.share_first, _DIGITS),
            "growth": round(segment.growth, 2),
            "coherence": round(segment.coherence, 3),
            "coherence_of_all": round(segment.coherence_of_all, 3),
            "examples": list(self.history.at(np.array(segment.examples[:_EXAMPLES], np.int64))),
            "born_seq": segment.born_seq,
            "proposed_seq": segment.proposed_seq,
        }

    def _corrected(
        self, circle: str, before: ScoredComments | None, after: ScoredComments, rates: MixRates
    ) -> dict[str, Any]:
        """Give the circle's share of the comments before the onset and since, corrected for the model's error, and its
        TGI: the share since by the one expected, times 100."""
        expected = self.monitor.expected.mix.get(circle)
        told: dict[str, Any] = {"before": None, "after": None, "expected": expected, "tgi": None}
        for side, comments in (("before", before), ("after", after)):
            if comments is not None and len(comments) >= _LEAST_MIX:
                place = comments.names.circles.index(circle)
                shares = estimate_shares(comments.circles[:, place : place + 1], rates.of(place))
                known = Estimate(float(shares.value[0]), float(shares.low[0]), float(shares.high[0]))
                told[side] = _estimate(known, 1, _DIGITS)
                if side == "after" and expected is not None:
                    told["tgi"] = _estimate(known, 100 / expected, 1)
        return told

    def _at(self, seq: int, otherwise: float) -> dict[str, Any]:
        found = self.history.between(seq, seq, 1)
        return _moment(otherwise if found is None else float(found.time[0]), seq)

    def _explain(self, change: AlertChange, before: ScoredComments | None, after: ScoredComments) -> Explanation | None:
        try:
            return explain(
                after[:0] if before is None else before,
                after,
                change,
                self.cut,
                work=self.monitor.expected.work,
                core=change.core,
                zone=self.zone,
            )
        except ValueError:  # none of them is of this alert
            return None


def _groups(since: ScoredComments) -> list[dict[str, Any]]:
    """Give the biggest groups of near-copies, each with its first comment."""
    copies = NearDuplicates()
    copies.update(since.text, since.time, since.author, since.seq)
    groups = copies.groups(least=3)[:_GROUPS]
    texts = dict(zip(since.seq.tolist(), since.text, strict=True))
    return [{**asdict(group), "began": iso(group.began), "text": texts[group.id]} for group in groups]


def _estimate(known: Estimate, factor: float, digits: int) -> dict[str, float]:
    return {name: round(factor * getattr(known, name), digits) for name in ("value", "low", "high")}


def _moment(time: float, seq: int) -> dict[str, Any]:
    return {"time": iso(time), "comment": seq}


def iso(time: float) -> str:
    """Give a time in ISO 8601, UTC, to the second.

    >>> iso(0)
    '1970-01-01T00:00:00+00:00'
    """
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")


def share(known: Share) -> Mapping[str, float]:
    """Give a share as JSON values."""
    return {
        "value": round(known.value, _DIGITS),
        "low": round(known.low, _DIGITS),
        "high": round(known.high, _DIGITS),
        "comments": round(known.comments),
    }
