"""What is read off each comment by itself, whatever its stream: for the comments of many streams at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.monitor.comments import F64, Bools, Ints, ScoredComments
from service.monitor.signals import signals_of
from service.monitor.sketches import sketch
from service.monitor.taking_part import directions_of, fits_no_circle


@dataclass(frozen=True, slots=True)
class Readings:
    """Comments and what is read off each.

    ``signals`` ``(n, n_columns)`` are those of `service.monitor.signals.signals_of`, ``named`` ``(n, n_circles)`` the
    circles named; ``directions`` ``(n, n_dimensions)`` and ``fits_none`` ``(n,)`` are what segments are looked for in;
    ``sketches`` ``(n, PLACES)`` are of the comments that are ``sketched`` ``(n,)``, and 0 otherwise; ``characters``
    ``(n, WORDS)`` are of brief comments, and 0 otherwise.
    """

    comments: ScoredComments
    signals: F64
    named: Bools
    directions: NDArray[np.int8]
    fits_none: Bools
    sketches: NDArray[np.uint8]
    sketched: Bools
    characters: NDArray[np.uint64]

    @classmethod
    def of(cls, comments: ScoredComments) -> Readings:
        """Read comments, of whatever streams."""
        found, rows, characters = sketch(comments.text)
        sketches, sketched = np.zeros((len(comments), found.shape[1]), np.uint8), np.zeros(len(comments), np.bool_)
        sketches[rows], sketched[rows] = found, True
        return cls(
            comments,
            signals_of(comments),
            comments.named_circles,
            directions_of(comments),
            fits_no_circle(comments),
            sketches,
            sketched,
            characters,
        )

    def __len__(self) -> int:
        return len(self.comments)

    def __getitem__(self, rows: slice | Ints) -> Readings:
        """Give some of the comments, as a slice or an array of places says."""
        return Readings(
            self.comments[rows],
            self.signals[rows],
            self.named[rows],
            self.directions[rows],
            self.fits_none[rows],
            self.sketches[rows],
            self.sketched[rows],
            self.characters[rows],
        )
