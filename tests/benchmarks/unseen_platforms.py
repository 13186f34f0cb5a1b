"""Whether a circle is learnt or the platform it is met on: facets fitted without a platform, judged on it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import Scorer
from model.facets import FacetNames, decide_facets
from model.heads import LIMIT, sigmoid
from model.metrics import agreement
from model.signals import facet_scale
from model.text import normalise
from tests.benchmarks.intervals import estimated, group_of, numbered
from training.cue_weights import cue_reader, read_cues
from training.facet_head import choose_facet_thresholds, fit_facet_head
from training.facet_signals import fit_facet_signals
from training.labels import TAXONOMY, facet_targets, folds
from training.network import run_network

log = logging.getLogger(__name__)

Rows = Sequence[Mapping[str, Any]]

_FOLDS = 3
_LEAST = 300


def unseen_platforms(scorer: Scorer, train: Rows, dev: Rows) -> str:
    """Give the table: circles of each large platform of gold/dev, by heads fitted with and without its comments."""
    platforms = np.array([row["platform"] for row in dev])
    names, counts = np.unique(platforms, return_counts=True)
    everything = _refit(scorer, train, dev)
    lines = [
        "## Circles on platforms not trained on\n\nThe facet views, cue weights and head fitted anew on gold/train "
        f"and the readings (over the shipped n-grams and vectors, {_FOLDS} folds), once on all of them and once "
        "without one platform, and judged on that platform's comments of gold/dev: micro-F1 of the circles with 95 % "
        "intervals over titles.\n",
        "| platform | comments | fitted on all | fitted without the platform |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name in names[counts >= _LEAST][np.argsort(-counts[counts >= _LEAST])]:
        without = _refit(scorer, [row for row in train if row["platform"] != name], dev)
        here = np.flatnonzero(platforms == name)
        cells = [_micro(scorer, [dev[row] for row in here.tolist()], said[here]) for said in (everything, without)]
        lines.append(f"| {name} | {len(here)} | {' | '.join(cells)} |")
        log.info("fitted without %s", name)
    return "\n".join(lines)


def _micro(scorer: Scorer, rows: Rows, said: NDArray[np.bool_]) -> str:
    truth = facet_targets(rows, scorer.facet_names)[:, scorer.facet_names.circle_columns] > 0
    groups = numbered([group_of(row) for row in rows])
    return estimated(lambda weights: agreement(truth, said, weights).micro_f1, groups)


def _refit(scorer: Scorer, train: Rows, dev: Rows) -> NDArray[np.bool_]:
    """Give ``(n_dev, n_circles)`` the decisions of circles fitted on ``train`` over the shipped base."""
    vocabulary, names = scorer.vocabulary, FacetNames(scorer.facet_names.circles, (), ())
    targets = facet_targets(train, scorer.facet_names)[:, scorer.facet_names.circle_columns]
    fold = folds([str(row.get("title") or row["src"]) for row in train], _FOLDS)
    judges = np.array([not row.get("reading", False) for row in train])
    cues = read_cues(TAXONOMY[0])
    counts, shared = _read(scorer, train)
    asked_counts, asked_shared = _read(scorer, dev)
    fitted = fit_facet_signals(vocabulary, counts, targets, cues, fold)
    head, chances = fit_facet_head(np.concatenate([shared, fitted.cross_fitted], axis=1), targets, fold, judges)
    weighed, lengths = vocabulary.weigh_with_lengths(asked_counts)
    views = (weighed @ fitted.views) * facet_scale(lengths)[:, None]
    reader = cue_reader(cues, fitted.cue_columns, fitted.cue_weights, len(vocabulary))
    signals = np.concatenate([asked_shared, views, reader(asked_counts)], axis=1)
    standard = np.clip((signals - head["facet_head_centre"]) / head["facet_head_spread"], -LIMIT, LIMIT)
    layers = [(head[f"facet_head_weights_{n}"].astype(np.float32), head[f"facet_head_biases_{n}"]) for n in (0, 1)]
    said = sigmoid(run_network(layers, standard.astype(np.float32)))
    return decide_facets(said, choose_facet_thresholds(chances[judges], targets[judges]), names)


def _read(scorer: Scorer, rows: Rows) -> tuple[Any, NDArray[np.float32]]:
    texts = [normalise(row["text"]) for row in rows]
    counts = scorer.vocabulary.count(texts, scorer.segmenter.cut(texts))
    return counts, scorer._signals(texts, counts, scorer.vocabulary.weigh(counts))
