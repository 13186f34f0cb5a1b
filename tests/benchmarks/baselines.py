"""The peers, each fitted as its documentation shows: what poquan is measured against."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier

from model.metrics import Floats, Ints
from model.segment import Segmenter

Words = list[list[str]]


def cut(texts: Sequence[str], segmenter: Segmenter) -> Words:
    """Cut raw texts into jieba's words."""
    return segmenter.cut([" ".join(text.split()) for text in texts])


class Ngrams:
    """Characters 1-3 and words 1-2 under TF-IDF."""

    def __init__(self, least: int) -> None:
        settings: dict[str, Any] = {"min_df": least, "sublinear_tf": True, "dtype": np.float32}
        self._characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), **settings)
        self._words = TfidfVectorizer(analyzer=_word_ngrams, **settings)

    def fit(self, texts: Sequence[str], words: Words) -> csr_matrix:
        """Learn the n-grams of some texts; give their rows."""
        return hstack([self._characters.fit_transform(texts), self._words.fit_transform(words)]).tocsr()

    def read(self, texts: Sequence[str], words: Words) -> csr_matrix:
        """Give the rows of other texts."""
        return hstack([self._characters.transform(texts), self._words.transform(words)]).tocsr()


class StarRegression:
    """Balanced logistic regression on `Ngrams`: stars 1-2 against 4-5."""

    def __init__(self, texts: Sequence[str], words: Words, positive: NDArray[np.bool_]) -> None:
        self._ngrams = Ngrams(least=3)
        rows = self._ngrams.fit(texts, words)
        self._regression = LogisticRegression(class_weight="balanced", solver="liblinear", C=2.0, tol=1e-2).fit(
            rows, positive
        )

    def score(self, texts: Sequence[str], words: Words) -> Floats:
        """Give ``(n,)`` log odds of four and five stars."""
        odds: Floats = self._regression.decision_function(self._ngrams.read(texts, words))
        return odds


class StackedRegression:
    """Three classes: the score of a `StarRegression` beside the n-grams of the labelled rows, balanced."""

    def __init__(self, stars: StarRegression, texts: Sequence[str], words: Words, polarity: Ints) -> None:
        self._stars = stars
        self._ngrams = Ngrams(least=2)
        rows = self._with_stars(self._ngrams.fit(texts, words), texts, words)
        self._regression = OneVsRestClassifier(_balanced()).fit(rows, polarity)

    def decide(self, texts: Sequence[str], words: Words) -> Ints:
        """Give ``(n,)`` the class of each text."""
        rows = self._with_stars(self._ngrams.read(texts, words), texts, words)
        chosen: Ints = self._regression.predict(rows)
        return chosen

    def _with_stars(self, rows: csr_matrix, texts: Sequence[str], words: Words) -> csr_matrix:
        return hstack([rows, csr_matrix(self._stars.score(texts, words)[:, None] / 2)]).tocsr()


class FastText:
    """Supervised fastText on words and word pairs, one thread so that a run can be repeated."""

    def __init__(self, words: Words, labels: Sequence[int]) -> None:
        import fasttext

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "train.txt"
            lines = (f"__label__{label} {line}\n" for label, line in zip(labels, _lines(words), strict=True))
            file.write_text("".join(lines), encoding="utf-8")
            self._model: Any = fasttext.train_supervised(
                str(file), lr=0.5, wordNgrams=2, bucket=200_000, thread=1, seed=0, verbose=0
            )

    def chances(self, words: Words, classes: int) -> Floats:
        """Give ``(n, classes)`` probabilities."""
        # The list form of `predict` repeats one probability (0.9.2), and the single form fails on NumPy 2: ask beneath.
        chances = np.zeros((len(words), classes))
        for row, line in enumerate(_lines(words)):
            for chance, name in self._model.f.predict(f"{line}\n", classes, 0.0, "strict"):
                chances[row, int(name.removeprefix("__label__"))] = chance
        return chances


def snownlp(texts: Sequence[str]) -> Floats:
    """Give SnowNLP's ``(n,)`` P(positive), by the model it ships; half where it fails on a text."""
    from snownlp import SnowNLP

    return np.asarray([SnowNLP(text).sentiments if text.strip() else 0.5 for text in texts])


def cut_in_three(score: Floats, polarity: Ints) -> tuple[float, float]:
    """Give the two thresholds on a score whose three parts fit the classes 0, 1, 2 with the best macro-F1."""
    steps = np.unique(np.quantile(score, np.linspace(0.02, 0.98, 40)))
    pairs = [(low, high) for low in steps for high in steps if low < high]
    best = max(pairs, key=lambda pair: f1_score(polarity, np.digitize(score, pair), average="macro"))
    return float(best[0]), float(best[1])


def _balanced() -> LogisticRegression:
    return LogisticRegression(class_weight="balanced", solver="liblinear", C=2.0, tol=1e-2)


def _word_ngrams(words: list[str]) -> list[str]:
    spoken = [word for word in words if word.strip()]
    return spoken + [f"{one} {other}" for one, other in pairwise(spoken)]


def _lines(words: Words) -> list[str]:
    return [" ".join(" ".join(comment).split()) for comment in words]
