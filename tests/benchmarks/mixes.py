"""Audience shares of planted mixes: the corrected estimate against counting decisions and averaging chances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpora.fetch import load
from model import Scorer
from model.metrics import Estimate, Floats, Ints, interval
from model.mix import with_none
from model.shares import MixRates, estimate_shares
from tests.benchmarks.intervals import shown
from training.labels import facet_targets

Bools = NDArray[np.bool_]

SIZES = (100, 500, 5_000)
_BATCHES = 300
_LEAST_PLANTED = 15
_LEAST_SOURCE = 40
_REPEATS = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """What batches of one kind gave: mean absolute errors in shares, and the interval's coverage and mean width.

    ``ratio`` is the error of the corrected share to that of counting, its interval over resampled batches.
    """

    plant: str
    rows: str
    comments: int
    batches: int
    counting: float
    averaging: float
    corrected: float
    ratio: Estimate
    coverage: float
    width: float


def report() -> str:
    """Give the tables with what was measured and how."""
    scorer, dev = Scorer.load(), list(load("gold/dev"))
    facets = scorer.score([row["text"] for row in dev]).facets
    columns = scorer.facet_names.circle_columns
    truth = facet_targets(dev, scorer.facet_names)[:, columns]
    if scorer.mix_rates is None:
        raise SystemExit("The model in model/default has no rates for the audience mix; run make train-base.")
    rows = measure(
        facets.circle_chances,
        truth,
        scorer.mix_rates,
        scorer.facet_thresholds[columns],
        sources=np.array([row["src"] for row in dev]),
        random_rows=np.array([row["pick"] == "random" for row in dev]),
    )
    return (
        f"Model: {scorer.version}.\n\nShares of circles in batches drawn with replacement from gold/dev: with one "
        "circle planted at 0-50 %, with a Dirichlet mix of circles, and plain batches of one source. Errors are mean "
        "absolute errors in points of share; counting is the share of comments the model decides to carry the "
        f"circle. Nothing of gold/dev was fitted on.\n\n{table(rows)}"
    )


def measure(
    chances: NDArray[Any],
    truth: NDArray[Any],
    rates: MixRates,
    thresholds: Sequence[float] | NDArray[Any],
    seed: int = 0,
    *,
    sources: NDArray[Any] | None = None,
    random_rows: Bools | None = None,
    batches: int = _BATCHES,
) -> list[Row]:
    """Give the planted-mix table of ``k`` circles.

    ``chances`` and ``truth`` are ``(n, k)``, ``rates`` of ``k + 1`` labels (the last one none), a circle counts as
    decided at or above its threshold. Batches are drawn with replacement from all rows and, where given, from the
    ``random_rows``; plain batches of one source need ``sources``. Coverage is of the batch's own share.
    """
    known, true = with_none(chances), with_none(np.asarray(truth) > 0) > 0
    decided = with_none(np.asarray(chances) >= np.asarray(thresholds))
    where = {"all": np.arange(len(known))}
    if random_rows is not None:
        where["random"] = np.flatnonzero(random_rows)
    table = []
    for name, rows in where.items():
        places = None if sources is None else np.asarray(sources)[rows]
        for comments in SIZES:
            drawn: dict[str, list[Floats]] = {}
            for kinds, batch in _draw(true[rows], places, comments, batches, np.random.default_rng(seed)):
                taken = rows[batch]
                found, share = estimate_shares(known[taken], rates), true[taken].mean(axis=0)
                told = np.stack([decided[taken].mean(axis=0), known[taken].mean(axis=0), found.value])
                inside = (found.low <= share + 1e-9) & (share <= found.high + 1e-9)
                figures = np.concatenate([np.abs(told - share), [inside, found.high - found.low]])
                for kind, labels in kinds.items():
                    drawn.setdefault(kind, []).append(figures[:, labels].mean(axis=1))
            table += [_row(kind, name, comments, np.stack(figures), seed) for kind, figures in drawn.items()]
    return table


def table(rows: Sequence[Row]) -> str:
    """Give the rows as a Markdown table; errors and widths in percentage points."""
    lines = [
        "| batches | drawn from | comments | batches drawn | counting | mean chance | corrected | ratio to counting "
        "| inside the 95 % interval | width |",
        "| --- | --- |" + " ---: |" * 8,
    ]
    for row in rows:
        errors = " | ".join(f"{100 * error:.2f}" for error in (row.counting, row.averaging, row.corrected))
        lines.append(
            f"| {row.plant} | {row.rows} | {row.comments:,} | {row.batches} | {errors} | {shown(row.ratio)} "
            f"| {row.coverage:.1%} | {100 * row.width:.1f} |"
        )
    return "\n".join(lines)


def _draw(
    truth: Bools, sources: NDArray[Any] | None, comments: int, batches: int, random: np.random.Generator
) -> Iterator[tuple[dict[str, Ints], Ints]]:
    """Give batches of row numbers, with the labels that each kind of figure is taken of."""
    circles = np.arange(truth.shape[1] - 1)
    rows = truth.sum(axis=0)
    planted = circles[rows[circles] >= _LEAST_PLANTED]
    for index in range(batches if len(planted) else 0):
        label = planted[index % len(planted)]
        share = random.uniform(0, 0.5)
        chance = np.where(truth[:, label], share / rows[label], (1 - share) / (len(truth) - rows[label]))
        others = circles[circles != label]
        yield (
            {"one circle planted at 0-50 %": np.array([label]), "the other circles then": others},
            _take(chance, comments, random),
        )
    for _ in range(batches if len(planted) else 0):
        pull = random.dirichlet(np.full(len(planted), 0.5)) * random.uniform(0.2, 1)
        chance = (truth[:, planted] * (pull / rows[planted])).sum(axis=1) + truth[:, -1] * (1 - pull.sum()) / rows[-1]
        yield (
            {"circles mixed (Dirichlet)": circles, "no circle, in these": np.array([len(circles)])},
            _take(chance, comments, random),
        )
    names, counts = (np.array([]), np.array([])) if sources is None else np.unique(sources, return_counts=True)
    names = names[counts >= _LEAST_SOURCE]
    for index in range(batches if len(names) else 0):
        chance = (sources == names[index % len(names)]).astype(np.float64)
        yield (
            {"plain, one source": circles, "no circle, one source": np.array([len(circles)])},
            _take(chance, comments, random),
        )


def _take(chance: Floats, comments: int, random: np.random.Generator) -> Ints:
    taken: Ints = random.choice(len(chance), comments, p=chance / chance.sum())
    return taken


def _row(plant: str, rows: str, comments: int, figures: Floats, seed: int) -> Row:
    counting, averaging, corrected, coverage, width = figures.mean(axis=0).tolist()
    resampled = np.random.default_rng(seed).integers(0, len(figures), (_REPEATS, len(figures)))
    ratios = figures[resampled, 2].sum(axis=1) / np.maximum(figures[resampled, 0].sum(axis=1), 1e-12)
    ratio = interval(corrected / max(counting, 1e-12), ratios)
    return Row(plant, rows, comments, len(figures), counting, averaging, corrected, ratio, coverage, width)
