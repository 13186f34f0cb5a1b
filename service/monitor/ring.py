"""The latest comments of a stream, as columns of a bounded length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_LEAST_ROOM = 32  # comments; a ring grows by doubling, as most streams are small


class Ring:
    """Columns of what is remembered of the latest ``window`` comments, each in the place its number modulo ``window``.

    ``columns`` are empty arrays of each column's kind and width; ``count`` is how many comments there were.
    """

    def __init__(self, window: int, columns: Mapping[str, NDArray[Any]]) -> None:
        self.window = window
        self.count = 0
        self.columns = dict(columns)
        self._room = 0

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def make_room(self, more: int) -> None:
        """Have places for so many comments more, or all there ever are; until then, no comment's place changes."""
        room = min(self.count + more, self.window)
        if room > self._room:
            grown = min(max(room, 2 * self._room, _LEAST_ROOM), self.window)
            for name, column in self.columns.items():
                new = np.zeros((grown - self._room, *column.shape[1:]), column.dtype)
                self.columns[name] = np.concatenate([column, new])
            self._room = grown

    def places(self) -> Ints:
        """Give the places of the comments, the oldest first."""
        return np.arange(max(0, self.count - self.window), self.count) % self.window

    def state(self) -> dict[str, Any]:
        """Give all that is remembered, as JSON values and arrays of numbers."""
        places = self.places()
        return {"count": self.count, **{name: column[places] for name, column in self.columns.items()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state of a ring of the same columns and window."""
        self.make_room(int(state["count"]))
        self.count = int(state["count"])
        places = self.places()
        for name, column in self.columns.items():
            column[places] = state[name]
