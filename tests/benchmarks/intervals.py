"""Bootstrap intervals that resample titles or threads, not rows, as table cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.metrics import Estimate, Floats, Ints, bootstrap_weights, interval

_REPEATS = 1_000


def estimated(measure: Callable[[Floats], float], groups: Ints, *, overstated: bool = False) -> str:
    """Give ``measure`` of the rows' weights with its 95 % interval over resampled groups, as `shown`.

    ``groups`` ``(n_rows,)`` numbers the title or thread of each row from 0; ``overstated`` asks for the basic
    interval, for an error that resamples overstate.
    """
    value = measure(np.ones(len(groups)))
    drawn = np.array([measure(weights) for weights in bootstrap_weights(groups, _REPEATS)])
    return shown(interval(value, drawn, overstated=overstated))


def shown(figure: Estimate) -> str:
    """Give a figure and its interval as a table cell.

    >>> shown(Estimate(0.9214, 0.91, 0.93))
    '.921 (.910-.930)'
    """
    return f"{_short(figure.value)} ({_short(figure.low)}-{_short(figure.high)})"


def slope(stated: Floats, happened: NDArray[np.bool_], weights: Floats) -> float:
    """Give the calibration slope: of a logistic regression of what happened on the stated log odds (1 is right)."""
    chances = np.clip(stated, 1e-4, 1 - 1e-4)
    columns = np.stack([np.ones(len(stated)), np.log(chances / (1 - chances))], axis=1)
    point = np.array([0.0, 1.0])
    for _ in range(8):
        fitted = 1 / (1 + np.exp(-np.clip(columns @ point, -30, 30)))
        pull = columns.T @ (weights * (happened - fitted))
        curve = columns.T @ (columns * (weights * fitted * (1 - fitted))[:, None])
        point = point + np.linalg.solve(curve + 1e-9 * np.eye(2), pull)
    return float(point[1])


def group_of(row: Mapping[str, Any]) -> str:
    """Name what the intervals resample: the title where it was held out whole, else the comment."""
    return str(row["title"]) if row.get("held") == "title" else f"row {row['id']}"


def numbered(names: Sequence[str]) -> Ints:
    """Number names from 0."""
    numbers: Ints = np.unique(np.asarray(names, dtype=object).astype(str), return_inverse=True)[1].astype(np.int64)
    return numbers


def _short(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.2f}"
