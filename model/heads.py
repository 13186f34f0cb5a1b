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

_LEAST_LOGIT = np.float32(-30)  # of a probability: those below would overflow on the way

# A matrix product of another shape may round otherwise; in tiles of one shape a comment's score is the same to the last
# bit alone, in a batch of any size, and on any number of threads.
_TILE = 32


@dataclass(frozen=True, slots=True)
class Network:
    """A small network over the signals, its calibration folded into the last layer.

    ``centre`` and ``spread`` are ``(n_signals,)``; ``layers`` are pairs of weights ``(n_in, n_out)`` and biases, with
    a rectifier between them.
    """

    centre: F32
    spread: F32
    layers: tuple[tuple[F32, F32], ...]

    def standardise(self, signals: F32) -> F32:
        """Give the signals ``(n_texts, n_signals)`` as the first layer sees them."""
        standard: F32 = np.clip((signals - self.centre) / self.spread, -LIMIT, LIMIT)
        return standard

    def logits(self, signals: F32) -> F32:
        """Give ``(n_texts, n_labels)`` from ``(n_texts, n_signals)``."""
        hidden = self.standardise(signals)
        for depth, (weights, biases) in enumerate(self.layers):
            hidden = _tiled_product(hidden, weights) + biases
            if depth < len(self.layers) - 1:
                hidden = np.maximum(hidden, 0)
        return hidden


@dataclass(frozen=True, slots=True)
class PolarityHead:
    """The network whose logits are unnormalised log probabilities in the order of `POLARITIES`, and how it decides.

    ``thresholds`` ``(3,)`` multiply the probabilities before the greatest one decides.
    """

    network: Network
    thresholds: F32

    def decide(self, probabilities: F32) -> NDArray[np.int64]:
        """Give ``(n_texts,)`` the index of the polarity that the thresholds choose."""
        choice: NDArray[np.int64] = (probabilities * self.thresholds).argmax(axis=1)
        return choice


def softmax(logits: F32) -> F32:
    """Turn ``(n_texts, n_labels)`` logits into probabilities of labels that exclude each other."""
    odds: F32 = np.exp(logits - np.maximum.reduce(logits, axis=1, keepdims=True))
    odds /= np.add.reduce(odds, axis=1, keepdims=True)
    return odds


def sigmoid(logits: F32) -> F32:
    """Turn ``(n_texts, n_labels)`` logits into probabilities of labels each of which may hold or not."""
    odds_against: F32 = np.exp(-np.maximum(logits, _LEAST_LOGIT))
    odds_against += 1
    chances: F32 = np.reciprocal(odds_against, out=odds_against).astype(np.float32, copy=False)
    return chances


def _tiled_product(rows: F32, weights: F32) -> F32:
    product = np.empty((-(-len(rows) // _TILE) * _TILE, weights.shape[1]), np.float32)
    whole = len(rows) // _TILE * _TILE
    for start in range(0, whole, _TILE):
        np.matmul(rows[start : start + _TILE], weights, out=product[start : start + _TILE])
    if whole < len(rows):
        last = np.zeros((_TILE, rows.shape[1]), np.float32)
        last[: len(rows) - whole] = rows[whole:]
        np.matmul(last, weights, out=product[whole:])
    return product[: len(rows)]
