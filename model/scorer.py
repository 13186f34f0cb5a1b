"""The public door: texts in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.compiled import compiled_reader
from model.explain import WordEffect, candidates, strongest, without
from model.facets import FacetNames, FacetScores
from model.features import NgramSpec
from model.files import CARD, DamagedModel, read_model
from model.heads import POLARITIES, sigmoid, softmax
from model.segment import Segmenter
from model.shares import MixRates
from model.signals import SignalReader
from model.stored import correction, facet_head, polarity_head, signal_reader
from model.text import normalise
from model.vocabulary import Vocabulary
from model.words import Words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

F32 = NDArray[np.float32]

#: The model that ships.
DEFAULT = Path(__file__).parent / "default"

_BATCH = 2_000


class Reading(NamedTuple):
    """Logits of a batch, ``polarity`` ``(n_comments, 3)`` and ``facets`` ``(n_comments, n_facets)``, and the word
    ``vectors`` ``(n_comments, n_dimensions)``."""

    polarity: F32
    facets: F32
    vectors: F32


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model reads in a batch of comments.

    ``probabilities`` is ``(n_comments, 3) float32``, columns as `POLARITIES`; ``decided`` ``(n_comments,)`` the index
    chosen at the shipped thresholds; ``facets`` the circles, aspects and stage; ``vectors`` the word vectors
    ``(n_comments, n_dimensions) float32``, near each other where comments speak of alike things. Where they were asked
    for, ``words`` are the deciding words of each comment, and ``facet_words`` those of each facet named in it.

    A comment's figures do not depend on the batch it is in, to the last bit.
    """

    probabilities: F32
    decided: NDArray[np.int64]
    facets: FacetScores
    vectors: F32
    words: list[list[WordEffect]] | None = None
    facet_words: list[dict[str, list[WordEffect]]] | None = None

    def __len__(self) -> int:
        return len(self.probabilities)

    @property
    def score(self) -> F32:
        """``(n_comments,)`` P(positive) - P(negative), from -1 to 1."""
        return _signed(self.probabilities)

    @property
    def polarity(self) -> list[str]:
        """The decided polarity of each comment."""
        return [POLARITIES[index] for index in self.decided]


class Scorer:
    """Score comments with one model; build it by `Scorer.load`.

    Safe to share between threads. Texts are read in batches, so any number may be passed at once.

    >>> scorer = Scorer.load()
    >>> scores = scorer.score(["全程无尿点，必须二刷！", "烂片，浪费钱，退票！"])
    >>> scores.polarity
    ['positive', 'negative']
    >>> scores.facets.stage
    ['rewatch', 'refund']
    """

    def __init__(
        self,
        path: Path,
        manifest: Mapping[str, Any],
        arrays: Mapping[str, NDArray[Any]],
        compiled: bool | None = None,
    ) -> None:
        self.path = path
        self.manifest = manifest
        self.version: str = manifest["version"]
        self.segmenter = Segmenter(manifest["lexicon"])
        self.vocabulary = Vocabulary(
            arrays["hashes"], np.asarray(arrays["idf"], np.float32), NgramSpec(**manifest["ngrams"])
        )
        self._arrays = arrays
        n_ngrams = len(self.vocabulary)
        self._polarity = polarity_head(arrays)
        self._facets = facet_head(arrays, manifest, n_ngrams)
        self.mix_rates = MixRates.from_arrays(arrays) if MixRates.are_in(arrays) else None
        self._correction = correction(arrays, "correction", n_ngrams, len(POLARITIES))
        self._n_dimensions = arrays["vectors"].shape[1]
        self._compiled = None
        if compiled is not False:
            self._compiled = compiled_reader(arrays, self.vocabulary, self._polarity, self._facets, self.segmenter)
        if compiled and self._compiled is None:
            raise RuntimeError("The compiled path cannot be loaded here (the log says why); leave out compiled=True.")

    @classmethod
    def load(cls, path: Path | str | None = None, *, compiled: bool | None = None) -> Scorer:
        """Load a model folder, the shipped one by default. Raises `ModelError` with what to do when it can't.

        ``compiled`` chooses compiled code (default: where it can be had) or the modules it follows, which give every
        probability alike to 1e-4.
        """
        folder = Path(path) if path is not None else DEFAULT
        manifest, arrays = read_model(folder)
        try:
            return cls(folder, manifest, arrays, compiled)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise DamagedModel(
                f"{folder} is whole but no model this poquan can use ({type(error).__name__}: {error}); copy the model "
                "folder again or train it anew."
            ) from error

    @property
    def card(self) -> str:
        """The model card, Markdown; empty where none lies beside the model."""
        file = self.path / CARD
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    @property
    def compiled(self) -> bool:
        """Whether compiled code reads the comments."""
        return self._compiled is not None

    @property
    def facet_names(self) -> FacetNames:
        """The circles, aspects and stages the model knows."""
        return self._facets.names

    @property
    def facet_thresholds(self) -> F32:
        """``(n_facets,)`` the probability from which each facet is named."""
        return self._facets.thresholds

    def score(self, texts: Sequence[str], *, explain: bool = False) -> Scores:
        """Score comments. Raises TypeError where a text is no string."""
        texts = list(texts)
        for index, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"Text {index} is {text!r}; a text must be a string (fill gaps with '').")
        reading = self.read(texts)
        probabilities, chances = softmax(reading.polarity), sigmoid(reading.facets)
        scores = Scores(
            probabilities,
            self._polarity.decide(probabilities),
            FacetScores(self.facet_names, chances, self._facets.decide(chances), self.mix_rates),
            reading.vectors,
        )
        return self._explained(texts, scores) if explain else scores

    def read(self, texts: Sequence[str]) -> Reading:
        """Give the logits of comments, which `score` turns into probabilities and a correction is added to."""
        if self._compiled is not None:
            return Reading(*self._compiled.read(texts))
        parts = [self._read(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        return Reading(
            np.concatenate([np.empty((0, len(POLARITIES)), np.float32), *(part.polarity for part in parts)]),
            np.concatenate([np.empty((0, len(self.facet_names)), np.float32), *(part.facets for part in parts)]),
            np.concatenate([np.empty((0, self._n_dimensions), np.float32), *(part.vectors for part in parts)]),
        )

    def words(self, texts: Sequence[str]) -> Words:
        """Give the words of comments as they are read, normalised."""
        if self._compiled is not None:
            return self._compiled.words(texts)
        return Words.of(self.segmenter.cut([normalise(text) for text in texts]))

    def weigh(self, texts: Sequence[str]) -> csr_matrix:
        """Give ``(n_comments, n_ngrams)`` the weighted n-grams that a correction reads."""
        whole = [normalise(text) for text in texts]
        return self.vocabulary.weigh(self.vocabulary.count(whole, self.segmenter.cut(whole)))

    def facet_signals(self, texts: Sequence[str]) -> tuple[F32, csr_matrix]:
        """Give ``(n_comments, n_signals)`` the standardised signals of the facet head, and the n-gram counts."""
        whole = [normalise(text) for text in texts]
        counts = self.vocabulary.count(whole, self.segmenter.cut(whole))
        weighed, lengths = self.vocabulary.weigh_with_lengths(counts)
        signals = self._facets.signals(self._signals(whole, counts, weighed), counts, weighed, lengths)
        return self._facets.network.standardise(signals), counts

    @cached_property
    def _signals(self) -> SignalReader:
        return signal_reader(self._arrays, len(self.vocabulary))

    def _read(self, texts: Sequence[str]) -> Reading:
        whole = [normalise(text) for text in texts]
        counts = self.vocabulary.count(whole, self.segmenter.cut(whole))
        weighed, lengths = self.vocabulary.weigh_with_lengths(counts)
        signals = self._signals(whole, counts, weighed)
        polarity = self._polarity.network.logits(signals)
        if self._correction is not None:
            polarity = polarity + (weighed @ self._correction).toarray()
        facets = self._facets.logits(signals, counts, weighed, lengths)
        return Reading(polarity, facets, self._signals.vectors_in(signals))

    def _explained(self, texts: list[str], scores: Scores) -> Scores:
        """Score each comment again without each of its words: what moves a probability decided it."""
        words: list[list[WordEffect]] = []
        facet_words: list[dict[str, list[WordEffect]]] = []
        for index, text in enumerate(texts):
            (cut,) = self.words([text]).lists()
            asked = candidates(cut)
            left = self.read([without(cut, word) for word in asked])
            words.append(strongest(asked, scores.score[index] - _signed(softmax(left.polarity))))
            named = np.flatnonzero(scores.facets.decided[index])
            moved = scores.facets.chances[index, named] - sigmoid(left.facets)[:, named]
            facet_words.append(
                {self.facet_names.all[facet]: strongest(asked, moved[:, place]) for place, facet in enumerate(named)}
            )
        return replace(scores, words=words, facet_words=facet_words)


def _signed(probabilities: F32) -> F32:
    signed: F32 = probabilities[:, 2] - probabilities[:, 0]
    return signed
