"""The base model, from all corpora at hand: views, packing, heads.

A view is never fitted on a row whose signals a head learns from: gold views are cross-fitted over folds of titles,
and the starred rows that teach the head come from titles the star view of that moment has not seen.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from model.facets import FACET_KINDS
from model.files import digest_arrays
from model.heads import POLARITIES, softmax
from model.mix import with_none
from model.shares import MixRates
from model.signals import SignalReader, VectorReader, ViewReader
from model.stored import polarity_head
from training.calibrate import choose_star_threshold
from training.facet_head import fit_facet_head
from training.facet_signals import facet_arrays, fit_facet_signals, weightiest
from training.head import fit_head
from training.labels import SHIPPED, Examples, folds
from training.material import EMOTION, FEELING, OFFENCE, REVIEWS, Material, gather
from training.pack import Packed, pack
from training.prevalence import fit_rates
from training.views import fit_view

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

_PUBLIC_VIEWS = ("stars", "neutrality", "feeling", "offence")
_GOLD_FOLDS = 5
_GOLD_LEAST = 2
_LEAN = 0.3
_STAR_FOLDS = 4
_STAR_WEIGHT = 0.1
_KEPT_NGRAMS = 225_000


def fit_base() -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Fit the base model; give its manifest and its arrays."""
    material = gather()
    weighed = {name: material.vocabulary.weigh(counts) for name, counts in material.counts.items()}
    public = [_star_view(material, weighed["stars"]), *_label_views(material, weighed["public"])]
    gold, cross_fitted = _gold_views(material, weighed["gold"], np.stack(public, axis=1))
    facets = fit_facet_signals(
        material.vocabulary,
        material.counts["gold"],
        material.gold.facets,
        material.cues,
        folds(material.gold.groups, _GOLD_FOLDS),
    )
    chosen = weightiest(facets.views, material.vocabulary.document_share)
    packed = pack(
        material.vocabulary,
        np.stack([*public, *gold], axis=1),
        material.vectors,
        material.vector_columns,
        _KEPT_NGRAMS,
        also=np.union1d(chosen, facets.cue_columns),
    )
    log.info("packed %d n-grams", len(packed.vocabulary))

    gold_signals = _signals(material, packed, "gold", np.arange(len(material.gold)))
    n_views = packed.views.shape[1]
    gold_signals[:, [4, 5, 6, n_views + 4, n_views + 5, n_views + 6]] = cross_fitted
    held = np.flatnonzero(folds(material.stars.groups, _STAR_FOLDS, seed=2) == 0)
    star_signals = _signals(material, packed, "stars", held)
    star_signals[:, [0, n_views]] = _held_star_view(material, weighed["stars"], held)
    head = fit_head(gold_signals, material.gold, star_signals, material.stars.targets[held], star_weight=_STAR_WEIGHT)
    facet_head, facet_chances = fit_facet_head(
        np.concatenate([gold_signals, facets.cross_fitted], axis=1),
        material.gold.facets,
        folds(material.gold.groups, _GOLD_FOLDS, seed=1),
    )
    stored = facet_arrays(facets, material.cues, chosen, packed.vocabulary, material.vocabulary)
    mix = _mix_rates(facet_chances, material.gold)
    arrays = {**packed.arrays, **head, **facet_head, **stored, **mix.as_arrays()}
    manifest = _manifest(material, arrays)
    scores = softmax(polarity_head(arrays).network.logits(star_signals))
    starred = material.starred[held]
    return {**manifest, "star_threshold": choose_star_threshold(scores[:, 2] - scores[:, 0], starred)}, arrays


def _star_view(material: Material, weighed: csr_matrix, rows: NDArray[Any] | None = None) -> F32:
    """Fit what one and two stars say against four and five; three stars take no side."""
    sided = material.starred != 3
    if rows is not None:
        sided &= np.isin(np.arange(len(sided)), rows)
    view, _ = fit_view(weighed[sided], material.starred[sided] > 3, c=4.0)
    log.info("fitted the star view on %d comments", sided.sum())
    return view


def _held_star_view(material: Material, weighed: csr_matrix, held: NDArray[np.int64]) -> F32:
    """Give value and evidence of the star view on held-out titles, from a view fitted on the others."""
    others = np.setdiff1d(np.arange(weighed.shape[0]), held)
    return ViewReader(_star_view(material, weighed, others)[:, None])(weighed[held])


def _label_views(material: Material, weighed: csr_matrix) -> list[F32]:
    """Fit the views of the public sets: neutral or moved, well or ill disposed, offensive or not."""
    labels, sets = material.public_labels, material.public_sets
    questions = (
        (EMOTION, "neu", ("neg", "pos", "amb"), 1.0),
        ((*EMOTION, *FEELING, *REVIEWS), "pos", ("neg",), 2.0),
        (OFFENCE, "offensive", None, 1.0),
    )
    views = []
    for names, yes, no, c in questions:
        asked = np.isin(sets, names) & (np.isin(labels, (yes, *no)) if no else True)
        view, _ = fit_view(weighed[asked], labels[asked] == yes, c=c)
        views.append(view)
        log.info("fitted the view of %r on %d comments", yes, asked.sum())
    return views


def _gold_views(material: Material, weighed: csr_matrix, public: F32) -> tuple[list[F32], F32]:
    """Fit one view a polarity on the gold comments; give the views and their cross-fitted signals ``(n, 6)``.

    The public views lean in: their values stand beside the n-grams, so that the few gold comments have to say only
    where they differ, and are folded back into the n-gram weights afterwards.
    """
    values = weighed @ public
    lean = public * (_LEAN / values.std(axis=0))
    used = np.flatnonzero(np.bincount(weighed.indices, minlength=weighed.shape[1]) >= _GOLD_LEAST)
    beside = csr_matrix((values - values.mean(axis=0)) * (_LEAN / values.std(axis=0)), dtype=np.float32)
    rows = hstack([weighed[:, used], beside], format="csr")

    def fit(chosen: NDArray[Any]) -> F32:
        views = np.zeros((weighed.shape[1], len(POLARITIES)), np.float32)
        for column in range(len(POLARITIES)):
            weights, _ = fit_view(rows[chosen], targets[chosen, column], c=3.0)
            views[used, column] = weights[: len(used)]
            views[:, column] += lean @ weights[len(used) :]
        return views

    targets = material.gold.targets
    fold = folds(material.gold.groups, _GOLD_FOLDS)
    cross_fitted = np.empty((len(targets), 2 * len(POLARITIES)), np.float32)
    for left_out in range(_GOLD_FOLDS):
        out = fold == left_out
        cross_fitted[out] = ViewReader(fit(~out))(weighed[out])
        log.info("fitted the gold views: fold %d of %d", left_out + 1, _GOLD_FOLDS)
    return list(fit(np.ones(len(targets), bool)).T), cross_fitted


def _signals(material: Material, packed: Packed, name: str, rows: NDArray[np.int64]) -> F32:
    """Give the head's input for some rows as a reader of the packed file computes it."""
    counts = material.counts[name][rows][:, packed.kept].tocsr()
    vectors = VectorReader(packed.vectors, packed.vector_columns, len(packed.vocabulary))
    read = SignalReader(ViewReader(packed.views), vectors)
    return read([material.bodies[name].texts[row] for row in rows], counts, packed.vocabulary.weigh(counts))


def _mix_rates(chances: F32, gold: Examples) -> MixRates:
    """Fit what corrects the audience mix, on cross-fitted chances of the circles."""
    circles = SHIPPED.circle_columns
    titles, sources = np.asarray(gold.groups), np.asarray(gold.sources)
    return fit_rates(with_none(chances[:, circles]), with_none(gold.facets[:, circles]), titles, sources)


def _manifest(material: Material, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    return {
        "version": f"base-{digest_arrays(arrays)}",
        "labels": list(POLARITIES),
        "facets": dict(zip(FACET_KINDS, (SHIPPED.circles, SHIPPED.aspects, SHIPPED.stages), strict=True)),
        "views": [*_PUBLIC_VIEWS, *POLARITIES],
        "ngrams": {"characters": 4, "words": 2},
        "lexicon": {},
        "trained_on": {name: len(body) for name, body in material.bodies.items()},
    }
