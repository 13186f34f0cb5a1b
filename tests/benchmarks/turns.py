"""Turns in real comments: planted ones against the best test there can be, known ones in old streams, and quiet ones.

Planted: comments of unseen titles (`film/starred.test`) drawn at random, the starred-negative share going from 15 % to
25 % or 35 %. The yardstick is Page's CUSUM of the likelihood ratio of the scores' two densities, which it is told.
Known: the streams of the corpora, scored by a base that was fitted without their titles; one configuration, the shipped
default. Quiet: the same streams shuffled in time, where there is nothing to tell.
"""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpora.fetch import load
from model import Scorer
from service.monitor.alerts import AlertChange
from service.monitor.comments import F64, Ints, ScoredComments
from service.monitor.signals import negative_of
from tests.benchmarks.detection import PATIENCE, Statistic, first_passage, likelihood, mean_of, mixture, threshold_for
from tests.benchmarks.refitting import refitted
from tests.benchmarks.streamed import chosen, first_firing, scored_rows, shuffled, watched

log = logging.getLogger(__name__)

STREAMS = {
    "xinxijuzhiwang-2019": "turns near comment 200",
    "feichirensheng-2019": "sours in the first hours (from comment 50 on)",
    "lichadeguma-2018": "turns near comment 50",
    "jiangping-2024": "0 % against on 13 June 2024, 40 % on the 22nd, 55 % on the 30th",
    "liulangdiqiu-2019": ".12 before release, .2-.3 after, .4 at the very end",
    "lvpishu-2019": "quiet",
    "beishangniliu-2018": "quiet",
    "bilibili-newyear-2020": "no turn known",
    "woshidazhentan-2018": "attacked by fans of the parent show; no labels",
}

_BEFORE, _AFTER = 0.15, (0.35, 0.25)
_BINS = 60
_LEARNED, _RUN = (400, 1_500), 1_500  # comments before the change, and after it at most
_RUNS, _SHUFFLES = 150, 20


def report() -> str:
    """Measure; give the tables."""
    scorer = Scorer.load()
    rows = [row for row in load("film/starred.test") if row.get("star")]
    comments, negative = scored_rows(scorer, rows), np.array([row["star"] <= 2 for row in rows])
    titles = {row["title"] for name in STREAMS for row in load(f"streams/{name}")}
    with tempfile.TemporaryDirectory() as folder:
        blind = refitted(Path(folder), ("gold/train", "film/unstarred"), lambda row: row.get("title") in titles)
        streams = {name: scored_rows(blind, list(load(f"streams/{name}"))) for name in STREAMS}
    return "\n\n".join([_planted(comments, negative), _default(comments, negative), *_known(streams)])


def _planted(comments: ScoredComments, negative: np.ndarray[Any, Any]) -> str:
    signal = negative_of(comments)
    pools = signal[~negative], signal[negative]
    edges = np.quantile(signal, np.linspace(0, 1, _BINS + 1)[1:-1])
    densities = [np.bincount(np.searchsorted(edges, pool), minlength=_BINS) / len(pool) + 1e-6 for pool in pools]
    mixed = {share: (1 - share) * densities[0] + share * densities[1] for share in (_BEFORE, *_AFTER)}
    mean = float((1 - _BEFORE) * pools[0].mean() + _BEFORE * pools[1].mean())
    draw, stars = _drawing(*pools), _drawing(np.zeros(1), np.ones(1))
    lines = [
        f"Planted shifts from {_BEFORE:.0%}, baseline known, one false alarm in {PATIENCE:,} comments as measured: "
        "mean comments until the alarm (95 % interval).",
        "",
        "| detector | " + " | ".join(f"to {share:.0%}" for share in _AFTER) + " |",
        "| --- " * (len(_AFTER) + 1) + "|",
    ]
    best = [
        _delay(likelihood(mixed[_BEFORE], mixed[share], lambda drawn: np.searchsorted(edges, drawn)), draw, share)
        for share in _AFTER
    ]
    own = [_delay(mixture(mean), draw, share) for share in _AFTER]
    true = [_delay(mixture(_BEFORE), stars, share) for share in _AFTER]
    for name, delays in (("CUSUM that knows both densities of the score", best), ("poquan", own)):
        lines.append(f"| {name} | " + " | ".join(_shown(each) for each in delays) + " |")
    ratios = [one.mean() / other.mean() for one, other in zip(own, best, strict=True)]
    lines.append("| poquan / CUSUM | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")
    lines.append("| poquan, fed the true stars | " + " | ".join(_shown(each) for each in true) + " |")
    return "\n".join(lines)


def _drawing(others: F64, negatives: F64) -> Callable[[float, int], Callable[[int, int], F64]]:
    def drawing(share: float, seed: int) -> Callable[[int, int], F64]:
        dice = np.random.default_rng(seed)

        def draw(length: int, streams: int) -> F64:
            shape = length, streams
            bad = dice.random(shape) < share
            return np.where(bad, dice.choice(negatives, shape), dice.choice(others, shape))

        return draw

    return drawing


def _delay(
    start: Callable[[int], Statistic], drawing: Callable[[float, int], Callable[[int, int], F64]], share: float
) -> Ints:
    threshold = threshold_for(start, drawing(_BEFORE, 1), PATIENCE)
    return first_passage(start, drawing(share, 3), threshold)


def _default(comments: ScoredComments, negative: np.ndarray[Any, Any]) -> str:
    """The shipped monitor as a whole: it learns its baseline, and watches everything."""
    lines = [
        "The shipped default as a whole on the same shifts, after quiet comments from which it learns its baseline "
        "(one false alarm in 50,000 comments asked of all it watches together); "
        f"{_RUNS} streams of different comments of one platform, {_RUN:,} after the change:",
        "",
        "| shift | quiet before | comments until a backlash alert, mean (95 %) | median | not told | alarmed before |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for share in _AFTER:
        for learned in _LEARNED:
            log.info("the shipped default, to %.0f %%, %d comments learned", 100 * share, learned)
            told = [_first_backlash(comments, negative, learned, share, seed) for seed in range(_RUNS)]
            delays = np.array([place - learned for place in told if place is not None and place > learned])
            early = sum(place is not None and place <= learned for place in told)
            missed = sum(place is None for place in told)
            lines.append(
                f"| {_BEFORE:.0%} to {share:.0%} | {learned:,} | {_shown(delays)} | {np.median(delays):.0f} | "
                f"{missed / _RUNS:.1%} | {early / _RUNS:.1%} |"
            )
    return "\n".join(lines)


def _first_backlash(
    comments: ScoredComments, negative: np.ndarray[Any, Any], learned: int, share: float, seed: int
) -> int | None:
    dice = np.random.default_rng(seed)
    shares = np.repeat([_BEFORE, share], [learned, _RUN])
    bad = dice.random(len(shares)) < shares
    places = np.empty(len(shares), np.int64)
    for kind, chosen_rows in ((negative, bad), (~negative, ~bad)):
        places[chosen_rows] = dice.permutation(np.flatnonzero(kind))[: int(chosen_rows.sum())]
    change = first_firing(watched(chosen(comments, places)), "backlash")
    return None if change is None else change.seq


def _known(streams: Mapping[str, ScoredComments]) -> list[str]:
    lines = [
        "Old streams, the shipped default, a base fitted without their titles. An alert: what, comment at which it "
        "fired (comment from which the change is told to have begun).",
        "",
        f"| stream | comments | what is known | backlash alerts | other alerts | alarms in {_SHUFFLES} shuffles |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    comments, alarms = 0, Counter[str]()
    for name, scored in streams.items():
        log.info("%s", name)
        told = [change for change in watched(scored) if change.state == "firing"]
        quiet = [watched(shuffled(scored, seed)) for seed in range(_SHUFFLES)]
        fired = Counter(change.labels["alertname"] for each in quiet for change in each if change.state == "firing")
        comments, alarms = comments + _SHUFFLES * len(scored), alarms + fired
        grave = [change for change in told if change.labels["alertname"] == "backlash"]
        others = [change for change in told if change.labels["alertname"] != "backlash"]
        lines.append(
            f"| {name} | {len(scored):,} | {STREAMS[name]} | {_listed(grave)} | {_listed(others)} | {_counted(fired)} |"
        )
    return ["\n".join(lines), f"Over all shuffled comments ({comments:,}): {_counted(alarms)}."]


def _counted(alarms: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(alarms.items())) or "none"


def _listed(changes: Sequence[AlertChange]) -> str:
    return (
        "; ".join(
            " ".join(value for name, value in change.labels.items() if name not in ("alertname", "stream"))
            + f" {change.seq} ({change.onset_seq})"
            if change.labels["alertname"] == "backlash"
            else f"{change.labels['alertname']} {change.labels.get('circle', '')} {change.seq} ({change.onset_seq})"
            for change in changes
        )
        or "-"
    )


def _shown(delays: Ints) -> str:
    delay = mean_of(delays)
    return f"{delay.value:,.0f} ({delay.low:,.0f}-{delay.high:,.0f})"
