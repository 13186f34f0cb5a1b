"""Scores as a model would give them, with probabilities of the test's choice."""

import numpy as np
from numpy.typing import ArrayLike

from model import Scores, WordEffect


def scores_of(probabilities: ArrayLike, words: list[list[WordEffect]] | None = None) -> Scores:
    """Scores whose decision is the most probable polarity."""
    chances = np.asarray(probabilities, np.float32)
    return Scores(chances, chances.argmax(1).astype(np.int64), words)
