"""A body of comments, read once: normalised, cut and hashed, ready to be counted over any vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from model.features import NgramSpec, hash_ngrams
from model.segment import Segmenter
from model.text import normalise
from model.vocabulary import Vocabulary

F32 = NDArray[np.float32]
U64 = NDArray[np.uint64]

_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """Normalised texts, their words, and every n-gram occurrence as ``rows`` and ``hashes``."""

    texts: list[str]
    words: list[list[str]]
    rows: NDArray[np.int32]
    hashes: U64

    def __len__(self) -> int:
        return len(self.texts)

    def count(self, vocabulary: Vocabulary) -> csr_matrix:
        """Give the ``(n_texts, n_ngrams)`` counts over a vocabulary."""
        columns = vocabulary.find(self.hashes)
        known = columns >= 0
        ones = np.ones(int(known.sum()), np.float32)
        counts = csr_matrix((ones, (self.rows[known], columns[known])), shape=(len(self), len(vocabulary)))
        counts.sum_duplicates()
        return counts


def read_texts(texts: Sequence[str], segmenter: Segmenter, spec: NgramSpec = NgramSpec()) -> ReadTexts:
    """Normalise, cut and hash comments."""
    normalised = [normalise(text) for text in texts]
    words = segmenter.cut(normalised)
    rows, hashes = [np.empty(0, np.int32)], [np.empty(0, np.uint64)]
    for start in range(0, len(texts), _BATCH):
        batch = slice(start, start + _BATCH)
        row, found = hash_ngrams(normalised[batch], words[batch], spec)
        rows.append((row + start).astype(np.int32))
        hashes.append(found)
    return ReadTexts(normalised, words, np.concatenate(rows), np.concatenate(hashes))


def frequent(bodies: Iterable[ReadTexts], least: int) -> U64:
    """Give the hashes, sorted, of the n-grams that occur at least ``least`` times in all."""
    ordered = np.sort(np.concatenate([body.hashes for body in bodies]))
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(np.append(first, len(ordered)))
    found: U64 = ordered[first][counts >= least]
    return found


def inverse_frequency(hashes: U64, bodies: Sequence[ReadTexts], spec: NgramSpec = NgramSpec()) -> Vocabulary:
    """Give the vocabulary of some hashes with ``idf = 1 + log((n + 1) / (n_with + 1))`` over the bodies."""
    bare = Vocabulary(hashes, np.ones(len(hashes), np.float32), spec)
    with_it = np.zeros(len(hashes))
    for body in bodies:
        with_it += np.bincount(body.count(bare).indices, minlength=len(hashes))
    total = sum(map(len, bodies))
    idf = 1 + np.log((total + 1) / (with_it + 1))
    return Vocabulary(hashes, idf.astype(np.float16).astype(np.float32), spec)


def number_words(
    bodies: Iterable[ReadTexts], most: int, least: int
) -> tuple[list[str], NDArray[np.int32], NDArray[np.int32]]:
    """Number the most frequent words of some bodies.

    Gives the words by number, the numbers ``(n_occurrences,)`` of all words in reading order (-1: not among them)
    and the comment each stands in.
    """
    sentences = list(chain.from_iterable(body.words for body in bodies))
    ranked = sorted(Counter(chain.from_iterable(sentences)).items(), key=lambda pair: (-pair[1], pair[0]))
    chosen = [word for word, count in ranked if count >= least and word.strip()][:most]
    number: Mapping[str, int] = {word: index for index, word in enumerate(chosen)}
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
    numbers = np.fromiter(
        (number.get(word, -1) for word in chain.from_iterable(sentences)), np.int32, int(lengths.sum())
    )
    return chosen, numbers, np.repeat(np.arange(len(sentences), dtype=np.int32), lengths)


def word_hashes(words: Sequence[str]) -> U64:
    """Give the hash of each word as a one-word n-gram."""
    _, hashes = hash_ngrams(words, [[word] for word in words], NgramSpec(characters=0, words=1))
    return hashes
