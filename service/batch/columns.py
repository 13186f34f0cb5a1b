"""The columns of an output: those of the input, then the labels. The one place where label columns are made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model import Scores, WordEffect

POLARITY = ("polarity", "polarity_score", "p_negative", "p_neutral", "p_positive")
"""The columns of the polarity; those who used poquan before it knew facets have outputs with these alone."""

FACETS = ("circles", "aspects", "stage")
"""The columns of the facets the model names: two lists, often empty, and a stage or none."""

LABELS = (*POLARITY, *FACETS)
"""The columns every output has behind those of the input."""

CIRCLE_CHANCE = "p_circle_"
"""Begins the name of each column that `--probabilities` adds: the probability of a circle."""

WORDS, FACET_WORDS = "words", "facet_words"
"""The columns `--explain` adds: the words that decided the polarity and each facet, with what they move."""

_DIGITS = 4  # the models' probabilities are not good to more


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns an output has: `names` are the input's columns `inputs` as the output calls them, then `labels`.

    `circles` are those whose probabilities are among the labels.
    """

    inputs: tuple[str, ...]
    names: tuple[str, ...]
    labels: tuple[str, ...]
    circles: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the output in order."""
        return self.names + self.labels

    @property
    def kept(self) -> dict[str, str]:
        """The input's columns that go on, with their names in the output."""
        return dict(zip(self.inputs, self.names, strict=True))

    @property
    def renamed(self) -> dict[str, str]:
        """Input columns that go by another name in the output."""
        return {name: new for name, new in self.kept.items() if name != new}


def plan_layout(columns: Sequence[str], explain: bool, circles: Sequence[str] = ()) -> Layout:
    """The output's columns for these input columns; `circles` are those whose probabilities are wanted.

    An input with all of `LABELS`, or of `POLARITY`, is an earlier output: its labels are replaced. Any other column
    with the name of a label is the user's own and goes on as `input_<name>`.

    >>> plan_layout(["text", "polarity"], explain=False).names
    ('text', 'input_polarity')
    >>> plan_layout(["text", *LABELS], explain=False).names
    ('text',)
    """
    chances = (CIRCLE_CHANCE + circle for circle in circles)
    labels = (*LABELS, *chances, *((WORDS, FACET_WORDS) if explain else ()))
    kept = _without_earlier_labels(columns)
    taken = {*kept, *labels}
    names = []
    for column in kept:
        name = column
        if column in labels:
            while name in taken:
                name = f"input_{name}"
            taken.add(name)
        names.append(name)
    return Layout(kept, tuple(names), labels, tuple(circles))


def label_rows(scores: "Scores", circles: Sequence[str] = ()) -> Iterator[tuple[object, ...]]:
    """The label columns' values of each comment, in the order of a layout with these `circles`.

    Numbers are rounded to 4 decimals. Where the scores explain, the words that decided are objects with `word` and
    `effect`, for facets with `facet` too.
    """
    facets = scores.facets
    rounded = [rounded_numbers(column).tolist() for column in (scores.score, *scores.probabilities.T)]
    columns: list[Sequence[object]] = [scores.polarity, *rounded, facets.circles, facets.aspects, facets.stage]
    columns += [rounded_numbers(column).tolist() for column in chances_of(scores, circles)]
    return zip(*columns, *told_words(scores), strict=True)


def rounded_numbers(numbers: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities or their differences to 4 decimals, each the float nearest to that decimal, as `round` gives it."""
    # Exact: a number of 24 bits times 10,000 has less than 53, and the quotient of whole numbers is the nearest float.
    rounded: NDArray[np.float64] = np.rint(numbers.astype(np.float64) * 10**_DIGITS) / 10**_DIGITS
    return rounded


def chances_of(scores: "Scores", circles: Sequence[str]) -> NDArray[np.float32]:
    """`(n_circles, n_comments)` the probabilities of these circles."""
    names = scores.facets.names.circles
    chances: NDArray[np.float32] = scores.facets.circle_chances[:, [names.index(circle) for circle in circles]].T
    return chances


def told_words(scores: "Scores") -> list[list[list[dict[str, object]]]]:
    """The columns `WORDS` and `FACET_WORDS` where the scores explain, else none."""
    if scores.words is None or scores.facet_words is None:
        return []
    return [
        [[_told(effect) for effect in words] for words in scores.words],
        [
            [{"facet": facet, **_told(effect)} for facet, words in named.items() for effect in words]
            for named in scores.facet_words
        ],
    ]


def _without_earlier_labels(columns: Sequence[str]) -> tuple[str, ...]:
    there = set(columns)
    if not there.issuperset(POLARITY):
        return tuple(columns)
    if not there.issuperset(FACETS):  # written before there were facets: a column of such a name is the user's own
        return tuple(column for column in columns if column not in (*POLARITY, WORDS))
    labels = {*LABELS, WORDS, FACET_WORDS}
    return tuple(column for column in columns if column not in labels and not column.startswith(CIRCLE_CHANCE))


def _told(effect: "WordEffect") -> dict[str, object]:
    return {"word": effect.word, "effect": round(float(effect.effect), _DIGITS)}
