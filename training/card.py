"""The model card: what a model was made from, what it is worth, where it fails, what it must not be used for."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any

from corpora.fetch import SOURCES
from model.metrics import Estimate
from training.evaluate import ALL, Figures
from training.evaluate_facets import FacetFigures

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
    "community": "short texts by board, zone, topic or caption, for word vectors only",
    "public": "published sentiment, emotion and offence sets, their train splits",
}
_STUDY_ONLY = "douban_bbublm_534films"


def write_card(
    manifest: Mapping[str, Any],
    measured: Mapping[str, Mapping[str, Figures]],
    facets: Mapping[str, FacetFigures] | None = None,
    auc: Estimate | None = None,
) -> str:
    """Give the card as Markdown; ``measured`` holds figures by evaluation set, ``facets`` those of circles, aspects and
    stages, ``auc`` that of stars."""
    parts = [
        f"# Model card: {manifest['version']}",
        "Polarity of Chinese audience comments on films and series, P(negative), P(neutral), P(positive), and the "
        "audience circles, aspects and stage each comment carries, most of them few.",
        "## What it was made from",
        _data(manifest),
        "## How",
        _method(manifest),
        "## What it is worth",
        *(_figures(name, figures) for name, figures in measured.items()),
        *([_stars(auc)] if auc is not None else []),
        *([_facets(facets)] if facets else []),
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
            "\nThe labels along the guide, in training and in evaluation, were read by large language models, not by "
            "people; most of those to learn from are this project's own (`corpora/readings.md`), and the gold labels "
            "alone judge. Two readings of 420 comments by the gold labels' maker agree with a kappa of .90 on "
            "polarity: that tells how stable the reading is, not how right."
        )
    return "\n".join(lines)


def _method(manifest: Mapping[str, Any]) -> str:
    base = (
        "Linear views over hashed n-grams (characters 1-4, words 1-2), word vectors of the unlabelled comments and "
        "shape feed one small network. A second network reads these too, with a linear view of each facet and what "
        "the taxonomy's cue phrases speak for, each with the weight its accuracy on the labels earned it; it gives "
        "each circle, aspect and stage a probability of its own. The platform plays no part. A view never reads a "
        "comment whose signals the network learns from (cross-fitting by title). Temperature, offsets and decision "
        "thresholds come from left-out folds of the training comments."
    )
    if "base" not in manifest:
        return base
    return (
        f"{base}\n\nThis is the base `{manifest['base']}` with a correction fitted to the user's labels: a penalised "
        f"multinomial regression added to the logits (strength {manifest['strength']:g}, chosen on left-out folds), "
        f"and one for the facets that labels tell.{_own_circles(manifest)} "
        "`mixed` labels count as half against and half for. The thresholds are those of the base."
    )


def _own_circles(manifest: Mapping[str, Any]) -> str:
    own = manifest.get("own_circles", ())
    return f" Circles of the user's own, from cues and labels: {', '.join(own)}." if own else ""


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


def _facets(facets: Mapping[str, FacetFigures]) -> str:
    head = ("kind", "micro-F1", "macro-F1", "precision", "recall")
    lines = ["### gold/dev, circles, aspects and stages", "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for kind, each in facets.items():
        lines.append(f"| {kind} | {' | '.join(map(_shown, each.measures.values()))} |")
    lines += ["", "| facet | comments that carry it | F1 |", "| --- | --- | --- |"]
    for each in facets.values():
        lines += [f"| {name} | {each.carry[name]} | {_shown(value)} |" for name, value in each.f1.items()]
    return "\n".join(lines)


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
- Rare circles (overseas, senior, smalltown, comedy): few labels, wide intervals.
- A circle is read from words: a comment about a war film is taken for `military` more often than its writer is a fan.
- Platforms it has hardly seen (Douyin, Kuaishou, Xiaohongshu, Zhihu) and new slang: label some of your own and run \
`make train`."""
_MISUSE = """\
- To judge, rank or sanction the writer of a comment: it reads texts, and is wrong about single ones.
- To remove comments, or to decide about people, without a person reading them.
- As an estimate of what the audience thinks: crawled comments are no sample of it.
- On subjects other than film, series and shows without measuring it there first."""
