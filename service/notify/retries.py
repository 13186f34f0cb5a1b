"""What becomes of a delivery after an attempt: it has arrived, is tried again later, or is dead."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

ATTEMPTS = 12
"""Attempts before a delivery is dead."""
FIRST_WAIT = 1.0
"""Seconds between the first attempt and the second; each further wait is twice the one before."""
LONGEST_WAIT = 3600.0
"""Seconds that the waits grow to."""
LONGEST_ASKED = 24 * 3600.0
"""Most seconds that a receiver may ask to be spared by `Retry-After`."""

_PASSING = frozenset({408, 429})  # refusals that may not last; all else of 4xx will


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: `status` of the answer, None where there was none, and its `Retry-After`.

    `error` says what went wrong, as may be logged, `detail` the rest of it, as may not; both are empty where nothing
    did. `lasting`: trying again cannot help.
    """

    status: int | None = None
    error: str = ""
    detail: str = ""
    retry_after: str | None = None
    lasting: bool = False


def answered(status: int, detail: str = "", retry_after: str | None = None) -> Outcome:
    """Judge an answer: 2xx has arrived; 408, 429 and 5xx may be tried again, and nothing else.

    >>> answered(204).error, answered(503).lasting, answered(404).lasting
    ('', False, True)
    """
    if 200 <= status < 300:
        return Outcome(status)
    lasting = status < 500 and status not in _PASSING
    return Outcome(status, f"It answered {status}.", detail, retry_after, lasting)


def wait(attempts: int, retry_after: str | None, now: float, chance: float) -> float:
    """Give the seconds until the next attempt after `attempts` (from 1) have failed.

    They double from `FIRST_WAIT` to `LONGEST_WAIT`; `chance` in [0, 1) takes off up to half, so that those who failed
    together do not come back together. A `Retry-After`, in seconds or as a date, makes them longer, never shorter.

    >>> [wait(attempts, None, now=0, chance=0) for attempts in (1, 2, 3, 30)]
    [1.0, 2.0, 4.0, 3600.0]
    >>> wait(1, "120", now=0, chance=0)
    120.0
    """
    grown = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 60))
    return max(grown * (1 - chance / 2), min(LONGEST_ASKED, _asked(retry_after, now)))


def _asked(retry_after: str | None, now: float) -> float:
    given = (retry_after or "").strip()
    if given.isdecimal() and given.isascii():
        return float(given[:12])
    try:
        date = parsedate_to_datetime(given)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, OverflowError):
        return 0.0
