"""What the base model is fitted from: the corpora, read, counted over one vocabulary, with word vectors.

No test or dev split and no stream is ever opened here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from corpora.fetch import load
from model.segment import Segmenter
from model.vocabulary import Vocabulary
from training.corpus import ReadTexts, frequent, inverse_frequency, number_words, read_texts, word_hashes
from training.labels import Examples, read_gold, read_public, read_stars
from training.vectors import fit_vectors

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

#: Public sets by what their labels can tell (see `corpora/sources.toml`).
EMOTION = ("nlpcc13_emotion", "smp2020_ewect_usual", "smp2020_ewect_virus")
REVIEWS = ("chnsenticorp", "chnsenticorp_htl_all", "nlpcc14_sc", "online_shopping_10_cats", "waimai_10k")
FEELING = ("weibo2018", "weibo_5moods", "weibo_covid7")
OFFENCE = ("cold_offensive",)

_WORDS = 40_000
_DIMENSIONS = 100


@dataclass(frozen=True, slots=True)
class Material:
    """Everything the base model is fitted from, read and counted."""

    vocabulary: Vocabulary
    gold: Examples
    stars: Examples
    starred: NDArray[np.int64]
    public_labels: NDArray[Any]
    public_sets: NDArray[Any]
    bodies: Mapping[str, ReadTexts]
    counts: Mapping[str, csr_matrix]
    vectors: F32
    vector_columns: NDArray[np.int32]


def gather() -> Material:
    """Read the corpora, choose the vocabulary, learn word vectors."""
    segmenter = Segmenter()
    gold, (stars, starred) = read_gold("train"), read_stars("train")
    public_texts, public_labels, public_sets = read_public([*EMOTION, *REVIEWS, *FEELING, *OFFENCE])
    texts = {
        "stars": stars.texts,
        "gold": gold.texts,
        "talk": [row["text"] for row in load("film/unstarred")],
        "public": public_texts,
    }
    bodies = {}
    for name, body in texts.items():
        bodies[name] = read_texts(body, segmenter)
        log.info("read %s: %d comments", name, len(body))
    words, numbers, rows = number_words(bodies.values(), _WORDS, least=15)
    vectors = fit_vectors(numbers, rows, len(words), _DIMENSIONS)
    log.info("learnt %d word vectors", len(words))
    kept = [
        frequent([bodies["stars"], bodies["gold"]], 5),
        frequent([bodies["talk"]], 20),
        frequent([bodies["public"]], 20),
    ]
    hashes = np.unique(np.concatenate([*kept, word_hashes(words)]))
    vocabulary = inverse_frequency(hashes, [bodies["stars"], bodies["gold"], bodies["talk"]])
    counts = {name: body.count(vocabulary) for name, body in bodies.items()}
    log.info("counted %d n-grams", len(vocabulary))
    columns = vocabulary.find(word_hashes(words))
    return Material(
        vocabulary,
        gold,
        stars,
        starred,
        np.asarray(public_labels),
        np.asarray(public_sets),
        bodies,
        counts,
        vectors,
        columns,
    )
