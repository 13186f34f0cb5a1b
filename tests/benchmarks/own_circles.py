"""A circle taken out of the model and added again as a user would: 30 cue phrases, then 40 comments besides."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpora.fetch import load
from corpora.taxonomy import GAP, Facet
from model import Scorer
from model.facets import FacetNames
from model.files import read_model, write_model
from model.metrics import Floats, agreement
from model.scorer import DEFAULT
from tests.benchmarks.intervals import estimated, group_of, numbered
from training.cue_weights import read_cues
from training.labels import SHIPPED, TAXONOMY, read_gold
from training.local import fit_local
from training.own import of_circles, read_starter

log = logging.getLogger(__name__)

CIRCLES = ("anime", "family", "history", "gamer", "suspense")
_CUES, _EXAMPLES = 30, 40


def report() -> str:
    """Give the table with what was measured and how."""
    scorer = Scorer.load()
    dev, train = read_gold("dev"), read_gold("train")
    groups = numbered([group_of(row) for row in load("gold/dev")])
    full = scorer.score(dev.texts).facets.decided
    lines = [
        f"Model: {scorer.version}.\n\nEach circle is taken out of the shipped model (its view, its cues), then added "
        f"again by `training.local.fit_local` as a circle of the user's own: from the {_CUES} of its shipped cues "
        f"that occur most in unlabelled comments, and from these plus {_EXAMPLES} comments of gold/train that carry "
        "it. The other lessons are the starter comments, without this circle's labels. F1 on gold/dev, 95 % "
        "intervals over titles; `of full` is the share of the full labels' F1.\n",
        "| circle | all labels | cues | of full | cues and examples | of full |",
        "| --- |" + " ---: |" * 5,
    ]
    shares: list[tuple[float, float]] = []
    for key in CIRCLES:
        column = SHIPPED.circles.index(key)
        truth = dev.facets[:, [column]] > 0
        dice = np.random.default_rng(0)
        carrying = dice.permutation(np.flatnonzero((train.facets[:, column] == 1) & train.representative))[:_EXAMPLES]
        examples = [train.texts[row] for row in carrying]
        said = [full[:, column], *(_added(scorer, key, dev.texts, given) for given in ([], examples))]

        def f1(weights: Floats, decided: NDArray[np.bool_], truth: NDArray[np.bool_] = truth) -> float:
            return float(agreement(truth, decided[:, None], weights).f1[0])

        values = [f1(np.ones(len(truth)), each) for each in said]
        cells = [estimated(lambda w, each=each: f1(w, each), groups) for each in said]  # type: ignore[misc]
        shares.append((values[1] / values[0], values[2] / values[0]))
        lines.append(f"| {key} | {cells[0]} | {cells[1]} | {shares[-1][0]:.0%} | {cells[2]} | {shares[-1][1]:.0%} |")
        log.info("added %s again", key)
    means = np.mean(shares, axis=0)
    lines.append(f"| mean | | | {means[0]:.0%} | | {means[1]:.0%} |")
    return "\n".join(lines)


def _added(scorer: Scorer, key: str, texts: list[str], examples: list[str]) -> NDArray[np.bool_]:
    """Give the decisions ``(n,)`` of the circle added again under a name of its own."""
    place = SHIPPED.circles.index(key)
    shipped = TAXONOMY[0][place]
    own = Facet(f"own_{key}", shipped.chinese, shipped.english, "", _usual(scorer, shipped), shipped.counter_cues, ())
    names = FacetNames((*SHIPPED.circles, own.key), SHIPPED.aspects, SHIPPED.stages)
    with tempfile.TemporaryDirectory() as folder:
        manifest, arrays = read_model(DEFAULT)
        base = write_model(Path(folder) / "base", _plain(manifest), _without(arrays, place))
        fitted = fit_local(base, of_circles({own.key: tuple(examples)}, names), read_starter(), [own])
        local = Scorer.load(write_model(Path(folder) / "local", *fitted))
        decided: NDArray[np.bool_] = local.score(texts).facets.decided[:, len(SHIPPED.circles)]
    return decided


def _usual(scorer: Scorer, circle: Facet) -> tuple[str, ...]:
    cues = [cue for cue in circle.cues if GAP not in cue]
    share = []
    for cue in cues:
        columns = scorer.vocabulary.find(read_cues([Facet("x", "x", "x", "", (cue,), (), ())]).hashes)
        share.append(float(scorer.vocabulary.document_share[columns].max()) if (columns >= 0).all() else 0.0)
    return tuple(cues[at] for at in np.argsort(-np.asarray(share), kind="stable")[:_CUES])


def _without(arrays: Mapping[str, NDArray[Any]], place: int) -> dict[str, NDArray[Any]]:
    views = arrays["facet_views"].copy()
    views[:, place] = 0
    weights = arrays["cues_weights"].copy()
    weights[np.isin(arrays["cues_facets"], (place, place + len(SHIPPED)))] = 0
    return {**arrays, "facet_views": views, "cues_weights": weights}


def _plain(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key not in ("files", "format", "seal")}
