"""Scoring speed: against the peers in the same run, against length, number, facets and processes, and against memory.

Comparisons hold one core and count its time, so that what else the machine does moves them little.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from corpora.fetch import load
from model import Scorer
from model.files import read_model
from model.scorer import DEFAULT
from model.segment import Segmenter
from tests.benchmarks.baselines import FastText, snownlp
from tests.benchmarks.roofline import roofline
from tests.benchmarks.side_by_side import side_by_side

Texts = Sequence[str]
Read = Callable[[Texts], Any]
Quantiles = NDArray[np.float64]

RUNS = 7
PEER_RUNS = 25  # more, as a machine shared with others may halve its pace for a while
_SETS = {"sentiment/waimai_10k.train": 10_000, "sentiment/online_shopping_10_cats.train": 10_000}
_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_ONCE = 1_000_000  # comments from which on a size is read once
_ALONE = 300  # comments read one a call, in each of the runs against peers
_LENGTHS = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 4_000)
_OWN_CIRCLES = (0, 36, 108, 252)
_BATCH = 2_000  # comments a call
_SLOW = {"SnowNLP": 50, "jieba + fastText": 5, "jieba + TF-IDF + LR": 5}  # read one comment in so many


def report() -> str:
    """Give the tables."""
    with threadpool_limits(1), _one_core():
        scorer = Scorer.load(compiled=True)
        texts = _texts("sentiment/waimai_10k.train")
        parts = [_against_peers(scorer), _by_size(scorer, texts), _by_length(scorer, texts), _by_facets(texts)]
        (cost,) = _costs({0: (scorer, texts[:4_000])}).values()
        parts.append(roofline(scorer, texts[:2_000], cost))
    parts.append(side_by_side(texts, PEER_RUNS))
    return "\n\n".join(parts)


@contextmanager
def _one_core() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _texts(name: str) -> list[str]:
    rows = [row["text"] for row in load(name)]
    order = np.random.default_rng(0).permutation(len(rows))
    return [rows[index] for index in order]


def _against_peers(scorer: Scorer) -> str:
    lines = [
        "Raw text to polarity and all facets (the peers: to polarity alone), one core, comments a second of processor "
        f"time, medians of {PEER_RUNS} interleaved runs; the ratio is the median of the ratios within a run.",
        "",
        "| set | characters | reader | comments/s | lowest-highest | poquan is faster by |",
        "| --- | ---: | --- | ---: | ---: | ---: |",
    ]
    samples, readers = {}, {}
    for name, count in _SETS.items():
        rows = list(load(name))
        order = np.random.default_rng(0).permutation(len(rows))
        texts = [rows[index]["text"] for index in order]
        samples[name] = texts[:count]
        readers[name] = _readers(scorer, texts, [int(rows[index]["label"] == "pos") for index in order])
    rates, alone = _interleaved(readers, samples)
    for name, sample in samples.items():
        length = sum(map(len, sample)) / len(sample)
        for reader, rate in rates[name].items():
            ratio = statistics.median(ours / theirs for ours, theirs in zip(rates[name]["poquan"], rate, strict=True))
            lines.append(
                f"| {name.split('/')[1]} | {length:.0f} | {reader} | {statistics.median(rate):,.0f} | "
                f"{min(rate):,.0f}-{max(rate):,.0f} | {ratio:.1f} |"
            )
    (middle, high, highest), low, most = np.median(alone, axis=0), np.min(alone, axis=0)[0], np.max(alone, axis=0)[0]
    told = (
        f"One comment of the first set a call, in-process, {_ALONE} in each of its runs, medians over the runs: p50 "
        f"{middle:.0f} us ({low:.0f}-{most:.0f}), p90 {high:.0f} us, p99 {highest:.0f} us (wall clock)."
    )
    return "\n".join([*lines, "", told])


def _readers(scorer: Scorer, texts: Texts, labels: Sequence[int]) -> dict[str, Read]:
    """Give what reads, peers fitted on all the texts."""
    jieba, reference = Segmenter(compiled=False), Scorer.load(compiled=False)
    rjieba = Segmenter(compiled=True)
    words = rjieba.cut([" ".join(text.split()) for text in texts])
    fasttext = FastText(words, labels)
    regression = make_pipeline(
        TfidfVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=(1, 2)),
        LogisticRegression(solver="liblinear"),
    ).fit([" ".join(each) for each in words], labels)
    heads = len(reference.facet_names) + 1
    hashing = HashingVectorizer(analyzer=_words_and_pairs, n_features=2**18)
    random = np.random.default_rng(0).integers(0, 2, (2_000, heads))
    linear = OneVsRestClassifier(SGDClassifier(loss="log_loss", max_iter=2, tol=None)).fit(
        hashing.transform(words[:2_000]), random
    )

    def lines(some: Texts, segmenter: Segmenter) -> list[list[str]]:
        return segmenter.cut([" ".join(text.split()) for text in some])

    return {
        "poquan": scorer.score,
        "poquan, reference path": reference.score,
        "rjieba + HashingVectorizer + linear heads, as many as poquan has": lambda some: linear.predict_proba(
            hashing.transform(lines(some, rjieba))
        ),
        "jieba + TF-IDF + LR": lambda some: regression.predict_proba([" ".join(each) for each in lines(some, jieba)]),
        "jieba + fastText": lambda some: fasttext.chances(lines(some, jieba), 2),
        "SnowNLP": snownlp,
    }


def _words_and_pairs(words: list[str]) -> list[str]:
    return [*words, *map("".join, pairwise(words))]


def _interleaved(
    readers: Mapping[str, Mapping[str, Read]], samples: Mapping[str, Texts]
) -> tuple[dict[str, dict[str, list[float]]], list[Quantiles]]:
    """Give the comments a second of each reader of each set in each run, and what one comment of the first set a call
    takes: median, 90th and 99th percentile of each run in microseconds."""
    rates: dict[str, dict[str, list[float]]] = {name: {reader: [] for reader in readers[name]} for name in samples}
    alone = []
    first = next(iter(samples))
    for run in range(PEER_RUNS + 1):
        for name, texts in samples.items():
            for reader, read in readers[name].items():
                rate = _rate(read, texts[:: _SLOW.get(reader, 1)])
                if run:  # the first warms
                    rates[name][reader].append(rate)
        if run:
            alone.append(_alone(readers[first]["poquan"], samples[first][run * _ALONE : (run + 1) * _ALONE]))
    return rates, alone


def _rate(read: Read, texts: Texts) -> float:
    begun = time.process_time()
    for begin in range(0, len(texts), _BATCH):
        read(texts[begin : begin + _BATCH])
    return len(texts) / (time.process_time() - begun)


def _alone(read: Read, texts: Texts) -> Quantiles:
    seconds = []
    for text in texts:
        begun = time.perf_counter()
        read([text])
        seconds.append(time.perf_counter() - begun)
    quantiles: Quantiles = np.percentile(np.asarray(seconds) * 1e6, [50, 90, 99])
    return quantiles


def _by_size(scorer: Scorer, texts: Texts) -> str:
    costs = _costs({size: (scorer, list(islice(cycle(texts), size))) for size in _SIZES})
    return "\n".join(
        [
            "| comments in one call | us a comment |",
            "| ---: | ---: |",
            *(f"| {size:,} | {cost:.1f} |" for size, cost in costs.items()),
        ]
    )


def _by_length(scorer: Scorer, texts: Texts) -> str:
    whole = "".join(texts)
    sets = {}
    for length in _LENGTHS:
        end = min(2_000, len(whole) // length) * length
        sets[length] = scorer, [whole[begin : begin + length] for begin in range(0, end, length)]
    return "\n".join(
        [
            "| characters of each comment | us a comment | ns a character |",
            "| ---: | ---: | ---: |",
            *(f"| {length:,} | {cost:.1f} | {cost / length * 1_000:.0f} |" for length, cost in _costs(sets).items()),
        ]
    )


def _by_facets(texts: Texts) -> str:
    manifest, arrays = read_model(DEFAULT)
    width, random = len(arrays["facet_head_centre"]), np.random.default_rng(0)
    shipped = len(arrays["facet_thresholds"])
    sets = {}
    for own in _OWN_CIRCLES:
        said, held = dict(manifest), dict(arrays)
        if own:
            said["own_circles"] = [f"own{number}" for number in range(own)]
            held["own_weights"] = random.normal(0, 0.01, (width, own)).astype(np.float32)
            held["own_biases"] = np.full(own, -3, np.float32)
            held |= {f"own_cues_{part}": np.zeros(0, np.int32) for part in ("columns", "facets", "weights")}
            held["facet_thresholds"] = np.full(shipped + own, 0.5, np.float32)
        sets[shipped + own] = Scorer(DEFAULT, said, held), texts[:4_000]
    return "\n".join(
        [
            "| facets (shipped and added circles) | us a comment |",
            "| ---: | ---: |",
            *(f"| {facets} | {cost:.1f} |" for facets, cost in _costs(sets).items()),
        ]
    )


def _costs(sets: Mapping[int, tuple[Scorer, Texts]]) -> dict[int, float]:
    """Give the microseconds of processor time a comment of each set, medians of interleaved runs."""
    costs: dict[int, list[float]] = {name: [] for name in sets}
    for run in range(RUNS):
        for name, (scorer, texts) in sets.items():
            if not run or len(texts) < _ONCE:
                begun = time.process_time()
                scorer.score(texts)
                costs[name].append((time.process_time() - begun) / len(texts) * 1e6)
    return {name: statistics.median(taken) for name, taken in costs.items()}
