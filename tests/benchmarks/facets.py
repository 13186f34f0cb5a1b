"""Circles, aspects and stages of unseen comments against cue phrases and TF-IDF with logistic regression."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from corpora.cues import CueMatcher
from corpora.fetch import load
from corpora.readings import labelled
from model import Scorer, audience_mix
from model.facets import decide_facets
from model.heads import softmax
from model.metrics import Estimate, Floats, Ints, agreement
from model.segment import Segmenter
from model.text import normalise
from tests.benchmarks.baselines import Ngrams, cut
from tests.benchmarks.intervals import estimated, group_of, numbered, shown
from tests.benchmarks.unseen_platforms import unseen_platforms
from training.evaluate_facets import LEAST, kinds
from training.facet_head import choose_facet_thresholds
from training.labels import TAXONOMY, facet_targets, folds

log = logging.getLogger(__name__)

Bools = NDArray[np.bool_]

_FOLDS = 5
_TIMED, _RUNS = 20_000, 7


def report() -> str:
    """Give the tables with what was measured and how."""
    scorer = Scorer.load()
    train, dev = list(labelled()), list(load("gold/dev"))
    return "\n\n".join(
        [
            f"Model: {scorer.version}.",
            *_against_peers(scorer, train, dev),
            unseen_platforms(scorer, train, dev),
            _cost(),
        ]
    )


def _against_peers(
    scorer: Scorer, train: Sequence[Mapping[str, Any]], dev: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    names = scorer.facet_names
    truth = facet_targets(dev, names) > 0
    random = np.array([row["pick"] == "random" for row in dev])
    groups = numbered([group_of(row) for row in dev])
    texts = [row["text"] for row in dev]
    decided = {
        "nothing named": np.zeros_like(truth),
        "cue phrases alone": _by_cues(texts),
        **_by_regression(train, texts, facet_targets(train, names), names),
        "poquan": scorer.score(texts).facets.decided,
    }
    yield (
        f"## Circles, aspects, stages\n\n{len(dev):,} comments of gold/dev, {random.sum():,} of them a plain sample "
        "within their source (random). The labels are a large language model's reading, not people's. Each cell: the "
        "figure and its 95 % interval over resampled titles (comments of sources held out row by row are resampled "
        f"singly). The macro-F1 takes the facets that at least {LEAST} comments of all rows carry. The peers learnt "
        f"from the same {len(train):,} comments, gold/train and the project's readings; the cues are those of the "
        "taxonomy, mined and pruned on gold/train."
    )
    for kind, (labels, columns) in kinds(names).items():
        large = truth[:, columns].sum(axis=0) >= LEAST
        lines = [
            f"### {kind} ({len(labels)}, {large.sum()} in the macro-F1)\n",
            "| model | micro-F1 | micro-F1, random | macro-F1 | macro-F1, random | precision | recall | precision, "
            "random |",
            "| --- |" + " ---: |" * 7,
        ]
        for name, said in decided.items():
            cells = [
                _figure(truth[:, columns], said[:, columns], groups, rows, measure, large)
                for measure, rows in (
                    ("micro_f1", None), ("micro_f1", random), ("macro_f1", None), ("macro_f1", random),
                    ("precision", None), ("recall", None), ("precision", random),
                )
            ]  # fmt: skip
            lines.append(f"| {name} | {' | '.join(cells)} |")
        yield "\n".join(lines)


def _figure(truth: Bools, said: Bools, groups: Ints, rows: Bools | None, measure: str, large: Bools) -> str:
    if not said.any():
        return ".000" if measure != "precision" else "-"
    kept = np.ones(len(truth), np.bool_) if rows is None else rows

    def of(weights: Floats) -> float:
        found = agreement(truth[kept], said[kept], weights)
        return float(np.nan_to_num(found.f1[large]).mean()) if measure == "macro_f1" else float(getattr(found, measure))

    return estimated(of, np.unique(groups[kept], return_inverse=True)[1])


def _by_cues(texts: Sequence[str]) -> Bools:
    matcher = CueMatcher(list(chain.from_iterable(TAXONOMY)), normalise)
    decided: Bools = matcher.votes([normalise(text) for text in texts]) == 1
    return decided


def _by_regression(
    train: Sequence[Mapping[str, Any]], texts: Sequence[str], targets: NDArray[np.float32], names: Any
) -> dict[str, Bools]:
    """One-vs-rest logistic regression on TF-IDF, decided at even odds (balanced classes) and at tuned thresholds."""
    segmenter, ngrams = Segmenter(), Ngrams(least=2)
    known = [row["text"] for row in train]
    rows = ngrams.fit(known, cut(known, segmenter))
    asked = ngrams.read(texts, cut(texts, segmenter))
    balanced = _regress(rows, targets, asked, "balanced")
    log.info("fitted the balanced regressions")
    fold = folds([str(row.get("title") or row["src"]) for row in train], _FOLDS)
    crossed = np.empty_like(targets)
    for left_out in range(_FOLDS):
        out = fold == left_out
        crossed[out] = _regress(rows[~out], targets[~out], rows[out], None)
        log.info("regressions: fold %d of %d", left_out + 1, _FOLDS)
    judges = np.array([not row.get("reading", False) for row in train])
    thresholds = choose_facet_thresholds(crossed[judges], targets[judges])
    return {
        "TF-IDF + LR, balanced": balanced >= 0.5,
        "TF-IDF + LR, thresholds tuned by cross-fitting": decide_facets(
            _regress(rows, targets, asked, None), thresholds, names
        ),
    }


def _regress(rows: Any, targets: NDArray[np.float32], asked: Any, weight: str | None) -> NDArray[np.float32]:
    chances = np.zeros((asked.shape[0], targets.shape[1]), np.float32)
    for facet, target in enumerate(targets.T):
        if target.sum() >= 2:
            model = LogisticRegression(
                C=10, solver="liblinear", dual=True, tol=1e-2, max_iter=200, class_weight=weight, random_state=0
            )
            chances[:, facet] = model.fit(rows, target).predict_proba(asked)[:, 1]
    return chances


def _cost() -> str:
    """Time scoring with all facets against polarity alone, in turn, over the same comments.

    Compiled code always reads the facets, so both are timed in the modules it follows.
    """
    scorer = Scorer.load(compiled=False)
    texts = [row["text"] for row, _ in zip(load("film/starred.test"), range(_TIMED), strict=False)]

    def everything() -> None:
        scorer.score(texts)

    def polarity() -> None:
        for start in range(0, len(texts), 2_000):
            whole = [normalise(text) for text in texts[start : start + 2_000]]
            counts = scorer.vocabulary.count(whole, scorer.segmenter.cut(whole))
            softmax(scorer._polarity.network.logits(scorer._signals(whole, counts, scorer.vocabulary.weigh(counts))))

    def seconds(work: Any) -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    ratios, rates = [], []
    for _ in range(_RUNS):
        alone, whole = seconds(polarity), seconds(everything)
        ratios.append(whole / alone)
        rates.append(len(texts) / whole)
    mix = scorer.score(texts).facets
    taken = seconds(lambda: audience_mix(mix))
    spread = shown(Estimate(median(ratios), min(ratios), max(ratios)))
    return (
        f"## Cost of the facets\n\nScoring {len(texts):,} comments with polarity and all facets takes {spread} times "
        f"what polarity alone takes (median, least and greatest of {_RUNS} interleaved pairs, one process), both in "
        f"the modules the compiled code follows; there, with all facets, {median(rates):,.0f} comments a second. The "
        f"audience mix of {len(texts):,} scored comments takes {taken:.2f} s."
    )
