"""The head's network: one hidden layer over the signals, fitted to soft targets.

scikit-learn's MLPClassifier takes neither soft targets nor dropout, and both are worth about two points of macro-F1
here; a deep-learning framework would be the heaviest dependency of the project for 20,000 weights. Plain AdamW
(Loshchilov and Hutter 2019) in arrays, seeded, one thread: the same input gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from model.heads import sigmoid, softmax

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is fitted; ``exclusive`` labels share one probability (softmax), others have one each (sigmoid)."""

    hidden: int = 96
    epochs: int = 20
    batch: int = 128
    rate: float = 1e-3
    decay: float = 1e-2
    dropout_in: float = 0.1
    dropout_hidden: float = 0.3
    smoothing: float = 0.05
    exclusive: bool = True


def fit_network(
    signals: F32, targets: F32, weights: F32, recipe: Recipe = Recipe(), *, seed: int = 0
) -> list[tuple[F32, F32]]:
    """Give the layers, ``[(n_signals, hidden), (hidden,)]`` then ``[(hidden, n_labels), (n_labels,)]``.

    ``signals`` ``(n, n_signals)`` are standardised, ``targets`` ``(n, n_labels)`` chances, ``weights`` ``(n,)``.
    """
    dice = np.random.default_rng(seed)
    n_in, n_out = signals.shape[1], targets.shape[1]
    layers = [_initial(dice, n_in, recipe.hidden), _initial(dice, recipe.hidden, n_out)]
    if not recipe.exclusive:
        layers[1] = layers[1][0], logit(np.clip(targets.mean(axis=0), 1e-4, 1 - 1e-4)).astype(np.float32)
    parameters = [array for layer in layers for array in layer]
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
    wanted = (targets * (1 - recipe.smoothing) + recipe.smoothing / n_out).astype(np.float32)
    steps = recipe.epochs * (len(signals) // recipe.batch)
    step = 0
    for _ in range(recipe.epochs):
        order = dice.permutation(len(signals))
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            rows = order[start : start + recipe.batch]
            gradients = _gradients(parameters, signals[rows], wanted[rows], weights[rows], recipe, dice)
            step += 1
            _adamw(parameters, gradients, moments, step, recipe.rate * (1 - step / (steps + 1)), recipe.decay)
    return layers


def run_network(layers: list[tuple[F32, F32]], signals: F32) -> F32:
    """Give ``(n, n_labels)`` logits."""
    hidden: F32 = np.maximum(signals @ layers[0][0] + layers[0][1], 0)
    return hidden @ layers[1][0] + layers[1][1]


def join_networks(networks: list[list[tuple[F32, F32]]]) -> list[tuple[F32, F32]]:
    """Give one network whose logits are the mean of those of several: their hidden layers side by side."""
    into = np.concatenate([net[0][0] for net in networks], axis=1), np.concatenate([net[0][1] for net in networks])
    out = (
        np.concatenate([net[1][0] for net in networks]) / len(networks),
        np.mean([net[1][1] for net in networks], axis=0),
    )
    return [into, (out[0].astype(np.float32), out[1].astype(np.float32))]


def _initial(dice: np.random.Generator, n_in: int, n_out: int) -> tuple[F32, F32]:
    bound = np.sqrt(1 / n_in)
    return dice.uniform(-bound, bound, (n_in, n_out)).astype(np.float32), np.zeros(n_out, np.float32)


def _gradients(
    parameters: list[F32], signals: F32, targets: F32, weights: F32, recipe: Recipe, dice: np.random.Generator
) -> list[F32]:
    into, into_bias, out, out_bias = parameters
    seen = signals * _mask(dice, signals.shape, recipe.dropout_in)
    rectified: F32 = np.maximum(seen @ into + into_bias, 0).astype(np.float32)
    mask = _mask(dice, rectified.shape, recipe.dropout_hidden)
    hidden = rectified * mask
    chances = (softmax if recipe.exclusive else sigmoid)((hidden @ out + out_bias).astype(np.float32))
    error = (chances - targets) * (weights / len(weights))[:, None]
    back = (error @ out.T) * mask * (rectified > 0)
    return [seen.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]


def _mask(dice: np.random.Generator, shape: tuple[int, ...], rate: float) -> F32:
    kept: F32 = ((dice.random(shape, dtype=np.float32) >= rate) / np.float32(1 - rate)).astype(np.float32)
    return kept


def _adamw(
    parameters: list[F32], gradients: list[F32], moments: list[tuple[F32, F32]], step: int, rate: float, decay: float
) -> None:
    for parameter, gradient, (first, second) in zip(parameters, gradients, moments, strict=True):
        first += 0.1 * (gradient - first)
        second += 0.001 * (gradient * gradient - second)
        update = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        parameter -= np.float32(rate) * (update + (decay if parameter.ndim == 2 else 0.0) * parameter).astype(
            np.float32
        )
