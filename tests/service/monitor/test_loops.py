"""The compiled loops and the same ones as Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from service.monitor.detectors import SIZES
from service.monitor.loops import bet, learn


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    python: Callable[..., Any] = getattr(function, "py_func", function)
    return python


@pytest.mark.parametrize("rows_of_means", [1, 40])
def test_bets_are_the_same_without_a_compiler(rows_of_means: int) -> None:
    dice = np.random.default_rng(0)
    shape = 40, 4
    signals, weights = dice.random(shape), np.where(dice.random(shape) < 0.6, dice.random(shape), 0.0)
    ceiling = np.array([np.inf, 0.5, np.inf, 2.0])
    results = []
    functions: list[Callable[..., Any]] = [bet, plain(bet)]
    for function in functions:
        parts = [np.zeros((len(SIZES), 4)), np.zeros(4), np.zeros(4)]
        course = [np.empty((40, len(SIZES), 4)), np.empty(shape), np.empty(shape)]
        function(signals, weights, np.full((rows_of_means, 4), 0.3), SIZES, 2, *parts, ceiling, *course)
        results.append([*parts, *course])
    for compiled, python in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, python, rtol=1e-12)
    height = results[0][4] - results[0][5]
    assert height[:, 1].max() <= 0.5 and height.min() >= 0


def test_learning_is_the_same_without_a_compiler() -> None:
    dice = np.random.default_rng(1)
    shape = 32, 5
    signals, weights, at_zero = dice.random(shape), dice.random(shape), dice.random(shape) < 0.1
    results = []
    functions: list[Callable[..., Any]] = [learn, plain(learn)]
    for function in functions:
        parts = [np.ones(5) * place for place in range(4)]
        function(signals, weights, at_zero, *parts)
        results.append(parts)
    for compiled, python in zip(*results, strict=True):
        assert np.array_equal(compiled, python)
    total, _, waiting, _ = results[0]
    assert np.isclose((total + waiting).sum(), (signals * weights).sum() + 5 * (0 + 2))
