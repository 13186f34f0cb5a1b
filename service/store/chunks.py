"""Long lists asked for in pieces, since a statement takes so many parameters and no more."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

_AT_A_TIME = 500


def chunks(items: Sequence[T], size: int = _AT_A_TIME) -> Iterator[Sequence[T]]:
    """Give the items in order, at most `size` at a time.

    >>> list(chunks([1, 2, 3], 2))
    [[1, 2], [3]]
    """
    return (items[start : start + size] for start in range(0, len(items), size))
