import copy
import re
from typing import Any

from service.replay.report import render_report
from tests.service.replay.page.documents import TRUTH, alert, balanced, document, proposal

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;$title{}"
KEPT = {"alertname", "state", "startsAt", "endsAt", "time", "start", "end", "from", "to", "onset_range", "origin"}


def hostile(value: Any, key: str = "") -> Any:
    if key in KEPT:
        return value
    if isinstance(value, dict):
        return {name: hostile(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE if isinstance(value, str) else value


def test_no_text_of_the_document_becomes_markup() -> None:
    page = render_report(hostile(document(truth=TRUTH, alerts=[alert(), proposal()])))
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


def test_a_dump_without_comments_has_a_report() -> None:
    page = render_report(document(comments=0, alerts=[], segments=[], series={"points": []}))
    assert "没有评论" in page
    assert balanced(page)


def test_the_document_is_left_as_it_was() -> None:
    given_one = document(truth=TRUTH)
    before = copy.deepcopy(given_one)
    render_report(given_one)
    assert given_one == before
