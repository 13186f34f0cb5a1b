"""The public door: texts in, numbers out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from model.explain import WordEffect, candidates, strongest, without
from model.features import NgramSpec
from model.files import CARD, DamagedModel, read_model
from model.heads import POLARITIES, PolarityHead, softmax
from model.segment import Segmenter
from model.signals import VectorReader, ViewReader, read_platforms, read_shape
from model.text import normalise
from model.vocabulary import Vocabulary

F32 = NDArray[np.float32]

#: The model that ships.
DEFAULT = Path(__file__).parent / "default"

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model reads in a batch of comments.

    ``probabilities`` is ``(n_comments, 3) float32``, columns as `POLARITIES`; ``decided`` ``(n_comments,)`` the index
    chosen at the shipped thresholds; ``words`` the deciding words of each comment where they were asked for.
    """

    probabilities: F32
    decided: NDArray[np.int64]
    words: list[list[WordEffect]] | None = None

    def __len__(self) -> int:
        return len(self.probabilities)

    @property
    def score(self) -> F32:
        """``(n_comments,)`` P(positive) - P(negative), from -1 to 1."""
        signed: F32 = self.probabilities[:, 2] - self.probabilities[:, 0]
        return signed

    @property
    def polarity(self) -> list[str]:
        """The decided polarity of each comment."""
        return [POLARITIES[index] for index in self.decided]


class Scorer:
    """Score comments with one model; build it by `Scorer.load`.

    Safe to share between threads. Texts are read in batches, so any number may be passed at once.

    >>> scorer = Scorer.load()
    >>> scores = scorer.score(["全程无尿点，必须二刷！", "烂片，浪费钱，退票！"], platforms=["douban", "maoyan"])
    >>> scores.polarity
    ['positive', 'negative']
    """

    def __init__(self, path: Path, manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        self.path = path
        self.manifest = manifest
        self.version: str = manifest["version"]
        self.segmenter = Segmenter(manifest["lexicon"])
        self.vocabulary = Vocabulary(
            arrays["hashes"], np.asarray(arrays["idf"], np.float32), NgramSpec(**manifest["ngrams"])
        )
        self._read_views = ViewReader(_whole(arrays, "views"))
        vectors, columns = _whole(arrays, "vectors"), np.asarray(arrays["vector_columns"])
        self._read_vectors = VectorReader(vectors, columns, len(self.vocabulary))
        self._head = _polarity_head(arrays)
        self._correction = _correction(arrays, len(self.vocabulary))

    @classmethod
    def load(cls, path: Path | str | None = None) -> Scorer:
        """Load a model folder, the shipped one by default. Raises `ModelError` with what to do when it can't."""
        folder = Path(path) if path is not None else DEFAULT
        manifest, arrays = read_model(folder)
        try:
            return cls(folder, manifest, arrays)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise DamagedModel(
                f"{folder} is whole but no model this poquan can use ({type(error).__name__}: {error}); copy the model "
                "folder again or train it anew."
            ) from error

    @property
    def card(self) -> str:
        """The model card, Markdown; empty where none lies beside the model."""
        file = self.path / CARD
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    def score(
        self, texts: Sequence[str], platforms: Sequence[str | None] | None = None, *, explain: bool = False
    ) -> Scores:
        """Score comments; ``platforms`` (``"weibo"``, ``"豆瓣"`` ...; None where unknown) sharpens the calibration.

        Raises ValueError where the lengths differ and TypeError where a text is no string.
        """
        texts = list(texts)
        where = list(platforms) if platforms is not None else None
        if where is not None and len(where) != len(texts):
            raise ValueError(
                f"{len(texts)} texts came with {len(where)} platforms; give one platform (or None) a text."
            )
        for index, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"Text {index} is {text!r}; a text must be a string (fill gaps with '').")
        probabilities = softmax(self.logits(texts, where))
        decided = self._head.decide(probabilities)
        words = self._explain(texts, where, probabilities) if explain else None
        return Scores(probabilities, decided, words)

    def logits(self, texts: Sequence[str], platforms: Sequence[str | None] | None = None) -> F32:
        """Give ``(n_comments, 3)`` unnormalised log probabilities, what a correction is added to."""
        where = list(platforms) if platforms is not None else None
        return np.concatenate([np.empty((0, 3), np.float32), *self._batches(list(texts), where)])

    def weigh(self, texts: Sequence[str]) -> csr_matrix:
        """Give ``(n_comments, n_ngrams)`` the weighted n-grams that a correction reads."""
        whole = [normalise(text) for text in texts]
        return self.vocabulary.weigh(self.vocabulary.count(whole, self.segmenter.cut(whole)))

    def _batches(self, texts: list[str], platforms: list[str | None] | None) -> Iterator[F32]:
        for start in range(0, len(texts), _BATCH):
            where = platforms[start : start + _BATCH] if platforms is not None else None
            yield self._read([normalise(text) for text in texts[start : start + _BATCH]], where)

    def _read(self, texts: Sequence[str], platforms: Sequence[str | None] | None) -> F32:
        """Give the logits of normalised texts."""
        counts = self.vocabulary.count(texts, self.segmenter.cut(texts))
        weighed = self.vocabulary.weigh(counts)
        signals = [
            self._read_views(weighed),
            self._read_vectors(counts),
            read_shape(texts, np.diff(counts.indptr)),
        ]
        logits = self._head.logits(np.concatenate(signals, axis=1), read_platforms(platforms, len(texts)))
        return logits if self._correction is None else logits + (weighed @ self._correction).toarray()

    def _explain(
        self, texts: list[str], platforms: list[str | None] | None, probabilities: F32
    ) -> list[list[WordEffect]]:
        """Score each comment again without each of its words: what moves the score decided."""
        effects = []
        for index, (text, chances) in enumerate(zip(texts, probabilities, strict=True)):
            whole = normalise(text)
            words = self.segmenter.cut([whole])[0]
            asked = candidates(words)
            where = [platforms[index]] * len(asked) if platforms is not None else None
            left = softmax(self.logits([without(words, word) for word in asked], where))
            moved = (chances[2] - chances[0]) - (left[:, 2] - left[:, 0])
            effects.append(strongest(asked, moved))
        return effects


def _whole(arrays: Mapping[str, NDArray[Any]], name: str) -> F32:
    """Give a matrix stored as 8-bit steps with one scale a column."""
    whole: F32 = arrays[name] * np.asarray(arrays[f"{name}_scales"], np.float32)
    return whole


def _polarity_head(arrays: Mapping[str, NDArray[Any]]) -> PolarityHead:
    depth = sum(name.startswith("head_weights_") for name in arrays)
    layers = tuple(
        (np.asarray(arrays[f"head_weights_{layer}"]), np.asarray(arrays[f"head_biases_{layer}"]))
        for layer in range(depth)
    )
    names = ("centre", "spread", "platforms", "thresholds")
    centre, spread, platforms, thresholds = (np.asarray(arrays[f"head_{name}"]) for name in names)
    return PolarityHead(centre, spread, layers, platforms, thresholds)


def _correction(arrays: Mapping[str, NDArray[Any]], n_ngrams: int) -> csr_matrix | None:
    """Give what a user's own labels add to the logits, ``(n_ngrams, 3)``; None in the shipped model."""
    if "correction" not in arrays:
        return None
    rows, weights = arrays["correction_columns"], np.asarray(arrays["correction"], np.float32)
    return csr_matrix((weights.ravel(), np.tile(np.arange(3), len(rows)), _row_ends(rows, n_ngrams)), (n_ngrams, 3))


def _row_ends(rows: NDArray[Any], n_ngrams: int) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(3 * np.bincount(rows, minlength=n_ngrams))])
