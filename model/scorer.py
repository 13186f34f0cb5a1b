"""The public door: texts in, numbers out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.explain import WordEffect, candidates, strongest, without
from model.features import NgramSpec
from model.files import CARD, read_model
from model.heads import POLARITIES, PolarityHead
from model.segment import Segmenter
from model.signals import read_platforms, read_shape, read_views
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
    >>> scores = scorer.score(["全程无尿点，必须二刷！", "烂片，浪费钱，退票！"], platforms=["douyin", "maoyan"])
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
        self.views: F32 = arrays["views"] * np.asarray(arrays["view_scales"], np.float32)
        self.head = _polarity_head(arrays)

    @classmethod
    def load(cls, path: Path | str | None = None) -> Scorer:
        """Load a model folder, the shipped one by default. Raises `ModelError` with what to do when it can't."""
        folder = Path(path) if path is not None else DEFAULT
        return cls(folder, *read_model(folder))

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
        probabilities = np.concatenate([np.empty((0, 3), np.float32), *self._batches(texts, where)])
        decided = self.head.decide(probabilities)
        words = self._explain(texts, where, probabilities) if explain else None
        return Scores(probabilities, decided, words)

    def _batches(self, texts: list[str], platforms: list[str | None] | None) -> Iterator[F32]:
        for start in range(0, len(texts), _BATCH):
            batch = [normalise(text) for text in texts[start : start + _BATCH]]
            where = platforms[start : start + _BATCH] if platforms is not None else None
            yield self.head.probabilities(self.signals(batch, self.segmenter.cut(batch), where))

    def signals(
        self, texts: Sequence[str], words: Sequence[Sequence[str]], platforms: Sequence[str | None] | None
    ) -> F32:
        """Give the ``(n_texts, n_signals)`` input of the heads for normalised texts and their words."""
        counts = self.vocabulary.count(texts, words)
        return np.concatenate(
            [
                read_views(self.vocabulary.weigh(counts), self.views),
                read_shape(texts, np.diff(counts.indptr)),
                read_platforms(platforms, len(texts)),
            ],
            axis=1,
        )

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
            left = np.concatenate(
                [np.empty((0, 3), np.float32), *self._batches([without(words, word) for word in asked], where)]
            )
            moved = (chances[2] - chances[0]) - (left[:, 2] - left[:, 0])
            effects.append(strongest(asked, moved))
        return effects


def _polarity_head(arrays: Mapping[str, NDArray[Any]]) -> PolarityHead:
    depth = sum(name.startswith("head_weights_") for name in arrays)
    layers = tuple(
        (np.asarray(arrays[f"head_weights_{i}"], np.float32), np.asarray(arrays[f"head_biases_{i}"], np.float32))
        for i in range(depth)
    )
    return PolarityHead(
        np.asarray(arrays["head_centre"]),
        np.asarray(arrays["head_spread"]),
        layers,
        np.asarray(arrays["head_thresholds"]),
    )
