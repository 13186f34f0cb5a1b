import copy
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.replay.report import render_report

START = datetime(2024, 2, 9, 16, tzinfo=UTC)  # midnight in China
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;$title{}"
KEPT = {"alertname", "state", "severity", "startsAt", "endsAt", "time", "start", "end", "from", "to"}


def at(hour: float) -> str:
    return (START + timedelta(hours=hour)).isoformat()


def share(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.02, "high": value + 0.02, "comments": 100}


def point(hour: float, comments: int = 50, **changes: Any) -> dict[str, Any]:
    known = {"negative": share(0.1), "positive": share(0.5), "non_core": share(0.2), "effective_circles": 4.2}
    counts = {"comments": comments, "likes": 9, "copies": 1, "circles": {"family": 0.2, "own_circle": 0.1}}
    return {"start": at(hour), "end": at(hour + 1)} | counts | known | changes


def moved(name: str, **changes: Any) -> dict[str, Any]:
    shares = {"share_before": 0.1, "share_after": 0.2, "negative_before": 0.1, "negative_after": 0.5}
    return {"name": name} | shares | {"contribution": 0.1} | changes


def alert(alertname: str = "backlash", **changes: Any) -> dict[str, Any]:
    quote = {"seq": 1234, "time": at(20), "text": "预告骗人", "likes": 77, "platform": "douyin", "p_negative": 0.93}
    return {
        "labels": {"alertname": alertname, "signal": "negative", "severity": "warning", "stream": "s"},
        "annotations": {"summary": "It turned.", "summary_zh": "转差了。", "description": "By parents."},
        "startsAt": at(21.5),
        "endsAt": None,
        "state": "firing",
        "fingerprint": "0123456789abcdef",
        "onset": {"time": at(20), "comment": 1000},
        "detected": {"time": at(21.5), "comment": 1090},
        "explanation": {
            "before": share(0.12),
            "after": share(0.34),
            "volume": {"before_per_hour": 50, "after_per_hour": 80},
            "reach": {"likes_before": 5, "likes_after": 60},
            "moved": {"circles": [moved("family", name_zh="亲子家庭")], "platforms": [moved("weibo")], "aspects": []},
            "terms": [{"term": "退票", "z": 6.5, "before": 0.01, "after": 0.08}],
            "representative": [quote],
            "most_liked": [quote],
            "origin": "organic",
            "baseline": {"value": 0.11},
        },
    } | changes


def document(**changes: Any) -> dict[str, Any]:
    segment = {"id": "s1", "terms": ["带娃", "儿童票"], "size": 80, "share": 0.04, "growth": 2.5, "coherence": 0.7}
    return {
        "poquan": "0.1.0",
        "model": "m1",
        "source": "dump.csv",
        "stream": "年夜饭",
        "comments": 2400,
        "from": at(0),
        "to": at(48),
        "bucket": "1h",
        "alerts": [alert()],
        "segments": [segment | {"examples": ["儿童票也不便宜"], "state": "proposed"}],
        "series": {"points": [point(hour) for hour in range(48)]},
    } | changes


TRUTH = {
    "episodes": [{"from": at(19), "to": at(30), "comment": 950}],
    "detectors": [
        {
            "name": name,
            "episodes_found": 1,
            "episodes": 1,
            "false_alarms": 0,
            "mean_delay_comments": 140,
            "alarms": [90],
        }
        for name in ("poquan", "ADWIN")
    ],
}


def headline(page: str) -> str:
    found = re.search("<h1>(.*?)</h1>", page)
    assert found
    return re.sub("<.*?>", "", found[1])


class Balance(HTMLParser):
    """Fails on an end tag that does not close the innermost element."""

    open_tags: list[str]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "link", "br"):
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag


def balanced(page: str) -> bool:
    parser = Balance()
    parser.open_tags = []
    parser.feed(page)
    return parser.open_tags == []


def hostile(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: hostile(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE if isinstance(value, str) and key not in KEPT else value


def test_a_turn_is_the_headline_with_its_china_time_and_shares() -> None:
    assert headline(render_report(document())) == "2月10日 20:00，口碑转差：负面占比从 12% 升到 34%"


def test_the_delay_is_told_in_comments_and_time_in_both_languages() -> None:
    page = render_report(document())
    assert "从第 1,000 条评论起变，到第 1,090 条报警，隔 90 条评论、1.5 小时。" in page
    assert "Word of mouth turned at comment 1,000, told 90 comments (1.5 h) later: negative share 12% to 34%." in page


def test_a_bad_opening_is_told_apart_from_a_turn() -> None:
    page = render_report(document(alerts=[alert("poor_opening")]))
    assert headline(page) == "2月10日 20:00，开局不佳：负面占比高于预期的 12%，达到 34%"


def test_a_turn_of_the_whole_stream_goes_before_an_earlier_one_of_a_circle() -> None:
    labels = {"alertname": "backlash", "signal": "negative", "stream": "s", "circle": "family"}
    earlier = alert(labels=labels, startsAt=at(15), onset={"time": at(14), "comment": 700}, fingerprint="f")
    assert headline(render_report(document(alerts=[alert(), earlier]))).startswith("2月10日 20:00，口碑转差：负面占比")
    assert headline(render_report(document(alerts=[earlier]))).startswith("2月10日 14:00，口碑转差：亲子家庭负面占比")


def test_a_suspicion_that_was_not_confirmed_is_no_alert() -> None:
    dropped = alert(state="resolved", endsAt=at(22), reason="not confirmed")
    assert "监测全程没有发出任何警报。" in render_report(document(alerts=[dropped]))


def test_a_stream_without_a_turn_is_quiet_whatever_else_happened() -> None:
    page = render_report(document(alerts=[alert("breakout"), alert(state="pending")]))
    assert headline(page) == "全程平稳：2,400 条评论里，口碑没有转差"
    assert "另有：破圈。" in page


def test_an_alert_is_explained() -> None:
    page = render_report(document())
    for told in ("退票", "预告骗人", "抖音 · 77 赞", "第 1,234 条", "亲子家庭", "微博", "自发 organic", "警告 warning"):
        assert told in page
    assert "每小时评论 comments/h 50 → 80 · 获赞 likes 5 → 60 · 对照基线 baseline 11%" in page


def test_an_alert_without_an_explanation_is_shown_all_the_same() -> None:
    bare = {name: value for name, value in alert().items() if name not in ("explanation", "annotations")}
    assert "估计起点" in render_report(document(alerts=[bare]))


def test_the_documents_of_the_service_are_read_as_they_are() -> None:
    told, plain = document(), document()
    before, after = {"comments": 9, "per_hour": 50.0, "likes": 5}, {"comments": 9, "per_hour": 80.0, "likes": 60}
    shares = {
        "share": {"before": share(0.1), "after": share(0.2)},
        "signal": {"before": share(0.1), "after": share(0.5)},
    }
    why = {name: value for name, value in alert()["explanation"].items() if name not in ("moved", "reach")}
    why |= {"volume": {"before": before, "after": after}, "aspects": []}
    why["circles"] = [{"name": "family", "chinese": "亲子家庭", "part": share(0.1), **shares}]
    why["platforms"] = [{"name": "weibo", "chinese": "微博", "part": share(0.1), **shares}]
    told["alerts"] = [alert(explanation=why)]
    told["segments"][0]["terms"] = [{"term": "带娃", "z": 4.0}, {"term": "儿童票", "z": 3.0}]
    for each in told["series"]["points"]:
        each["circles"] = {key: {"share": share(value), "penetration": None} for key, value in each["circles"].items()}
        each["outside_core"] = each.pop("non_core")
        each["effective_circles"] = share(each["effective_circles"])
    assert render_report(told) == render_report(plain)


def test_segments_are_named_by_their_terms() -> None:
    page = render_report(document())
    assert "带娃·儿童票" in page
    assert "儿童票也不便宜" in page
    assert "没有发现新人群" in render_report(document(segments=[]))


def test_circles_go_by_their_names_and_own_ones_by_their_key() -> None:
    page = render_report(document(alerts=[]))
    assert "亲子家庭" in page
    assert "own_circle" in page


def test_the_truth_is_shown_where_there_is_one() -> None:
    assert "与真值对照" not in render_report(document())
    page = render_report(document(truth=TRUTH))
    assert "与真值对照" in page
    assert page.count('<tr class="ours">') == 1


def test_no_text_of_the_document_becomes_markup() -> None:
    page = render_report(hostile(document(truth=TRUTH)))
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;alert(1)") > 20
    assert balanced(page)


def test_the_page_asks_nothing_of_the_network() -> None:
    page = render_report(document(truth=TRUTH))
    assert "default-src 'none'" in page
    assert re.findall(r"https?://[^'\"\s]+", page) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"\bsrc=|@import|url\(", page)


def test_no_field_of_the_page_is_left_open() -> None:
    page = render_report(document(truth=TRUTH))
    assert not re.search(r"\$[a-z_]+", page)
    assert "<!-- part" not in page


@pytest.mark.parametrize("unknown", ["negative", "positive", "non_core", "effective_circles"])
def test_what_is_unknown_in_an_hour_breaks_its_line(unknown: str) -> None:
    points = [point(hour) for hour in range(48)]
    whole = render_report(document(series={"points": points}))
    points[20] = point(20) | {unknown: None}
    assert render_report(document(series={"points": points})).count('class="curve') == whole.count('class="curve') + 1


def test_empty_hours_are_no_zero() -> None:
    points = [point(hour) for hour in range(48)]
    empty: dict[str, Any] = {
        "negative": None,
        "positive": None,
        "non_core": None,
        "effective_circles": None,
        "circles": {},
    }
    later = [*points, point(48, comments=0, **empty)]
    assert render_report(document(series={"points": later})) == render_report(document(series={"points": points}))


def test_a_dump_without_comments_has_a_report() -> None:
    page = render_report(document(comments=0, alerts=[], segments=[], series={"points": []}))
    assert "没有评论" in page
    assert balanced(page)


def test_a_long_thin_tail_is_left_out_and_said_to_be() -> None:
    tail = [point(48 + 24 * day, comments=1) for day in range(40)]
    points = [*(point(hour) for hour in range(48)), *tail]
    assert "其后 1.6% 的评论未画" in render_report(document(series={"points": points}))


def test_no_tail_is_left_out_that_an_alert_is_in() -> None:
    tail = [point(48 + 24 * day, comments=1) for day in range(40)]
    late = alert(startsAt=at(48 + 24 * 39), detected={"time": at(48 + 24 * 39), "comment": 2439})
    points = [*(point(hour) for hour in range(48)), *tail]
    assert "的评论未画" not in render_report(document(series={"points": points}, alerts=[late]))


def test_ten_years_of_hours_make_no_larger_page_than_a_month() -> None:
    month, years = (
        len(render_report(document(series={"points": [point(hour * step) for hour in range(30 * 24)]})))
        for step in (1, 120)
    )
    assert years < 1.5 * month < 300_000


def test_the_document_is_left_as_it_was() -> None:
    given_one = document(truth=TRUTH)
    before = copy.deepcopy(given_one)
    render_report(given_one)
    assert given_one == before


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
