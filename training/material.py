"""What the base model is fitted from: the corpora, read, counted over one vocabulary, with word vectors.

No test or dev split and no stream is ever opened here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from corpora.fetch import load
from corpora.readings import unread
from model.segment import Segmenter
from model.vocabulary import Vocabulary
from training.corpus import ReadTexts, frequent, inverse_frequency, number_words, read_texts, word_hashes
from training.cue_weights import Cues, read_cues
from training.labels import TAXONOMY, Examples, read_gold, read_public, read_stars
from training.topics import documents, fit_topics, join_vectors
from training.vectors import fit_vectors, rarity

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

#: Public sets by what their labels can tell (see `corpora/sources.toml`).
EMOTION = ("nlpcc13_emotion", "smp2020_ewect_usual", "smp2020_ewect_virus")
REVIEWS = ("chnsenticorp", "chnsenticorp_htl_all", "nlpcc14_sc", "online_shopping_10_cats", "waimai_10k")
FEELING = ("weibo2018", "weibo_5moods", "weibo_covid7")
OFFENCE = ("cold_offensive",)

#: Short texts by place or topic of origin: they shape the word vectors and are never a label.
COMMUNITY = (
    "bili_danmaku_anime",
    "bili_danmaku_knowledge",
    "bili_danmaku_zones_gedanke",
    "bili_popular_titles",
    "gender_comments",
    "kuairec_captions",
    "parents_pediatrics",
    "s1_boards",
    "s1_idol_fans",
    "s1_topics",
    "tnews",
    "zhihu_questions",
)

_WORDS = 40_000
_USE_DIMENSIONS, _TOPIC_DIMENSIONS, _DIMENSIONS = 200, 150, 128


@dataclass(frozen=True, slots=True)
class Material:
    """Everything the base model is fitted from, read and counted."""

    vocabulary: Vocabulary
    gold: Examples
    stars: Examples
    starred: NDArray[np.int64]
    public_labels: NDArray[Any]
    public_sets: NDArray[Any]
    cues: Cues
    bodies: Mapping[str, ReadTexts]
    counts: Mapping[str, csr_matrix]
    vectors: F32
    vector_columns: NDArray[np.int32]


def gather() -> Material:
    """Read the corpora, choose the vocabulary, learn word vectors."""
    segmenter = Segmenter()
    gold, (stars, starred) = read_gold("train"), read_stars("train")
    public_texts, public_labels, public_sets = read_public([*EMOTION, *REVIEWS, *FEELING, *OFFENCE])
    talk = list(unread(load("film/unstarred")))
    community = {name: list(unread(load(f"circle/{name}"))) for name in COMMUNITY}
    texts = {
        "stars": stars.texts,
        "gold": gold.texts,
        "talk": [row["text"] for row in talk],
        "public": public_texts,
        "community": [row["text"] for rows in community.values() for row in rows],
    }
    bodies = {}
    for name, body in texts.items():
        bodies[name] = read_texts(body, segmenter)
        log.info("read %s: %d comments", name, len(body))
    works = [{"title": group} for group in stars.groups]
    places = [documents(name, rows) for name, rows in {"stars": works, "talk": talk, **community}.items()]
    words, vectors = _learn_vectors(bodies, list(chain.from_iterable(places)))
    cues = read_cues(list(chain.from_iterable(TAXONOMY)))
    kept = [
        frequent([bodies["stars"], bodies["gold"]], 5),
        frequent([bodies["talk"]], 20),
        frequent([bodies["public"]], 20),
    ]
    hashes = np.unique(np.concatenate([*kept, word_hashes(words), cues.hashes]))
    vocabulary = inverse_frequency(hashes, [bodies["stars"], bodies["gold"], bodies["talk"]])
    counts = {name: bodies[name].count(vocabulary) for name in ("stars", "gold", "talk", "public")}
    log.info("counted %d n-grams", len(vocabulary))
    return Material(
        vocabulary,
        gold,
        stars,
        starred,
        np.asarray(public_labels),
        np.asarray(public_sets),
        cues,
        bodies,
        counts,
        vectors,
        vocabulary.find(word_hashes(words)),
    )


def _learn_vectors(bodies: Mapping[str, ReadTexts], places: Sequence[str]) -> tuple[list[str], F32]:
    """Learn what words mean from all bodies, and what is talked about where from those whose documents are known."""
    words, numbers, rows = number_words(bodies.values(), _WORDS, least=15)
    use = fit_vectors(numbers, rows, len(words), _USE_DIMENSIONS)
    first = np.cumsum([0, *map(len, bodies.values())])
    start = dict(zip(bodies, first.tolist(), strict=False))
    known = np.concatenate([start[name] + np.arange(len(bodies[name])) for name in ("stars", "talk", "community")])
    document = np.full(int(first[-1]), -1)
    document[known] = np.unique(np.asarray(places), return_inverse=True)[1]
    there = document[rows] >= 0
    topics = fit_topics(numbers[there], document[rows[there]], len(words), _TOPIC_DIMENSIONS)
    counts = np.bincount(numbers[numbers >= 0], minlength=len(words)).astype(np.float64)
    log.info("learnt %d word vectors", len(words))
    return words, join_vectors([use, topics * rarity(counts)[:, None]], counts, _DIMENSIONS)
