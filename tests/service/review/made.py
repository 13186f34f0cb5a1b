"""Scores made by hand, for a model that knows three circles, one aspect and one stage."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from corpora.comment import Comment
from model import Scores
from model.facets import FacetNames, FacetScores, decide_facets
from service.review.pool import Pool

NAMES = FacetNames(("family", "senior", "camping"), ("story",), ("seen",))
THRESHOLDS = np.asarray([0.5, 0.3, 0.5, 0.5, 0.5], np.float32)

SURE = (0.02, 0.03, 0.95)
"""Polarity the model has no doubt of."""
FAR = 0.001
"""A facet the model has no doubt of."""


def scores_of(polarities: Sequence[tuple[float, float, float]], **facets: Sequence[float]) -> Scores:
    """Scores of as many comments as polarities; of the facets not given the model has no doubt."""
    probabilities = np.asarray(polarities, np.float32)
    chances = np.full((len(probabilities), len(NAMES)), FAR, np.float32)
    for name, values in facets.items():
        chances[:, NAMES.all.index(name)] = values
    decided = decide_facets(chances, THRESHOLDS, NAMES)
    named = FacetScores(NAMES, chances, decided)
    return Scores(probabilities, probabilities.argmax(axis=1), named, np.zeros((len(chances), 2), np.float32))


def pool_of(comments: Sequence[Comment], scores: Scores, *, capacity: int = 100, sample_size: int = 20) -> Pool:
    """A pool that has seen these comments."""
    pool = Pool(NAMES, THRESHOLDS, capacity, sample_size)
    pool.add(comments, scores)
    return pool


def weigh(texts: Sequence[str]) -> csr_matrix:
    """Weighted characters and pairs of them, rows of length 1."""
    return csr_matrix(TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(texts))


WORDS = "剧情 演员 特效 配乐 台词 结尾 开头 男主 女主 反派 画面 节奏 预告 票价 影院 笑点 泪点 彩蛋 服装 道具".split()  # noqa: SIM905


def different(count: int) -> list[str]:
    """Comments none of which is like another."""
    letters = [chr(0x4E00 + 37 * place) for place in range(count * 8)]
    return ["".join(letters[8 * place : 8 * place + 8]) + WORDS[place % len(WORDS)] for place in range(count)]
