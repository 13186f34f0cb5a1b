"""A replay as one JSON document, the same that the report is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from service.replay.judging import Episode, Verdict, find_episodes, judge
from service.replay.replay import Replayed
from service.replay.rivals import NoRiver, adwin, always, page_hinkley, vendor_rule
from service.replay.truth import IS_NEGATIVE, UNKNOWN
from service.streams.telling import iso

_DIGITS = 4
_OURS = "poquan"


def document(replayed: Replayed, source: str, bucket: str, model: str) -> dict[str, Any]:
    """Give the document of a replayed stream; ``source`` is the dump's name, ``model`` the version that scored.

    Where the stream has a truth, ``truth`` tells its episodes and how each detector did on them.
    """
    comments = replayed.comments
    told = {
        "poquan": version("poquan"),
        "model": model,
        "source": source,
        "stream": comments.stream,
        "comments": len(comments),
        "from": iso(comments.time[0]),
        "to": iso(comments.time[-1]),
        "bucket": bucket,
        "alerts": replayed.alerts,
        "unconfirmed": replayed.unconfirmed,
        "segments": replayed.segments,
        "series": {"points": replayed.points},
    }
    return told if comments.truth is None else {**told, "truth": _truth(replayed)}


def _truth(replayed: Replayed) -> dict[str, Any]:
    labels = replayed.comments.truth
    assert labels is not None
    known = np.flatnonzero(labels != UNKNOWN)
    episodes = find_episodes(labels[known] == IS_NEGATIVE, known + 1)
    verdicts, missing = _verdicts(replayed, episodes)
    return {
        "labelled": len(known),
        "negative": round(float((labels[known] == IS_NEGATIVE).mean()), _DIGITS) if len(known) else None,
        "episodes": [_episode(each, replayed) for each in episodes],
        "detectors": [_verdict(each) for each in verdicts],
        "not_run": missing,
    }


def _verdicts(replayed: Replayed, episodes: Sequence[Episode]) -> tuple[list[Verdict], list[dict[str, str]]]:
    """Judge the monitor's alerts on the overall negative share and the rivals, all of which were fed the same."""
    signal, missing = replayed.negative, []
    verdicts = [
        judge(_OURS, _overall_alarms(replayed.alerts), episodes),
        judge("always, every 100th", always(len(signal)).tolist(), episodes),
        judge("vendor rule, mean + 3 sd", vendor_rule(signal).tolist(), episodes),
    ]
    for name, rival in (("river ADWIN", adwin), ("river PageHinkley", page_hinkley)):
        try:
            verdicts.append(judge(name, rival(signal).tolist(), episodes))
        except NoRiver as error:
            missing.append({"name": name, "reason": str(error)})
    return verdicts, missing


def _overall_alarms(alerts: Sequence[dict[str, Any]]) -> list[int]:
    """Give the comments at which alerts of a backlash on the negative share of the whole stream fired."""
    overall = {"alertname": "backlash", "signal": "negative"}
    apart = ("circle", "platform")
    return [
        alert["detected"]["comment"]
        for alert in alerts
        if overall.items() <= alert["labels"].items() and not any(name in alert["labels"] for name in apart)
    ]


def _episode(episode: Episode, replayed: Replayed) -> dict[str, Any]:
    time = replayed.comments.time
    return {
        "from": iso(time[episode.first - 1]),
        "to": None if episode.lasting else iso(time[episode.last - 1]),
        "comment": episode.first,
        "last_comment": episode.last,
        "before": round(episode.before, _DIGITS),
        "share": round(episode.share, _DIGITS),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "episodes_found": len(verdict.delays),
        "episodes": verdict.episodes,
        "false_alarms": verdict.false_alarms,
        "mean_delay_comments": None if verdict.mean_delay is None else round(verdict.mean_delay, 1),
        "delays": list(verdict.delays),
        "alarms": list(verdict.alarms),
    }
