"""The base model, from all corpora at hand: views, packing, heads.

A view is never fitted on a row whose signals a head learns from: gold views are cross-fitted over folds of titles,
and the starred rows that teach the head come from titles the star view of that moment has not seen.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

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
from training.gold_views import fit_gold_views
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
_STAR_FOLDS = 4
_STAR_WEIGHT = 0.3
_KEPT_NGRAMS = 225_000


def fit_base() -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Fit the base model; give its manifest and its arrays."""
    material = gather()
    weighed = {name: material.vocabulary.weigh(counts) for name, counts in material.counts.items()}
    public = [_star_view(material, weighed["stars"]), *_label_views(material, weighed["public"])]
    fold = folds(material.gold.groups, _GOLD_FOLDS)
    everything = np.ones(len(fold), np.bool_)
    choices = [*(fold != left_out for left_out in range(_GOLD_FOLDS)), everything]
    *apart, gold = fit_gold_views(weighed["gold"], material.gold.targets, np.stack(public, axis=1), choices)
    log.info("fitted the gold views on %d comments and %d parts of them", len(fold), _GOLD_FOLDS)

    # The starred rows that teach the head come from titles that neither this star view nor what leans on it has seen.
    held = np.flatnonzero(folds(material.stars.groups, _STAR_FOLDS, seed=2) == 0)
    blind = [_star_view(material, weighed["stars"], np.setdiff1d(np.arange(len(material.stars)), held)), *public[1:]]
    [blind_gold] = fit_gold_views(weighed["gold"], material.gold.targets, np.stack(blind, axis=1), [everything])

    facets = fit_facet_signals(material.vocabulary, material.counts["gold"], material.gold.facets, material.cues, fold)
    chosen = weightiest(facets.views, material.vocabulary.document_share)
    packed = pack(
        material.vocabulary,
        np.column_stack([*public, gold]),
        material.vectors,
        material.vector_columns,
        _KEPT_NGRAMS,
        also=np.union1d(chosen, facets.cue_columns),
    )
    log.info("packed %d n-grams", len(packed.vocabulary))

    gold_signals = _signals(material, packed, "gold", np.arange(len(material.gold)))
    n_views, n_public = packed.views.shape[1], len(public)
    of_gold = [*range(n_public, n_views), *range(n_views + n_public, 2 * n_views)]
    for left_out, views in enumerate(apart):
        rows = np.flatnonzero(fold == left_out)
        gold_signals[np.ix_(rows, of_gold)] = ViewReader(views)(weighed["gold"][rows])
    star_signals = _signals(material, packed, "stars", held)
    unseen = ViewReader(np.column_stack([*blind, blind_gold]))(weighed["stars"][held])
    of_stars = [0, n_views, *of_gold]
    star_signals[:, of_stars] = unseen[:, of_stars]
    head = fit_head(gold_signals, material.gold, star_signals, material.stars.targets[held], star_weight=_STAR_WEIGHT)
    facet_head, facet_chances = fit_facet_head(
        np.concatenate([gold_signals, facets.cross_fitted], axis=1),
        material.gold.facets,
        folds(material.gold.groups, _GOLD_FOLDS, seed=1),
        material.gold.representative,
    )
    stored = facet_arrays(facets, material.cues, chosen, packed.vocabulary, material.vocabulary)
    judges = material.gold.representative
    mix = _mix_rates(facet_chances[judges], material.gold.take(judges))
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
