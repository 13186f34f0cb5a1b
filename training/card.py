"""The model card: what a model was made from, what it is worth, where it fails, what it must not be used for."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any

from corpora.fetch import SOURCES
from model.metrics import Estimate
from training.evaluate import ALL, Figures

_COLUMNS = {
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "log_loss": "log loss",
    "negative_precision": "negative precision",
    "negative_recall": "negative recall",
    "calibration_error": "calibration error",
    "calibration_slope": "calibration slope",
}
_BODIES = {
    "stars": "starred comments on films and series: noisy labels, read as chances",
    "gold": "comments labelled along the project's guide",
    "talk": "unlabelled comments, for word vectors and word frequencies only",
    "public": "published sentiment, emotion and offence sets, their train splits",
}
_STUDY_ONLY = "douban_bbublm_534films"


def write_card(
    manifest: Mapping[str, Any], measured: Mapping[str, Mapping[str, Figures]], auc: Estimate | None = None
) -> str:
    """Give the card as Markdown; ``measured`` holds figures by evaluation set, ``auc`` that of stars."""
    parts = [
        f"# Model card: {manifest['version']}",
        "Polarity of Chinese audience comments on films and series: P(negative), P(neutral), P(positive).",
        "## What it was made from",
        _data(manifest),
        "## How",
        _method(manifest),
        "## What it is worth",
        *(_figures(name, figures) for name, figures in measured.items()),
        *([_stars(auc)] if auc is not None else []),
        _READING if measured else "The evaluation sets were not at hand when this model was made: not measured.",
        "## Where it fails",
        _FAILURES,
        "## Licence",
        _licence(),
        "## What it must not be used for",
        _MISUSE,
    ]
    return "\n\n".join(parts) + "\n"


def _data(manifest: Mapping[str, Any]) -> str:
    lines = [
        f"- {count:,} {_BODIES.get(name, name)}" for name, count in manifest.get("trained_on", {}).items() if count
    ]
    if "moved_by" in manifest:
        moved = manifest["moved_by"]
        lines.append(f"- moved by {moved['own']:,} labels of the user's own and {moved['starter']:,} starter comments")
    if "gold" in manifest.get("trained_on", {}):
        lines.append(
            "\nThe gold labels, in training and in evaluation, were read by a large language model along the guide, "
            "not by people. Two such readings of 420 comments agree with a kappa of .90 on polarity: that tells how "
            "stable the reading is, not how right."
        )
    return "\n".join(lines)


def _method(manifest: Mapping[str, Any]) -> str:
    base = (
        "Linear views over hashed n-grams (characters 1-4, words 1-2), word vectors of the unlabelled comments and "
        "shape feed one small network; the platform only shifts the calibration. A view never reads a comment whose "
        "signals the network learns from (cross-fitting by title). Temperature, offsets and decision thresholds come "
        "from left-out folds of the "
        "training comments."
    )
    if "base" not in manifest:
        return base
    return (
        f"{base}\n\nThis is the base `{manifest['base']}` with a correction fitted to the user's labels: a penalised "
        f"multinomial regression added to the logits (strength {manifest['strength']:g}, chosen on left-out folds). "
        "`mixed` labels count as half against and half for. The thresholds are those of the base."
    )


def _figures(name: str, figures: Mapping[str, Figures]) -> str:
    if not figures[ALL].rows:
        return f"### {name}\n\nNo row to measure on."
    head = ["platform", "rows", "titles", *_COLUMNS.values()]
    lines = [f"### {name}", "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for platform, each in figures.items():
        cells = [platform, str(each.rows), str(each.units), *(_shown(each.measures[key]) for key in _COLUMNS)]
        lines.append(f"| {' | '.join(cells)} |")
    mixed = figures[ALL].mixed
    if total := sum(mixed.values()):
        shares = ", ".join(f"{count} {polarity}" for polarity, count in mixed.items())
        lines.append(f"\nApart: {total} comments labelled mixed, decided as {shares}.")
    return "\n".join(lines)


def _stars(auc: Estimate) -> str:
    return (
        f"### Stars of unseen titles\n\nOne and two stars against four and five, area under the curve: {_shown(auc)}."
    )


def _shown(estimate: Estimate) -> str:
    if isnan(estimate.value):
        return "–"
    if isnan(estimate.low):
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _licence() -> str:
    return (
        "No text of any source is shipped: the files hold hashes of n-grams and numbers. The sources and their "
        "licences stand in `corpora/sources.toml`; many state none. The largest Douban source "
        f"({SOURCES[_STUDY_ONLY].title}: {SOURCES[_STUDY_ONLY].licence}) allows no commercial use, so check before you "
        "use this model commercially, or fit one without it."
    )


_READING = (
    "Brackets hold 95 % intervals; they resample titles, and rows where the title is not known or a whole forum. "
    "Calibration error is the debiased root mean square error of P(negative) in ten bins of equal size; a calibration "
    "slope below 1 means too sure."
)
_FAILURES = """\
- Irony: praise that means blame is often read as praise.
- Forum talk: long replies about other matters, quotes and quarrels among users are read worse than short reviews.
- Mixed comments have no answer of their own; the model leans to one side or to neutral.
- Neutral against weak praise ("还行", anticipation, check-ins): the border is thin, in the labels too.
- Platforms it has hardly seen (Douyin, Kuaishou, Xiaohongshu, Zhihu) and new slang: label some of your own and run \
`make train`."""
_MISUSE = """\
- To judge, rank or sanction the writer of a comment: it reads texts, and is wrong about single ones.
- To remove comments, or to decide about people, without a person reading them.
- As an estimate of what the audience thinks: crawled comments are no sample of it.
- On subjects other than film, series and shows without measuring it there first."""
