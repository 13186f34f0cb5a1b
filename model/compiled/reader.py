"""Reader: texts in, logits out, by the compiled loops one after the other."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.compiled.dictionary import Dictionary, load_dictionary
from model.compiled.fit import check_fit
from model.compiled.folding import fold, folding_table
from model.compiled.kinds import KINDS
from model.compiled.rows import Own, read_rows
from model.compiled.tables import (
    Known,
    Layers,
    Readings,
    fixed,
    known_table,
    layers_table,
    packed_layers,
    readings_table,
    sparse_rows,
)
from model.compiled.words import cut_rows, place_words
from model.facet_head import FacetHead
from model.heads import POLARITIES, PolarityHead
from model.segment import Segmenter
from model.text import normalise
from model.vocabulary import Vocabulary
from model.words import Words

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]
Places = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]

_BATCH = 1_000  # comments folded, cut and read together


class CompiledReader:
    """Reads comments as `Scorer` defines it. Words are cut here where jieba's dictionary can be read, which gives those
    jieba gives; elsewhere by ``segmenter``.

    Safe to share between threads; the lock of the interpreter is released while comments are read.
    """

    def __init__(
        self, arrays: Arrays, vocabulary: Vocabulary, polarity: PolarityHead, facets: FacetHead, segmenter: Segmenter
    ) -> None:
        self._segmenter = segmenter
        self._dictionary = _dictionary(segmenter)
        self._folding = folding_table()
        self._known: Known = known_table(vocabulary)
        self._readings: Readings = readings_table(arrays, vocabulary)
        self._polarity: Layers = layers_table(polarity.network)
        self._facets: Layers = layers_table(facets.network)
        self._own = _own(arrays, facets, len(vocabulary))
        self._place = facets.names.circle_columns.stop - self._own.n_own
        self._n_facets = len(facets.names)
        check_fit(len(vocabulary), self._readings, self._polarity, self._facets, self._own, self._n_facets)

    def read(self, texts: Sequence[str]) -> tuple[F32, F32, F32]:
        """Give the polarity logits, facet logits and word vectors of texts."""
        n_texts = len(texts)
        polarity = np.empty((n_texts, len(POLARITIES)), np.float32)
        facets = np.empty((n_texts, self._n_facets), np.float32)
        vectors = np.empty((n_texts, len(self._readings.vector_scales)), np.float32)
        for begin in range(0, n_texts, _BATCH):
            part = slice(begin, begin + _BATCH)
            self._read(texts[part], polarity[part], facets[part], vectors[part])
        return polarity, facets, vectors

    def words(self, texts: Sequence[str]) -> Words:
        """Give the words of texts as they are read, normalised."""
        codes, bounds = self._folded(texts)
        lengths, counts = self._words(codes, bounds)
        of_words = np.arange(counts.sum()) + np.repeat(bounds[:-1] - np.cumsum(counts) + counts, counts)
        return Words(np.delete(codes, bounds[1:] - 1), lengths[of_words].astype(np.int64), counts)

    def _read(self, texts: Sequence[str], polarity: F32, facets: F32, vectors: F32) -> None:
        codes, bounds = self._folded(texts)
        lengths, counts = self._words(codes, bounds)
        read_rows(
            codes,
            bounds,
            lengths,
            counts,
            self._known,
            self._readings,
            self._polarity,
            self._facets,
            self._place,
            self._own,
            polarity,
            facets,
            vectors,
        )

    def _folded(self, texts: Sequence[str]) -> tuple[U32, Places]:
        """Give the normalised code points, a break after each comment, and where each begins."""
        hard = np.zeros(len(texts), np.bool_)
        while True:
            codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
            ends = np.fromiter(map(len, texts), np.int64, len(texts)).cumsum()
            folded, bounds = np.empty(len(codes) + len(texts), np.uint32), np.empty(len(texts) + 1, np.int64)
            if not fold(codes, ends, self._folding, folded, bounds, hard):
                return folded[: bounds[-1]], bounds
            texts = [normalise(text) if asked else text for text, asked in zip(texts, hard.tolist(), strict=True)]

    def _words(self, codes: U32, bounds: Places) -> tuple[I32, Places]:
        """Give word lengths, those of text i from ``bounds[i]`` on, and how many words each text has."""
        lengths, counts = np.empty(len(codes), np.int32), np.empty(len(bounds) - 1, np.int64)
        if self._dictionary is not None:
            cut_rows(codes, bounds, KINDS, self._dictionary, lengths, counts)
            return lengths, counts
        words = _lengths(self._segmenter.cut_one(_text(codes[:-1])))
        if place_words(words, bounds, lengths, counts):
            return lengths, counts
        for row in range(len(counts)):
            begin, end = bounds[row], bounds[row + 1] - 1
            words = _lengths(self._segmenter.cut_one(_text(codes[begin:end]))) if end > begin else _NO_WORDS
            if words.sum() != end - begin:
                raise RuntimeError(f"The words of {_text(codes[begin:end])!r} do not join to it; report this text.")
            lengths[begin : begin + len(words)] = words
            counts[row] = len(words)
        return lengths, counts


def _text(codes: U32) -> str:
    return str(codes.data, "utf-32-le")


_NO_WORDS = np.zeros(0, np.int32)


def _dictionary(segmenter: Segmenter) -> Dictionary | None:
    try:
        return load_dictionary(segmenter.lexicon)
    except (ImportError, OSError, OverflowError) as error:
        log.warning(
            "Words are cut by %s, not in compiled code: %s.", "rjieba" if segmenter.compiled else "jieba", error
        )
        return None


def _lengths(words: list[str]) -> I32:
    return np.fromiter(map(len, words), np.int32, len(words))


def _own(arrays: Arrays, facets: FacetHead, n_ngrams: int) -> Own:
    n_own, width = (len(facets.own.names), len(facets.network.centre)) if facets.own else (0, 0)
    empty = np.zeros(0, np.float32)
    layers = packed_layers(empty, empty, [(np.zeros((width, 0), np.float32), empty)])
    cues: tuple[I32, I32, I32, F32] = (*(np.zeros(0, np.int32) for _ in range(3)), empty)  # type: ignore[assignment]
    if facets.own:
        centre, spread = facets.network.centre, facets.network.spread
        layers = packed_layers(centre, spread, [(facets.own.weights, facets.own.biases)])
        cues = sparse_rows(arrays, "own_cues")
    own = Own(
        n_own,
        layers,
        _leading(cues[0], n_ngrams) if facets.own else np.zeros(0, np.int32),
        *cues[1:],
        *_correction(arrays, "correction", n_ngrams, len(POLARITIES)),
        *_correction(arrays, "facet_correction", n_ngrams, len(facets.names)),
    )
    return fixed(own)


def _correction(arrays: Arrays, name: str, n_ngrams: int, n_labels: int) -> tuple[I32, F32]:
    if name not in arrays:
        return np.zeros(0, np.int32), np.zeros((0, n_labels), np.float32)
    return _leading(np.asarray(arrays[f"{name}_columns"]), n_ngrams), np.asarray(arrays[name], np.float32)


def _leading(columns: NDArray[Any], n_ngrams: int) -> I32:
    """Give ``(n_ngrams,)`` the place of each n-gram among ``columns``, -1 where it has none."""
    rows = np.full(n_ngrams, -1, np.int32)
    rows[columns] = np.arange(len(columns), dtype=np.int32)
    return rows
