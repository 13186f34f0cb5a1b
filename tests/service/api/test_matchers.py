import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.matchers import LONGEST_PATTERN, check_pattern


@pytest.mark.parametrize(
    "pattern",
    ["weibo|douyin", "film-.*", ".*卫星.*", "(weibo|douyin)-[0-9]+", r"a\+\(b\)\*", "[*+?()]{3}", "", "[]+*?]x"],
)
def test_usual_patterns_are_taken(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a+)+", "may take too long"),
        ("(a|a)*", "may take too long"),
        (".*.*.*.*x", "may take too long"),
        ("a?a?a?a?aaaa", "may take too long"),
        ("(a|a)(a|a)(a|a)(a|a)", "may take too long"),
        (r"(a)\1", "may take too long"),
        ("(?=a)a", "may take too long"),
        ("(?x)a", "may take too long"),
        ("(", "no regular expression"),
        ("a" * (LONGEST_PATTERN + 1), "101 characters, and 100 are allowed"),
    ],
)
def test_what_could_keep_the_service_busy_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_pattern(pattern)


@given(st.text("ab.*+?(){}[]|\\^$1,", max_size=20))
def test_whatever_is_taken_can_be_matched(pattern: str) -> None:
    try:
        check_pattern(pattern)
    except ValueError:
        return
    re.fullmatch(pattern, "ab" * 150)
