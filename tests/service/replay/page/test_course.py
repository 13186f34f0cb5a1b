import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.replay.report import render_report
from tests.service.replay.page.documents import alert, balanced, course, document, point


@pytest.mark.parametrize("unknown", ["negative", "positive", "outside_core", "effective_circles"])
def test_what_is_unknown_in_an_hour_breaks_its_line(unknown: str) -> None:
    points = [point(hour) for hour in range(48)]
    whole = render_report(document(series={"points": points}))
    points[20] = point(20) | {unknown: None}
    assert render_report(document(series={"points": points})).count('class="curve') == whole.count('class="curve') + 1


def test_empty_hours_are_no_zero() -> None:
    points = [point(hour) for hour in range(48)]
    nothing = {"value": 0.0, "low": 0.0, "high": 1.0}
    empty = {"negative": nothing, "positive": nothing, "outside_core": None, "effective_circles": None, "circles": {}}
    later = [*points, point(48, comments=0, **empty)]
    assert render_report(document(series={"points": later})) == render_report(document(series={"points": points}))


def test_an_hour_of_copies_alone_tells_nothing_of_the_mood() -> None:
    points = [point(hour) for hour in range(48)]
    whole = render_report(document(series={"points": points})).count('class="curve negative"')
    points[20] = point(20, organic=0, copies=50, negative={"value": 0.0, "low": 0.0, "high": 1.0})
    page = render_report(document(series={"points": points}))
    assert page.count('class="curve negative"') == whole + 1
    assert "其中雷同评论" in page


def test_hours_of_few_comments_are_drawn_together() -> None:
    spiky = render_report(document(series={"points": course([0.0, 1.0] * 24, comments=2)}))
    calm = render_report(document(series={"points": course([0.5] * 48, comments=2)}))
    lines = [re.findall('<path class="curve negative" d="([^"]*)"', page) for page in (spiky, calm)]
    assert lines[0] == lines[1]


def test_a_long_thin_tail_is_left_out_and_said_to_be() -> None:
    tail = [point(48 + 24 * day, comments=1) for day in range(40)]
    points = [*(point(hour) for hour in range(48)), *tail]
    assert "其后 1.6% 的评论未画" in render_report(document(series={"points": points}))


def test_no_tail_is_left_out_that_an_alert_is_in() -> None:
    tail = [point(48 + 24 * day, comments=1) for day in range(40)]
    late = alert(hour=48 + 24 * 39)
    points = [*(point(hour) for hour in range(48)), *tail]
    assert "的评论未画" not in render_report(document(series={"points": points}, alerts=[late]))


def test_ten_years_of_hours_make_no_larger_page_than_a_month() -> None:
    month, years = (
        len(render_report(document(series={"points": [point(hour * step) for hour in range(30 * 24)]})))
        for step in (1, 120)
    )
    assert years < 1.5 * month < 300_000


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 500), st.floats(0, 1), st.floats(0, 0.5)), max_size=60),
    st.sampled_from(["backlash", "coordinated", "an_unheard_of_alert"]),
)
def test_any_course_can_be_drawn(hours: list[tuple[int, int, float, float]], alertname: str) -> None:
    points = [
        point(hour, comments, negative={"value": value, "low": max(0.0, value - half), "high": min(1.0, value + half)})
        for hour, comments, value, half in sorted({hour[0]: hour for hour in hours}.values())
    ]
    page = render_report(document(series={"points": points}, alerts=[alert(alertname)]))
    assert balanced(page)
    assert "nan" not in re.sub("<style>.*?</style>|[a-z]{4,}", "", page, flags=re.DOTALL)
