"""Polarity of unseen comments: stars of unseen films, and the gold labels, against the peers in the same run."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpora.fetch import load
from corpora.readings import labelled
from model import POLARITIES, Scorer
from model.metrics import Calibration, Floats, Ints, Ranking, confusion
from model.segment import Segmenter
from tests.benchmarks.baselines import FastText, StackedRegression, StarRegression, Words, cut, cut_in_three, snownlp
from tests.benchmarks.intervals import estimated, group_of, numbered, slope

log = logging.getLogger(__name__)

Bools = NDArray[np.bool_]
Row = Mapping[str, Any]

_STARRED = 100_000
_SNOWNLP = 2_000
_TUNED_ON = 1_500
_LEAST_A_SIDE = 10
_LEAST_CALIBRATED = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """What one model says of the films: ``score`` ``(n,)``, greater is better, and the score above which it is praise.

    ``rows`` are the rows it was asked about.
    """

    name: str
    score: Floats
    threshold: float
    rows: Bools


def report() -> str:
    """Give both tables with what was measured and how."""
    scorer, segmenter = Scorer.load(), Segmenter()
    dice = np.random.default_rng(0)
    starred = [row for row in load("film/starred.train") if row["star"] != 3]
    starred = [starred[index] for index in dice.permutation(len(starred))[:_STARRED]]
    praise = np.array([row["star"] > 3 for row in starred])
    words = cut(_texts(starred), segmenter)
    stars = StarRegression(_texts(starred), words, praise)
    log.info("fitted the regression on stars")
    quick = FastText(words, praise.astype(int).tolist())
    log.info("fitted fastText on stars")
    return "\n\n".join([f"Model: {scorer.version}.", *_films(scorer, segmenter, stars, quick), *_gold(scorer, stars)])


def _films(scorer: Scorer, segmenter: Segmenter, stars: StarRegression, quick: FastText) -> Iterator[str]:
    rows = [row for row in load("film/starred.test") if row["star"] != 3]
    texts, praise = _texts(rows), np.array([row["star"] > 3 for row in rows])
    words = cut(texts, segmenter)
    everywhere = np.ones(len(rows), bool)
    sample = np.isin(np.arange(len(rows)), np.random.default_rng(0).permutation(len(rows))[:_SNOWNLP])
    snow = np.full(len(rows), 0.5)
    snow[sample] = snownlp([text for text, asked in zip(texts, sample, strict=True) if asked])
    threshold = float(scorer.manifest.get("star_threshold", 0.0))
    own = scorer.score(texts).score.astype(np.float64)
    readings = [
        Reading(f"SnowNLP ({_SNOWNLP:,} rows drawn)", snow, 0.5, sample),
        Reading("fastText on jieba words", quick.chances(words, 2)[:, 1], 0.5, everywhere),
        Reading("characters 1-3 + words 1-2, balanced LR", stars.score(texts, words), 0.0, everywhere),
        Reading("poquan", own, threshold, everywhere),
    ]
    log.info("read the films")
    titles = np.array([row["title"] for row in rows])
    platforms = np.array([row["platform"] for row in rows])
    counted = [title for title in np.unique(titles) if _sides(praise[titles == title]) >= _LEAST_A_SIDE]
    shipped = "the manifest's star_threshold" if "star_threshold" in scorer.manifest else "the sign"
    yield (
        f"## Stars of unseen films\n\nStars 1-2 against 4-5 of {len(rows):,} comments under {len(np.unique(titles))} "
        "films that no model was trained on. Each cell: the figure and its 95 % interval over resampled titles. "
        f"The mean over titles takes the {len(counted)} titles with at least {_LEAST_A_SIDE} comments on each side. "
        f"Macro-F1 of poquan is decided by {shipped} of P(positive) - P(negative) (threshold {threshold:+.3f}), of the "
        f"others at even odds; the peers learnt from the same {_STARRED:,} comments drawn from starred.train, but for "
        "SnowNLP, which has a model of its own."
    )
    lines = ["| model | AUC | AUC Douban | AUC Maoyan | mean AUC over titles | macro-F1 |", "| --- |" + " ---: |" * 5]
    for reading in readings:
        cells = [
            _auc(reading, praise, titles, reading.rows & where)
            for where in (everywhere, platforms == "douban", platforms == "maoyan")
        ]
        cells.append(_mean_auc(reading, praise, titles, counted) if reading.rows.all() else "too few")
        cells.append(_two_sided(reading, praise, titles))
        lines.append(f"| {reading.name} | {' | '.join(cells)} |")
    yield "\n".join(lines)


def _auc(reading: Reading, praise: Bools, titles: NDArray[Any], rows: Bools) -> str:
    return estimated(Ranking(reading.score[rows], praise[rows]).auc, numbered(titles[rows].tolist()))


def _mean_auc(reading: Reading, praise: Bools, titles: NDArray[Any], counted: Sequence[str]) -> str:
    each = np.array(
        [Ranking(reading.score[here], praise[here]).auc(np.ones(int(here.sum()))) for here in _each(titles, counted)]
    )
    return estimated(lambda weights: float(weights @ each / weights.sum()), np.arange(len(each)))


def _each(titles: NDArray[Any], counted: Sequence[str]) -> Iterator[Bools]:
    return (titles == title for title in counted)


def _two_sided(reading: Reading, praise: Bools, titles: NDArray[Any]) -> str:
    rows = reading.rows
    truth, said = praise[rows].astype(np.int64), (reading.score[rows] > reading.threshold).astype(np.int64)
    return estimated(lambda w: confusion(truth, said, w, 2).macro_f1, numbered(titles[rows].tolist()))


def _sides(praise: Bools) -> int:
    return int(min(praise.sum(), (~praise).sum()))


def _gold(scorer: Scorer, stars: StarRegression) -> Iterator[str]:
    segmenter = Segmenter()
    train = [row for row in labelled() if row["polarity"] != "mixed"]
    dev = list(load("gold/dev"))
    texts, words = _texts(dev), cut(_texts(dev), segmenter)
    own = scorer.score(texts)
    decided = {**_peers(train, texts, words, stars, segmenter), "poquan": own.decided}
    log.info("read the gold comments")
    sure = np.array([row["polarity"] != "mixed" for row in dev])
    groups = numbered([group_of(row) for row in dev])
    truth = np.array([POLARITIES.index(row["polarity"]) if row["polarity"] != "mixed" else -1 for row in dev])
    yield (
        f"## Gold labels\n\nThree classes of {sure.sum():,} comments of gold/dev, {(~sure).sum()} mixed ones left out. "
        "The labels are a large language model's reading, not people's. Each cell: macro-F1, or precision and recall "
        "of negative, with the 95 % interval over resampled titles or threads; comments from sources about one title "
        "or none (held out row by row) are resampled singly. All peers but SnowNLP learnt from the same "
        f"{len(train):,} comments as poquan, gold/train and the project's readings (mixed left out); SnowNLP's score "
        f"is cut in three at thresholds tuned on {_TUNED_ON:,} of them."
    )
    table = {"all": sure, "random part": sure & np.array([row["pick"] == "random" for row in dev])}
    table |= {name: sure & rows for name, rows in _places(dev).items()}
    lines = [f"| rows | n | {' | '.join(decided)} |", "| --- | ---: |" + " ---: |" * len(decided)]
    for name, rows in table.items():
        cells = [_macro(truth[rows], said[rows], groups[rows]) for said in decided.values()]
        lines.append(f"| {name} | {rows.sum()} | {' | '.join(cells)} |")
    for name, kind in (("negative precision, all", "precision"), ("negative recall, all", "recall")):
        cells = [_negative(truth[sure], said[sure], groups[sure], kind) for said in decided.values()]
        lines.append(f"| {name} | {sure.sum()} | {' | '.join(cells)} |")
    yield "\n".join(lines)
    yield _mixed(sure, decided, own.score)
    yield _calibration(dev, groups, own.probabilities[:, 0])


def _peers(
    train: Sequence[Row], texts: list[str], words: Words, stars: StarRegression, segmenter: Segmenter
) -> dict[str, Ints]:
    """Give what each peer decides."""
    polarity = np.array([POLARITIES.index(row["polarity"]) for row in train])
    learnt = cut(_texts(train), segmenter)
    tuned = np.random.default_rng(0).permutation(len(train))[:_TUNED_ON]
    edges = cut_in_three(snownlp([train[index]["text"] for index in tuned]), polarity[tuned])
    return {
        "SnowNLP": np.digitize(snownlp(texts), edges),
        "fastText on jieba words": FastText(learnt, polarity.tolist()).chances(words, 3).argmax(axis=1),
        "stars stacked with n-grams": StackedRegression(stars, _texts(train), learnt, polarity).decide(texts, words),
    }


def _places(rows: Sequence[Row]) -> dict[str, Bools]:
    """Give the rows of each platform, and of each source of the forum, the largest first."""
    names = [row["platform"] for row in rows]
    sources = [row["src"] if row["platform"] == "s1_forum" else "" for row in rows]
    places = {name: np.array([other == name for other in names]) for name in dict.fromkeys(names)}
    places |= {f"forum: {name}": np.array([other == name for other in sources]) for name in set(sources) - {""}}
    return dict(sorted(places.items(), key=lambda place: (-int(place[1].sum()), place[0])))


def _macro(truth: Ints, said: Ints, groups: Ints) -> str:
    return estimated(lambda weights: confusion(truth, said, weights, 3).macro_f1, _renumbered(groups))


def _negative(truth: Ints, said: Ints, groups: Ints, kind: str) -> str:
    return estimated(lambda weights: float(getattr(confusion(truth, said, weights, 3), kind)[0]), _renumbered(groups))


def _renumbered(groups: Ints) -> Ints:
    return np.unique(groups, return_inverse=True)[1]


def _mixed(sure: Bools, decided: Mapping[str, Ints], score: NDArray[np.float32]) -> str:
    lines = [
        f"How the {(~sure).sum()} mixed comments are decided (poquan's mean score of them is "
        f"{score[~sure].mean():+.2f}, its mean distance from 0 is {np.abs(score[~sure]).mean():.2f}; of the others "
        f"{np.abs(score[sure]).mean():.2f}):\n",
        f"| model | {' | '.join(POLARITIES)} |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, said in decided.items():
        shares = np.bincount(said[~sure], minlength=3) / (~sure).sum()
        lines.append(f"| {name} | {' | '.join(f'{share:.0%}' for share in shares)} |")
    return "\n".join(lines)


def _calibration(dev: Sequence[Row], groups: Ints, stated: NDArray[np.float32]) -> str:
    negative, mixed = (np.array([row["polarity"] == name for row in dev]) for name in ("negative", "mixed"))
    lines = [
        "Calibration of poquan's P(negative): the debiased root mean square error over ten bins of equally many rows "
        "(Kumar, Liang and Ma 2019) with its basic interval, and the calibration slope (1 is right), on each platform "
        f"with at least {_LEAST_CALIBRATED} rows; on the rows of the three-class figures, and on all, where the mixed "
        "ones, half against as poquan learns them, count as not negative.\n",
        "| rows | n | negative | mean P(negative) | error | slope | error, mixed not negative | slope |",
        "| --- |" + " ---: |" * 7,
    ]
    for name, rows in {"all": np.ones(len(dev), bool), **_places(dev)}.items():
        if rows.sum() < _LEAST_CALIBRATED or name.startswith("forum: "):
            continue
        sure, cells = rows & ~mixed, []
        for chosen in (sure, rows):
            said, true, where = stated[chosen].astype(np.float64), negative[chosen], _renumbered(groups[chosen])
            cells.append(estimated(Calibration(said, true).error, where, overstated=True))
            cells.append(estimated(partial(slope, said, true), where))
        shares = f"{negative[sure].mean():.1%} | {stated[sure].mean():.1%}"
        lines.append(f"| {name} | {rows.sum()} | {shares} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _texts(rows: Sequence[Row]) -> list[str]:
    return [row["text"] for row in rows]
