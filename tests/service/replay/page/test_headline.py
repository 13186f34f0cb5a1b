import re

import pytest

from service.replay.report import render_report
from tests.service.replay.page.documents import RETURNED, SETTLED, alert, document, headline, over, proposal


def test_a_turn_is_the_headline_with_its_china_time_and_shares() -> None:
    assert headline(render_report(document())) == "2月10日 20:00，口碑转差：负面占比从 12% 升到 34%"


def test_the_delay_and_the_end_are_told_in_both_languages() -> None:
    page = render_report(document())
    assert "从第 1,000 条评论起变，到第 1,090 条报警，隔 90 条评论、1.5 小时；到最后仍未回落。" in page
    assert "at comment 1,000, told 90 comments (1.5 h) later: negative share 12% to 34%; not over at the end." in page


def test_a_turn_that_is_over_is_told_so_and_one_that_became_normal_is_not_called_over() -> None:
    page = render_report(document(alerts=[over(RETURNED)]))
    assert "口碑一度转差" in headline(page) and "报警 10.0 小时后回落" in page and "已回落 resolved" in page
    page = render_report(document(alerts=[over(SETTLED)]))
    assert "口碑转差" in headline(page) and "10.0 小时后这一水平已成常态" in page
    assert "已成常态 settled" in page and "已回落" not in page


def test_who_and_what_is_behind_the_turn_is_told_below_it() -> None:
    told = re.findall("<dt>([^<]*)</dt><dd>([^<]*)</dd>", render_report(document()))
    assert told[:4] == [("谁", "亲子家庭"), ("在哪", "微博"), ("升温的词", "退票"), ("来路", "自发")]


def test_a_bad_opening_is_told_apart_from_a_turn() -> None:
    page = render_report(document(alerts=[alert("poor_opening")]))
    assert headline(page) == "2月10日 20:00，开局不佳：负面占比高于预期的 12%，达到 34%"


@pytest.mark.parametrize("apart", [{"circle": "family"}, {"platform": "weibo"}, {"signal": "marketing"}])
def test_a_turn_of_the_whole_stream_goes_before_an_earlier_one_of_a_part(apart: dict[str, str]) -> None:
    earlier = alert(hour=15.5, labels=alert()["labels"] | apart, fingerprint="part")
    assert headline(render_report(document(alerts=[earlier, alert()]))).startswith("2月10日 20:00，口碑转差：负面占比")
    assert headline(render_report(document(alerts=[earlier]))).startswith("2月10日 14:00，口碑转差：")


def test_a_turn_that_lasts_goes_before_an_earlier_one_that_is_over() -> None:
    page = render_report(document(alerts=[over(RETURNED, hour=15.5), alert()]))
    assert headline(page).startswith("2月10日 20:00")
    assert "另有：又一次口碑反噬。" in page


def test_a_stream_without_a_turn_is_quiet_whatever_else_happened() -> None:
    page = render_report(document(alerts=[alert("breakout"), proposal()]))
    assert headline(page) == "全程平稳：2,400 条评论里，口碑没有转差"
    assert "另有：破圈、新人群 1 个。" in page
    assert "监测全程没有发出任何警报。" in render_report(document(alerts=[]))


def test_times_are_told_to_the_nearest_minute_as_in_the_sentences() -> None:
    late = alert(onset={"time": "2024-02-10T15:53:45+00:00", "comment": 1000})
    assert headline(render_report(document(alerts=[late]))).startswith("2月10日 23:54")
