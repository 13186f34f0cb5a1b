"""Scores as a model would give them, with probabilities of the test's choice."""

import numpy as np
from numpy.typing import ArrayLike

from model import FacetNames, FacetScores, Scores, WordEffect
from model.shares import MixRates

FACETS = FacetNames(("senior", "mine"), ("story", "sound"), ("rewatch", "refund"))


def rates() -> MixRates:
    """Rates of the circles of `FACETS`, in four bins; the corrected share is the likeliest one."""
    labels = len(FACETS.circles) + 1
    blend, spread = np.zeros((labels, 15)), np.zeros((labels, 5))
    blend[:, 1], spread[:, 0] = 1, -6
    return MixRates(
        edges=np.tile([0.25, 0.5, 0.75], (labels, 1)),
        without=np.tile([800.0, 120.0, 60.0, 20.0], (labels, 1)),
        having=np.tile([20.0, 60.0, 120.0, 800.0], (labels, 1)),
        stated=np.tile([0.1, 0.4, 0.6, 0.9], (labels, 1)),
        decided=np.tile([0.0, 0.0, 1.0, 1.0], (labels, 1)),
        blend=blend,
        spread=spread,
    )


def scores_of(
    probabilities: ArrayLike,
    words: list[list[WordEffect]] | None = None,
    facets: ArrayLike | None = None,
    facet_words: list[dict[str, list[WordEffect]]] | None = None,
    rates: MixRates | None = None,
) -> Scores:
    """Scores whose decision is the most probable polarity, and whose facets (of `FACETS`) are named from 0.5 on."""
    chances = np.asarray(probabilities, np.float32)
    of_facets = np.zeros((len(chances), len(FACETS))) if facets is None else facets
    facet_chances = np.asarray(of_facets, np.float32)
    named = FacetScores(FACETS, facet_chances, facet_chances >= 0.5, rates)
    vectors = np.zeros((len(chances), 2), np.float32)
    return Scores(chances, chances.argmax(1).astype(np.int64), named, vectors, words, facet_words)
