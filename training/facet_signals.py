"""What the facet head reads beyond the shared signals: a linear view of each facet, and the weighed cues.

Both are fitted on the rows the head learns from, so its training rows get them cross-fitted: from fits that have not
seen the row's title.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression

from model.signals import facet_scale, presence
from model.vocabulary import Vocabulary
from training.cue_weights import Cues, cue_reader, weigh_cues
from training.pack import to_steps

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

_LEAST = 2
_C = 8.0
_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class FacetSignals:
    """Facet views ``(n_ngrams, n_facets)``, cue weights ``(n_cues,)``, and both as the training rows may see them,
    ``(n, 3 * n_facets)``."""

    views: F32
    cue_columns: NDArray[np.int32]
    cue_weights: F32
    cross_fitted: F32


def fit_facet_signals(
    vocabulary: Vocabulary, counts: csr_matrix, targets: F32, cues: Cues, fold: NDArray[np.int64]
) -> FacetSignals:
    """Fit views and cue weights on labelled comments; ``fold`` ``(n,)`` deals them by title."""
    weighed, lengths = vocabulary.weigh_with_lengths(counts)
    rows = (diags(facet_scale(lengths)) @ weighed).tocsr()
    there, columns = presence(counts), vocabulary.find(cues.hashes)
    cross_fitted = np.empty((len(targets), 3 * targets.shape[1]), np.float32)
    for left_out in np.unique(fold):
        out = fold == left_out
        weights = weigh_cues(there[~out], cues, columns, targets[~out])
        reader = cue_reader(cues, columns, weights, len(vocabulary))
        cross_fitted[out] = np.concatenate(
            [rows[out] @ fit_facet_views(rows[~out], targets[~out]), reader(counts[out])], axis=1
        )
        log.info("fitted the facet views: fold %d of %d", left_out + 1, len(np.unique(fold)))
    return FacetSignals(
        fit_facet_views(rows, targets), columns, weigh_cues(there, cues, columns, targets), cross_fitted
    )


def fit_facet_views(rows: csr_matrix, targets: F32) -> F32:
    """Give ``(n_ngrams, n_facets)`` weights of one logistic regression a facet; zero for a facet hardly ever met.

    The facets are shared out among processes: liblinear's shuffling draws from one generator of its process, so that
    facets fitted side by side in threads would differ from run to run.
    """
    used = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]) >= _LEAST)
    read = rows[:, used].astype(np.float64)
    views = np.zeros((rows.shape[1], targets.shape[1]), np.float32)
    met = np.flatnonzero(targets.sum(axis=0) >= _LEAST)
    fitted = Parallel(n_jobs=-1)(delayed(_fit_facet_view)(read, targets[:, facet]) for facet in met)
    for facet, weights in zip(met.tolist(), fitted, strict=True):
        views[used, facet] = weights
    return views


def _fit_facet_view(rows: csr_matrix, target: F32) -> F32:
    # Dual coordinate descent is ten times faster here than any primal solver; its shuffling is seeded. A finer
    # tolerance takes half as long again and ranks left-out comments no better.
    model = LogisticRegression(
        C=_C, solver="liblinear", dual=True, intercept_scaling=3, tol=1.0, max_iter=200, random_state=0
    )
    weights: F32 = model.fit(rows, target).coef_[0].astype(np.float32)
    return weights


def weightiest(views: F32, document_share: F32) -> NDArray[np.int64]:
    """Give the n-grams worth keeping in the facet views: the greatest weight times root of how many texts have it."""
    pull = np.abs(views) * np.sqrt(document_share)[:, None]
    rank = (pull / np.maximum(pull.mean(axis=0), 1e-12)).max(axis=1)
    return np.sort(np.argsort(-rank, kind="stable")[:_KEPT])


def facet_arrays(
    fitted: FacetSignals, cues: Cues, chosen: NDArray[np.int64], packed: Vocabulary, vocabulary: Vocabulary
) -> dict[str, NDArray[np.generic]]:
    """Give the arrays of a model file, over the n-grams that the packed vocabulary keeps."""
    steps, scales = to_steps(fitted.views[chosen])
    return {
        "facet_views": steps,
        "facet_views_scales": scales,
        "facet_columns": packed.find(vocabulary.hashes[chosen]),
        "cues_columns": packed.find(cues.hashes),
        "cues_facets": cues.facets,
        "cues_weights": fitted.cue_weights.astype(np.float16),
    }
