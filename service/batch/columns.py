"""The columns of an output: those of the input, then the labels. The one place where label columns are made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model import Scores

LABELS = ("polarity", "polarity_score", "p_negative", "p_neutral", "p_positive")
"""The columns every output has behind those of the input."""

WORDS = "words"
"""The column `--explain` adds: the words that decided, each with the score it moves."""

_DIGITS = 4  # the models' probabilities are not good to more


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns an output has: `names` are the input's columns `inputs` as the output calls them, then `labels`."""

    inputs: tuple[str, ...]
    names: tuple[str, ...]
    labels: tuple[str, ...]

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


def plan_layout(columns: Sequence[str], explain: bool) -> Layout:
    """The output's columns for these input columns.

    An input with all of `LABELS` is an earlier output: its labels are replaced. Any other column with the name of a
    label is the user's own and goes on as `input_<name>`.

    >>> plan_layout(["text", "polarity"], explain=False).names
    ('text', 'input_polarity')
    >>> plan_layout(["text", *LABELS], explain=False).names
    ('text',)
    """
    labels = (*LABELS, WORDS) if explain else LABELS
    if set(LABELS) <= set(columns):
        kept = tuple(column for column in columns if column not in (*LABELS, WORDS))
        return Layout(kept, kept, labels)
    taken = {*columns, *labels}
    names = []
    for column in columns:
        name = column
        if column in labels:
            while name in taken:
                name = f"input_{name}"
            taken.add(name)
        names.append(name)
    return Layout(tuple(columns), tuple(names), labels)


def label_rows(scores: "Scores") -> Iterator[tuple[object, ...]]:
    """The label columns' values of each comment, in the order of `LABELS` (and `WORDS` where the scores explain).

    Numbers are rounded to 4 decimals; words are objects with `word` and `effect`.
    """
    numbers = [scores.score.tolist(), *scores.probabilities.T.tolist()]
    rounded = [[round(number, _DIGITS) for number in column] for column in numbers]
    columns: list[Sequence[object]] = [scores.polarity, *rounded]
    if scores.words is not None:
        columns.append(
            [
                [{"word": effect.word, "effect": round(float(effect.effect), _DIGITS)} for effect in words]
                for words in scores.words
            ]
        )
    return zip(*columns, strict=True)
