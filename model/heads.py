"""Heads: from a comment's signals to calibrated probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

#: The order of every polarity array.
POLARITIES = ("negative", "neutral", "positive")

#: Signals are cut at this many standard deviations: an absurd comment must not run away with the network.
LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class PolarityHead:
    """A small network over the signals, calibrated, with the decision thresholds that ship.

    ``centre`` and ``spread`` are ``(n_signals,)``; ``layers`` are pairs of weights ``(n_in, n_out)`` and biases, with
    a rectifier between them; ``platforms`` ``(n_platforms, 3)`` shifts the logits of a platform's comments;
    ``thresholds`` ``(3,)`` multiply the probabilities before the greatest one decides.
    """

    centre: F32
    spread: F32
    layers: tuple[tuple[F32, F32], ...]
    platforms: F32
    thresholds: F32

    def logits(self, signals: F32, platforms: F32) -> F32:
        """Give ``(n_texts, 3)`` unnormalised log probabilities in the order of `POLARITIES`.

        ``platforms`` is ``(n_texts, n_platforms)``, 1 in the column of the comment's platform.
        """
        hidden: F32 = np.clip((signals - self.centre) / self.spread, -LIMIT, LIMIT)
        for depth, (weights, biases) in enumerate(self.layers):
            hidden = hidden @ weights + biases
            if depth < len(self.layers) - 1:
                hidden = np.maximum(hidden, 0)
        return hidden + platforms @ self.platforms

    def decide(self, probabilities: F32) -> NDArray[np.int64]:
        """Give ``(n_texts,)`` the index of the polarity that the thresholds choose."""
        choice: NDArray[np.int64] = (probabilities * self.thresholds).argmax(axis=1)
        return choice


def softmax(logits: F32) -> F32:
    """Turn ``(n_texts, n_labels)`` logits into probabilities."""
    odds: F32 = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: F32 = odds / odds.sum(axis=1, keepdims=True)
    return shares
