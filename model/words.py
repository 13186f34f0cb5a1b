"""The words of many texts, as columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Words:
    """``codes`` are the code points of all words, joined; ``lengths`` ``(n_words,)`` how many each word has, at least
    one, and ``counts`` ``(n_texts,)`` how many words each text has.

    >>> Words.of([["太", "难看"], []]).lengths.tolist()
    [1, 2]
    """

    codes: NDArray[np.uint32]
    lengths: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> Words:
        """Give the words of texts that are cut."""
        words = list(chain.from_iterable(texts))
        return cls(
            np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), np.uint32),
            np.fromiter(map(len, words), np.int64, len(words)),
            np.fromiter(map(len, texts), np.int64, len(texts)),
        )

    def lists(self) -> list[list[str]]:
        """Give the words of each text as strings."""
        whole = str(self.codes.data, "utf-32-le", "surrogatepass")
        bounds = accumulate(self.lengths.tolist(), initial=0)
        words = [whole[begin:end] for begin, end in pairwise(bounds)]
        return [words[begin:end] for begin, end in pairwise(accumulate(self.counts.tolist(), initial=0))]
