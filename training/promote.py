"""The gate: a new model comes into use only where it is not worse than the one in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model import Scorer
from model.metrics import Floats, Ranking
from training.evaluate import ALL, Figures, judge, log_losses
from training.evaluate_facets import facet_losses
from training.labels import Examples

_MEASURES = {
    "macro_f1": "macro-F1",
    "log_loss": "log loss",
    "negative_precision": "negative precision",
    "negative_recall": "negative recall",
}
_CLEARLY = 2.0
_AGREEMENT = 0.6
_LEAST_OF_EACH = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the new model passes, why, and the table ``old, new, difference`` to show."""

    passed: bool
    reason: str
    table: str
    figures: Mapping[str, Figures]


def contradiction(base: Scorer, own: Examples) -> str | None:
    """Tell that a user's labels contradict the base nearly throughout, as where a column is turned round; else None.

    Held-out rows of such a file are as wrong as those that train, so no comparison on them can show it. The measure
    is how often the base scores a row labelled positive above one labelled negative; ten of each are needed.
    """
    sides = own.targets[:, 0] == 1, own.targets[:, 2] == 1
    if min(map(np.count_nonzero, sides)) < _LEAST_OF_EACH:
        return None
    sided = own.take(np.flatnonzero(sides[0] | sides[1]))
    score = base.score(sided.texts).score.astype(np.float64)
    agreement = Ranking(score, sided.targets[:, 2] == 1).auc(np.ones(len(sided)))
    if agreement >= _AGREEMENT:
        return None
    return (
        f"your labels contradict the shipped model (it puts a comment you call positive above one you call negative in "
        f"{agreement:.0%} of pairs, where guessing gives 50%): check the column polarity"
    )


def compare(old: Path, new: Path, parts: Mapping[str, Examples]) -> Verdict:
    """Judge two models on the same evaluation rows.

    The new one passes when its mean log loss over all rows is not greater, and on no single part clearly greater (by
    more than two standard errors of the difference), neither in polarity nor in the shipped facets: what it learns from
    one user it must not pay for by forgetting.
    """
    there = {name: rows for name, rows in parts.items() if len(rows)}
    before, after = Scorer.load(old), Scorer.load(new)
    worse = {name: log_losses(after, rows) - log_losses(before, rows) for name, rows in there.items()}
    circles = {name: facet_losses(after, rows) - facet_losses(before, rows) for name, rows in there.items()}
    figures = {name: (judge(before, rows)[ALL], judge(after, rows)[ALL]) for name, rows in there.items()}
    table = _table(before.version, after.version, figures)
    mean = float(np.concatenate([*worse.values(), np.zeros(0)]).mean()) if worse else 0.0
    forgotten = [name for name, difference in worse.items() if _clearly_greater(difference)]
    forgotten += [f"the facets of {name}" for name, difference in circles.items() if _clearly_greater(difference)]
    if forgotten:
        passed, reason = False, f"it is clearly worse on {' and on '.join(forgotten)}"
    else:
        passed = mean <= 0
        reason = f"its mean log loss over the evaluation rows is {abs(mean):.4f} {'less' if passed else 'greater'}"
    return Verdict(passed, reason, table, {name: pair[1] for name, pair in figures.items()})


def _clearly_greater(difference: Floats) -> bool:
    if len(difference) < 2:
        return False
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return bool(difference.mean() > _CLEARLY * error)


def _table(old: str, new: str, figures: Mapping[str, tuple[Figures, Figures]]) -> str:
    lines = [f"{'':<34}{'in use':>16}{'new':>16}{'difference':>12}", f"{'':<34}{old:>16}{new:>16}"]
    for name, (before, after) in figures.items():
        lines.append(f"{name} ({after.rows} rows, {sum(after.mixed.values())} mixed apart)")
        for measure, title in _MEASURES.items():
            was, now = before.measures[measure].value, after.measures[measure].value
            lines.append(f"  {title:<32}{was:>16.4f}{now:>16.4f}{now - was:>+12.4f}")
    return "\n".join(lines)
