"""A circle that comes in greater numbers, and a copy-paste wave that must not pass for a turn.

Rise: gold comments (`gold/dev`) of one circle among others, their share going from 10 % to 20 %; each circle's detector
is tuned to one false alarm in 10,000 comments as measured, with its baseline known, and as it ships, which learns it.
Wave: into a real stream one negative comment is planted again and again, each copy changed a little and by another
author, 20 % of the traffic, once one of some length and once one of a few words; then as many different negative
comments, which is a turn.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from corpora.fetch import load
from model import Scorer
from service.monitor.comments import F64, NEGATIVE, Ints
from service.monitor.duplicates import NearDuplicates
from tests.benchmarks.detection import PATIENCE, first_passage, mean_of, mixture, threshold_for
from tests.benchmarks.streamed import first_firing, scored_rows, watched
from tests.benchmarks.waves import PLANTED, copies, needed, organic, plant

log = logging.getLogger(__name__)

_BEFORE, _AFTER, _LEAST = 0.1, 0.2, 100

_HOSTS = ("beishangniliu-2018", "bilibili-newyear-2020", "woshidazhentan-2018")
_LENGTH, _BEGIN, _WAVE_SHARE = 3_000, 1_000, 0.2
_SEEDS = 10
_TEMPLATE = (12, 60)  # characters
_BRIEF = (6, 11)  # Chinese characters
_CHINESE = re.compile("[\u4e00-\u9fff]")


def report() -> str:
    """Measure; give the tables."""
    scorer = Scorer.load()
    return f"{_rises(scorer)}\n\n{_waves(scorer)}"


def _rises(scorer: Scorer) -> str:
    rows = list(load("gold/dev"))
    circles = scorer.facet_names.circles
    chances = scorer.score([row["text"] for row in rows]).facets.circle_chances.astype(np.float64)
    lines = [
        f"A circle's share from {_BEFORE:.0%} to {_AFTER:.0%} in comments of gold/dev, one false alarm in {PATIENCE:,} "
        f"comments as measured; circles with at least {_LEAST} comments there.",
        "",
        "| circle | comments of it | comments until the alarm, mean (95 %) |",
        "| --- | --- | --- |",
    ]
    means = []
    for column, circle in enumerate(circles):
        of = np.array([circle in row["circles"] for row in rows])
        if of.sum() < _LEAST:
            continue
        log.info("%s", circle)
        delays = _rise(chances[~of, column], chances[of, column])
        delay = mean_of(delays)
        means.append(delay.value)
        lines.append(f"| {circle} | {of.sum()} | {delay.value:,.0f} ({delay.low:,.0f}-{delay.high:,.0f}) |")
    spread = 1.96 * float(np.std(means)) / np.sqrt(len(means))
    mean = float(np.mean(means))
    lines.append(f"| mean of {len(means)} circles | | {mean:,.0f} ({mean - spread:,.0f}-{mean + spread:,.0f}) |")
    return "\n".join(lines)


def _rise(others: F64, own: F64) -> Ints:
    def drawing(share: float, seed: int) -> Any:
        dice = np.random.default_rng(seed)

        def draw(length: int, streams: int) -> F64:
            shape = length, streams
            return np.where(dice.random(shape) < share, dice.choice(own, shape), dice.choice(others, shape))

        return draw

    start = mixture(float((1 - _BEFORE) * others.mean() + _BEFORE * own.mean()))
    return first_passage(start, drawing(_AFTER, 3), threshold_for(start, drawing(_BEFORE, 1), PATIENCE))


def _waves(scorer: Scorer) -> str:
    lines = [
        f"Waves of {_WAVE_SHARE:.0%} of the traffic in {_LENGTH:,} real comments, from comment {_BEGIN:,} on; "
        f"{_SEEDS} negative comments of {_TEMPLATE[0]}-{_TEMPLATE[1]} characters from film/starred.test as templates, "
        f"one a run; brief ones have {_BRIEF[0]}-{_BRIEF[1]} Chinese characters. Copies found and others taken for "
        "copies are shares.",
        "",
        "| stream | planted | coordinated | backlash | comments until the alert, median | copies found | others |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    pool = _negatives(scorer, lambda text: _TEMPLATE[0] <= len(text) <= _TEMPLATE[1])
    brief = _negatives(scorer, lambda text: _BRIEF[0] <= len(_CHINESE.findall(text)) <= _BRIEF[1])
    drawn = {"copies": pool, "brief copies": brief, "different comments": pool}
    for name in _HOSTS:
        rows = list(load(f"streams/{name}"))[:_LENGTH]
        number = needed(rows, _BEGIN, share=_WAVE_SHARE)
        for kind, texts in drawn.items():
            log.info("%s, %s", name, kind)
            runs = [_run(scorer, rows, _texts(kind, texts, number, seed), seed) for seed in range(_SEEDS)]
            coordinated, backlash, delays, found, others = zip(*runs, strict=True)
            told = [delay for delay in delays if delay is not None]
            lines.append(
                f"| {name} | {number} {kind} | {sum(coordinated)} of {_SEEDS} | {sum(backlash)} of {_SEEDS} | "
                f"{np.median(told) if told else float('nan'):.0f} | {np.mean(found):.2f} | {np.mean(others):.3f} |"
            )
    return "\n".join(lines)


def _negatives(scorer: Scorer, fits: Callable[[str], bool]) -> list[str]:
    """Negative comments that fit and that the model reads as such, so that they can make a turn."""
    rows = [
        row["text"] for row in load("film/starred.test") if row.get("star") and row["star"] <= 2 and fits(row["text"])
    ]
    read = scorer.score(rows).probabilities[:, NEGATIVE]
    return [text for text, chance in zip(rows, read.tolist(), strict=True) if chance >= 0.5]


def _texts(kind: str, pool: Sequence[str], number: int, seed: int) -> list[str]:
    if kind.endswith("copies"):
        return copies(pool[int(np.random.default_rng(seed).integers(len(pool)))], number, seed)
    return organic(pool, number, seed)


def _run(
    scorer: Scorer, rows: Sequence[Mapping[str, Any]], texts: Sequence[str], seed: int
) -> tuple[bool, bool, int | None, float, float]:
    """Give whether it was told as coordinated, as a backlash, when the first of them, and what was seen as copies."""
    planted = plant(rows, texts, _BEGIN, seed=seed)
    scored = scored_rows(scorer, planted)
    changes = [change for change in watched(scored) if change.seq > _BEGIN]
    coordinated, backlash = first_firing(changes, "coordinated"), first_firing(changes, "backlash")
    first = min((change.seq for change in (coordinated, backlash) if change), default=None)
    seen = NearDuplicates().update(scored.text, scored.time, scored.author, scored.seq).copy
    ours = np.array([bool(row.get(PLANTED)) for row in planted])
    delay = None if first is None else first - _BEGIN
    return bool(coordinated), bool(backlash), delay, float(seen[ours].mean()), float(seen[~ours].mean())
