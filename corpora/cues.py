"""Finding cue phrases in many comments at once.

Every text position is sorted by its first three characters, as in a suffix array cut short; a phrase is then a range of
that order, found by bisection, and only its few candidates are compared further. The cost is the sort, so a thousand
cues cost little more than ten.

>>> from corpora.taxonomy import Facet
>>> matcher = CueMatcher([Facet("senior", "银发", "Older", "", ("带…爸妈",), ("小时候",), ())])
>>> matcher.votes(["带着我爸妈看的", "小时候带我爸妈", "好看"]).ravel().tolist()
[1, -1, 0]
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from corpora.errors import CorporaError
from corpora.taxonomy import GAP, Facet

MAX_GAP = 6
"""The most characters a gap (`…`) in a cue may stand for; it may stand for none."""

_BATCH = 1_000_000  # characters; keeps the index of a batch below about 60 MB
_BITS = 21  # of a code point; three of them fit a non-negative int64
_KEY = 3

Ints = NDArray[np.int64]


class CueMatcher:
    """Match the cues and counter-cues of `facets` as substrings of normalised texts.

    `cues` are the cues of all facets in order, `facet_of` (n_cues,) int64 the index of the facet each belongs to.
    `normalise` gives a cue the spelling the texts have (simplified, lower case ...): pass what the texts went
    through, so that a cue a user wrote as "CP感" is found; by default cues are taken as they are.

    Raises `CorporaError` for a cue that `normalise` leaves nothing of.
    """

    def __init__(self, facets: Sequence[Facet], normalise: Callable[[str], str] = str) -> None:
        self.facets = tuple(facets)
        self.cues = tuple(cue for facet in self.facets for cue in facet.cues)
        self.facet_of: Ints = np.repeat(np.arange(len(self.facets)), [len(facet.cues) for facet in self.facets])
        self._counter_of: Ints = np.repeat(
            np.arange(len(self.facets)), [len(facet.counter_cues) for facet in self.facets]
        )
        counters = [cue for facet in self.facets for cue in facet.counter_cues]
        self._phrases = [_parts(cue, normalise) for cue in (*self.cues, *counters)]

    def hits(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Which cue stands in which text: (n_texts, n_cues) int8, 1 where it does. Counter-cues are not looked at."""
        return self._matrix(texts, self._phrases[: len(self.cues)])

    def votes(self, texts: Sequence[str]) -> NDArray[np.int8]:
        """What the cues say of each text: (n_texts, n_facets) int8.

        1: a cue stands in it and no counter-cue; -1: a counter-cue stands in it, whatever cues do, so nothing there
        may be taken for the facet; 0: neither, which is silence and no sign against the facet.
        """
        found = self._matrix(texts, self._phrases)
        for_it = _any_of(found[:, : len(self.cues)], self.facet_of, len(self.facets))
        against = _any_of(found[:, len(self.cues) :], self._counter_of, len(self.facets))
        return np.where(against, -1, for_it).astype(np.int8)

    def _matrix(self, texts: Sequence[str], phrases: Sequence[tuple[str, ...]]) -> sparse.csr_matrix:
        rows: list[Ints] = [np.empty(0, np.int64)]
        columns: list[Ints] = [np.empty(0, np.int64)]
        for first, batch in _batches(texts):
            index = _Index.of(batch)
            for column, row in index.find(phrases):
                rows.append(row + first)
                columns.append(np.full(len(row), column))
        at = np.concatenate(rows), np.concatenate(columns)
        return sparse.csr_matrix((np.ones(len(at[0]), np.int8), at), (len(texts), len(phrases)))


def _parts(cue: str, normalise: Callable[[str], str]) -> tuple[str, ...]:
    parts = tuple(normalise(part) for part in cue.split(GAP))
    if not all(parts):
        raise CorporaError(
            f"The cue {cue!r} has an empty part once normalised; give it words that stand in comments, also on both "
            f"sides of a {GAP}."
        )
    return parts


def _any_of(found: sparse.csr_matrix, facet_of: Ints, n_facets: int) -> NDArray[np.bool_]:
    """Whether any column of a facet is set: (n_texts, n_facets)."""
    belongs = sparse.csr_matrix(
        (np.ones(len(facet_of), np.int32), (np.arange(len(facet_of)), facet_of)), (len(facet_of), n_facets)
    )
    counts: NDArray[np.int32] = (found.astype(np.int32) @ belongs).toarray()
    return counts > 0


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Cut `texts` into runs of about `_BATCH` characters, each with the index of its first text."""
    first = size = 0
    for i, text in enumerate(texts):
        size += len(text) + 1
        if size >= _BATCH:
            yield first, texts[first : i + 1]
            first, size = i + 1, 0
    if first < len(texts):
        yield first, texts[first:]


@dataclass(frozen=True, slots=True)
class _Index:
    """Some texts, joined by line breaks, with every position in the order of its next three characters."""

    codes: Ints
    begins: Ints
    order: Ints
    keys: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> "_Index":
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        joined = "\n".join(texts) + "\n" * _KEY
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        keys = (codes[:-2] << 2 * _BITS) | (codes[1:-1] << _BITS) | codes[2:]
        order = np.argsort(keys)
        return cls(codes, np.concatenate([[0], np.cumsum(lengths + 1)[:-1]]), order, keys[order])

    def find(self, phrases: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, Ints]]:
        """For each phrase that stands in a text: its index and the (ascending, distinct) indices of those texts."""
        heads = [_head(part) for parts in phrases for part in parts]
        low = iter(np.searchsorted(self.keys, [head for head, _ in heads]).tolist())
        high = iter(np.searchsorted(self.keys, [head | rest for head, rest in heads], "right").tolist())
        for number, parts in enumerate(phrases):
            starts = [self._starts(part, next(low), next(high)) for part in parts]
            reached = starts[0]
            for before, after in zip(parts, starts[1:], strict=False):
                reached = self._across(reached + len(before), after)
            if len(reached):
                yield number, np.unique(self._row(reached))

    def _starts(self, part: str, low: int, high: int) -> Ints:
        at = self.order[low:high]
        for offset, character in enumerate(part[_KEY:], _KEY):
            at = at[at + offset < len(self.codes)]
            at = at[self.codes[at + offset] == ord(character)]
        return at

    def _across(self, ends: Ints, starts: Ints) -> Ints:
        """Those of `starts` that lie in the same text as one of `ends`, at most `MAX_GAP` characters behind it."""
        if not len(ends):
            return ends
        ends = np.sort(ends)
        behind = np.searchsorted(ends, starts, "right") - 1
        nearest = ends[behind]  # where behind is -1 the nearest end lies ahead, and the distance is negative
        distance = starts - nearest
        near = (behind >= 0) & (distance <= MAX_GAP) & (self._row(starts) == self._row(nearest - 1))
        reached: Ints = starts[near]
        return reached

    def _row(self, positions: Ints) -> Ints:
        rows: Ints = np.searchsorted(self.begins, positions, "right") - 1
        return rows


def _head(part: str) -> tuple[int, int]:
    """The key of the first three characters, and the bits that are free where there are fewer."""
    key = 0
    for character in part[:_KEY]:
        key = key << _BITS | ord(character)
    free = _BITS * max(0, _KEY - len(part))
    return key << free, (1 << free) - 1
