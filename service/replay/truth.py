"""The column of a dump that says which comments are truly negative, on whichever scale."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from service.evaluation.truth import NEGATIVE, Scale, Truths

#: Of a comment: not negative (also mixed, or three stars), negative, or without a label.
NOT_NEGATIVE, IS_NEGATIVE, UNKNOWN = 0, 1, -1

Labels = NDArray[np.int8]


class TruthColumn:
    """Reads labels as `poquan evaluate` does; on the ``auto`` scale it also tells stars by their values."""

    def __init__(self, column: str, scale: Scale) -> None:
        self.column = column
        scales: tuple[Scale, ...] = ("auto", "stars") if scale == "auto" else (scale,)
        self._readings = {each: (Truths(each, column), array("b")) for each in scales}

    def add(self, value: object) -> None:
        """Read the label of the next comment."""
        for truths, labels in self._readings.values():
            truth = truths.read(value)
            labels.append(UNKNOWN if truth is None else IS_NEGATIVE if truth == NEGATIVE else NOT_NEGATIVE)

    def settle(self) -> Labels:
        """Give ``(n,)`` the labels by the scale that reads most values. Raises `TruthError` where none does."""
        truths, labels = min(self._readings.values(), key=lambda reading: sum(reading[0].unread.values()))
        truths.check()
        return np.array(labels, np.int8)
