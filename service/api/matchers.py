"""The matchers of a silence: which patterns may be given, so that none can keep the service busy."""

import re
import warnings

LONGEST_PATTERN = 100
"""Most characters of a pattern; values it is held against have a few hundred at most."""

MOST_CHOICES = 3
"""Most quantifiers and groups of a pattern together: a match then takes milliseconds at the worst."""

_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPED = re.compile(r"\\[^0-9]", re.DOTALL)


def check_pattern(pattern: str) -> None:
    """Raise ValueError unless a pattern is a regular expression that is surely matched in no time.

    Python's matching goes back and tries again wherever there was a choice, and choices multiply. So a pattern has at
    most `MOST_CHOICES` quantifiers and groups together, and no group is repeated, looked around or referred to.

    >>> check_pattern("weibo|douyin"), check_pattern("film-.*")
    (None, None)
    """
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"The pattern has {len(pattern)} characters, and {LONGEST_PATTERN} are allowed; shorten it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # such as || within [ ]: later Pythons read it otherwise
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise ValueError(f"The pattern {pattern!r} is no regular expression ({error}); correct it.") from None
    bare = _CLASS.sub("x", _ESCAPED.sub("x", pattern))  # what has a meaning of its own
    choices = sum(bare.count(each) for each in "*+?{(")
    if re.search(r"\)[*+?{]|\(\?|\\", bare) or choices > MOST_CHOICES:
        raise ValueError(
            f"The pattern {pattern!r} may take too long to match: it may have {MOST_CHOICES} of * + ? {{ and groups, "
            "and no group that is repeated or begins with (?; write several matchers or several silences instead."
        )
