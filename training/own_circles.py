"""A user's own circles: from cue phrases alone at first, better with every labelled comment.

Two readings of a comment are added, as a naive Bayes of two views would. The *cues* speak as the user wrote them. The
*signals* of the base tell what else such comments are like; where no label is, the cues are their teachers (weak
supervision): a comment with a cue and no counter-cue probably speaks from the circle, one without hardly does, and each
cue is a tiny comment by itself, through which the word vectors lend the circle the words near its cues. The signals
count half, as they have learnt from the cues and are no second witness.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from corpora.cues import CueMatcher
from corpora.taxonomy import GAP, Facet
from model import Scorer
from model.text import normalise
from training.cue_weights import read_cues

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]

#: The probability from which an own circle is named.
THRESHOLD = 0.5

_RARE = 0.03  # the share of comments taken to speak from an unknown circle
_CUE_STANDS, _CUE_ABSENT = 0.7, 0.02  # chances of the circle; shipped cues are right about as often
_CUE_WEIGHT, _COUNTER_WEIGHT = 3.5, -12.0  # a counter-cue outweighs three cues
_WEAK = 0.3  # weight of a lesson that is no label
_SIGNAL_SHARE = 0.5
_INVERSE_PENALTY = 0.03


def fit_own_circles(reader: Scorer, own: Sequence[Facet], texts: Sequence[str], targets: F32) -> Arrays:
    """Fit circles on a base; give the arrays to store with it.

    ``reader`` reads the base, the own cues among its n-grams. ``targets`` ``(n_texts, n_own)`` are 1 or 0 where a label
    tells, else nan.
    """
    cues = read_cues(own)
    votes = CueMatcher(own, normalise).votes([normalise(text) for text in texts])
    phrases = [(cue, place) for place, facet in enumerate(own) for cue in facet.cues if GAP not in cue]
    of_phrase = np.asarray([place for _, place in phrases], np.int64)
    signals, _ = reader.facet_signals([*texts, *(cue for cue, _ in phrases)])
    weights = np.zeros((signals.shape[1], len(own)), np.float32)
    biases = np.zeros(len(own), np.float32)
    for place, facet in enumerate(own):
        told = ~np.isnan(targets[:, place])
        weak = np.where(votes[:, place] == 1, _CUE_STANDS, _CUE_ABSENT)
        chances = np.concatenate([np.where(told, targets[:, place], weak), np.ones(len(phrases))])
        trust = np.concatenate([np.where(told, 1, _WEAK), np.where(of_phrase == place, _WEAK, 0)])
        weights[:, place] = _SIGNAL_SHARE * _fit_signals(signals, chances, trust)
        usual = np.median(signals[: len(texts)] @ weights[:, place]) if len(texts) else 0.0
        biases[place] = logit(_RARE) - usual
        log.info("circle %s: %d cues, %d labels of yours", facet.key, len(facet.cues), told.sum())
    return {
        "own_weights": weights,
        "own_biases": biases,
        "own_cues_columns": reader.vocabulary.find(cues.hashes),
        "own_cues_facets": cues.facets,
        "own_cues_weights": np.where(cues.facets < len(own), _CUE_WEIGHT, _COUNTER_WEIGHT).astype(np.float32),
    }


def _fit_signals(signals: F32, chances: NDArray[np.float64], trust: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit a logistic regression to soft targets: each row stands twice, for and against, weighed by its chance."""
    both = np.concatenate([trust * chances, trust * (1 - chances)])
    there = np.flatnonzero(both > 0)
    sides = np.repeat([1, 0], len(signals))
    model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=300)
    slopes: NDArray[np.float64] = model.fit(signals[there % len(signals)], sides[there], both[there]).coef_[0]
    return slopes
