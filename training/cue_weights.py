"""Cue phrases as labelling functions: each votes for its facet with the weight its accuracy earned it.

A cue is looked up as a character n-gram, so it costs a reader nothing that the n-grams have not cost already. One of
more than four characters is known by its middle four; one with a gap is no n-gram and speaks only where labels are
weak (`training.own_circles`). The weights are those of a naive Bayes label model: the log odds of the facet where the
cue stands, less the log odds without knowing, with the accuracy of a rarely met cue drawn to that of its facet's cues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import logit

from corpora.taxonomy import GAP, Facet
from model.features import NgramSpec, hash_ngrams
from model.signals import CueReader
from model.text import normalise

F32 = NDArray[np.float32]
U64 = NDArray[np.uint64]

_LONGEST = 4
_PULL = 4.0


@dataclass(frozen=True, slots=True)
class Cues:
    """Cues as n-grams: ``hashes`` and ``facets``, both ``(n_cues,)``; the facet of a counter-cue counts from
    ``n_facets`` on."""

    hashes: U64
    facets: NDArray[np.int32]
    n_facets: int


def read_cues(facets: Sequence[Facet]) -> Cues:
    """Give the cues, then the counter-cues, of some facets."""
    phrases, owners = [], []
    for offset, kind in ((0, "cues"), (len(facets), "counter_cues")):
        for place, facet in enumerate(facets):
            known = sorted({_as_ngram(cue) for cue in getattr(facet, kind) if GAP not in cue} - {""})
            phrases += known
            owners += [place + offset] * len(known)
    return Cues(phrase_hashes(phrases), np.asarray(owners, np.int32), len(facets))


def phrase_hashes(phrases: Sequence[str]) -> U64:
    """Give the hash ``(n_phrases,)`` of each phrase of one to four characters as a character n-gram."""
    hashes = np.empty(len(phrases), np.uint64)
    lengths = np.fromiter(map(len, phrases), np.int64, len(phrases))
    for length in range(1, _LONGEST + 1):
        there = np.flatnonzero(lengths == length)
        texts = [phrases[place] for place in there.tolist()]
        _, found = hash_ngrams(texts, [[] for _ in texts], NgramSpec(characters=length, words=0))
        hashes[there] = found[len(found) - len(there) :]  # the longest n-grams come last, one a text
    return hashes


def weigh_cues(there: csr_matrix, cues: Cues, columns: NDArray[np.int32], targets: F32) -> F32:
    """Give ``(n_cues,)`` the weight of each cue, 1 for a counter-cue, from labelled comments.

    ``there`` is ``(n, n_ngrams)``, 1 where an n-gram stands in a comment; ``columns`` ``(n_cues,)`` the n-gram of each
    cue; ``targets`` ``(n, n_facets)``.
    """
    weights = np.ones(len(columns), np.float32)
    for facet in range(cues.n_facets):
        mine = np.flatnonzero(cues.facets == facet)
        met = there[:, columns[mine]]
        n_met = np.asarray(met.sum(axis=0)).ravel()
        n_right = np.asarray(met.T @ targets[:, facet]).ravel()
        usual = (n_right.sum() + 1) / (n_met.sum() + 2)
        accuracy = (n_right + _PULL * usual) / (n_met + _PULL)
        base = np.clip(targets[:, facet].mean(), 1e-4, 0.5)
        weights[mine] = logit(accuracy) - logit(base)
    return weights


def cue_reader(cues: Cues, columns: NDArray[np.int32], weights: F32, n_ngrams: int) -> CueReader:
    """Give the reader of cues that stand in these columns."""
    return CueReader(columns, cues.facets, weights, (n_ngrams, 2 * cues.n_facets))


def _as_ngram(cue: str) -> str:
    plain = normalise(cue)
    start = max(0, (len(plain) - _LONGEST) // 2)
    return plain[start : start + _LONGEST]
