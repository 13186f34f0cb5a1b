"""What a user's labels say, on whichever scale they are written."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from service.errors import ServiceError

Scale = Literal["auto", "three", "binary", "stars"]

NEGATIVE, NEUTRAL, POSITIVE, APART = 0, 1, 2, 3
"""Classes of truth; `APART` is neither: mixed, or three stars."""

_WORDS = {
    NEGATIVE: "negative neg -1 负面 消极 负向 负 差评 贬",
    NEUTRAL: "neutral neu 0 中性 中立 客观",
    POSITIVE: "positive pos 1 正面 积极 正向 正 好评 褒",
    APART: "mixed mix 混合 褒贬不一",
}
_THREE = {word: truth for truth, words in _WORDS.items() for word in words.split()}
_BINARY = {word: truth for word, truth in _THREE.items() if truth != NEUTRAL} | {"0": NEGATIVE}
_STAR_WORDS = {"很差": 1, "较差": 2, "还行": 3, "推荐": 4, "力荐": 5}
_MOST_NAMED = 5


class TruthError(ServiceError):
    """The column of truth cannot be read."""


@dataclass(slots=True)
class Truths:
    """Truth values as they come; `settle` gives their classes once all are there.

    An auto scale takes the words for the three polarities and -1, 0, 1. Stars count 1 to 2 as negative and 4 to 5 as
    positive. Binary takes 0 and 1.
    """

    scale: Scale
    column: str
    unread: Counter[str] = field(default_factory=Counter)
    empty: int = 0
    _seen: Counter[str] = field(default_factory=Counter)

    def read(self, value: object) -> int | None:
        """The class of one value; None where it is empty (counted in `empty`) or unknown (counted in `unread`)."""
        name = plain_value(value)
        if not name:
            self.empty += 1
            return None
        truth = (
            _from_stars(name) if self.scale == "stars" else (_BINARY if self.scale == "binary" else _THREE).get(name)
        )
        if truth is None:
            if len(self.unread) < 1000 or name in self.unread:
                self.unread[name] += 1
        else:
            self._seen[name] += 1
        return truth

    def check(self) -> None:
        """Raise `TruthError` where no value was usable, or where it is not plain which scale they are on."""
        seen = set(self._seen)
        if self.scale == "auto" and "0" in seen and "1" in seen and seen <= {"0", "1"}:
            raise TruthError(
                f"The column {self.column!r} holds only 0 and 1, which can mean two things: say --truth-scale binary "
                "where 0 is negative, or --truth-scale three where 0 is neutral."
            )
        if seen and sum(self._seen.values()) > sum(self.unread.values()):
            return
        values = ", ".join(repr(value) for value, _ in self.unread.most_common(_MOST_NAMED)) or "nothing"
        raise TruthError(
            f"The column {self.column!r} holds mostly values that are no polarity ({values}). Known are negative, "
            "neutral, positive (also neg/neu/pos, 负面/中性/正面, -1/0/1); for 0 and 1 say --truth-scale binary, for "
            "1 to 5 stars --truth-scale stars."
        )


def plain_value(value: object) -> str:
    """A truth value in one spelling: lower case, half width, `1.0` as `1`.

    >>> plain_value(" POS "), plain_value(1.0), plain_value("５"), plain_value(None)
    ('pos', '1', '5', '')
    """
    text = "" if value is None else unicodedata.normalize("NFKC", str(value)).strip().lower()
    text = text.replace("−", "-").removeprefix("+")
    return text[:-2] if text.endswith(".0") else text


def _from_stars(name: str) -> int | None:
    try:
        stars = float(_STAR_WORDS.get(name, name.removesuffix("星").removesuffix("stars").strip()))
    except ValueError:
        return None
    if not 0.5 <= stars <= 5:
        return None
    return NEGATIVE if stars <= 2 else POSITIVE if stars >= 4 else APART
