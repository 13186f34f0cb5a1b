"""Moments in the parameters and bodies of requests, as ISO 8601 or as seconds since 1970."""

import re

from corpora.values import read_time
from service.api.comments import shown
from service.api.documents import not_allowed
from service.api.intake import ZONE

_PLUS_LOST = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)")  # a + of an address means a blank


def read_moment(value: str | float, field: str) -> float:
    """A moment in seconds since 1970; one without a zone is Asia/Shanghai's. Raises a 422 `Problem`.

    >>> read_moment("2025-01-29T20:15:00 08:00", "since")
    1738152900.0
    """
    text = _PLUS_LOST.sub("+", value) if isinstance(value, str) and "T" in value else value
    moment = read_time(text, ZONE)
    if moment is None:
        raise not_allowed(
            field,
            value,
            f"{field} is {shown(value)}; it must be a time in ISO 8601, such as 2025-01-29T20:15:00+08:00, or seconds "
            "since 1970.",
        )
    return moment.timestamp()
