from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from model.words import Words
from service.monitor.alerts import AlertChange, AlertState, Share
from service.monitor.annotations import annotations as sentences
from service.monitor.explanation import Explanation, explain
from service.monitor.signals import OPENING_SHARE
from tests.service.monitor.said import NOON, Said, scored

CALM = [Said("剧情 挺 好看 的", 0.05, ("story",), author="a"), Said("和 家人 看 很 开心", 0.1, author="b")] * 50
ANGRY = [
    Said("广告 植入 太 多 了", 0.95, ("cinephile", "marketing"), likes=30, author="c"),
    Said("全程 都 是 广告 ， 退钱", 0.9, ("cinephile", "marketing"), likes=200, author="d"),
    Said("剧情 还 行 ， 演员 不错", 0.1, ("story",), author="e"),
] * 20


def cut(texts: Sequence[str]) -> Words:
    return Words.of([text.split() for text in texts])


def change(onset: int = 100, state: AlertState = "firing", **labels: str) -> AlertChange:
    return AlertChange(
        state=state,
        labels={"alertname": "backlash", "stream": "灯火", "signal": "negative", **labels},
        severity="warning",
        seq=onset + 59,
        time=NOON,
        onset_seq=onset,
        onset_time=NOON,
        started_seq=onset + 59,
        started=NOON,
        baseline=Share(0.05, 0.03, 0.09, 120),
        now=Share(0.4, 0.3, 0.5, 60),
        comments_to_alarm=60,
    )


def told(
    before: list[Said] = CALM, after: list[Said] = ANGRY, about: AlertChange | None = None, **given: Any
) -> Explanation:
    """What is told of ``before`` and ``after``, by default of a backlash that began with ``after``."""
    about = about or change(len(before))
    return explain(scored(before), scored(after, first=len(before)), about, cut, **given)


def test_the_onset_is_told_with_its_time_even_where_the_detector_was_late() -> None:
    late = told(CALM + ANGRY[:9], ANGRY[9:])
    assert (late.onset_seq, late.onset) == (100, NOON + 6_000)
    earliest, latest = late.onset_range
    assert earliest <= late.onset <= latest < late.onset + 1800
    assert late.document()["onset"] == "2019-02-05T13:40:00+08:00"


def test_the_shares_before_and_after_are_those_of_the_signal_with_intervals() -> None:
    found = told()
    assert 0.07 < found.before.value < 0.08 and 0.6 < found.after.value < 0.7
    assert found.before.high < found.after.low < found.after.value < found.after.high


def test_volume_is_a_rate_and_reach_are_the_likes() -> None:
    slow = [Said(each.text, each.negative, time=NOON + 3600 * place) for place, each in enumerate(CALM)]
    fast = [Said(each.text, each.negative, likes=2, time=slow[-1].time) for each in ANGRY]
    found = told(slow, fast)
    assert found.volume_before.per_hour == pytest.approx(100 / 99)
    assert (found.volume_after.comments, found.volume_after.likes) == (60, 120)
    assert found.volume_after.per_hour == 60 * 60  # of one moment, counted as of a minute


def test_who_and_what_moved_it_is_told() -> None:
    found = told()
    assert [each.name for each in found.circles] == ["cinephile"]
    assert [each.name for each in found.aspects] == ["marketing"]
    assert found.platforms == []


def test_platforms_are_told_where_there_are_several() -> None:
    def on(platform: str, said: list[Said]) -> list[Said]:
        return [Said(each.text, each.negative, platform=platform) for each in said]

    found = told(on("weibo", CALM) + on("douban", CALM), on("weibo", ANGRY) + on("douban", CALM[:60]))
    assert [each.name for each in found.platforms] == ["weibo"]


def test_the_terms_that_rose_are_those_of_the_angry_comments() -> None:
    assert "广告" in [each.term for each in told().terms] and "剧情" not in [each.term for each in told().terms]


def test_examples_are_different_and_the_most_liked_are_of_those_that_carry_the_signal() -> None:
    found = told(after=[*ANGRY, Said("好看 得 想 再 来 一 次", 0.02, likes=9_999)])
    assert [each.likes for each in found.most_liked] == [200, 30]
    assert all(each.p_negative > 0.8 for each in found.most_liked)
    shown = [each.text for each in found.representative]
    assert len(shown) == len(set(shown)) and shown[0] in {each.text for each in ANGRY[:2]}


def test_texts_that_are_kept_no_longer_are_in_no_term_and_no_example() -> None:
    found = told(after=[Said("", each.negative, each.facets, likes=each.likes) for each in ANGRY])
    assert (found.terms, found.representative, found.most_liked) == ([], [], [])
    assert found.after.value > 0.5


def test_a_copied_wave_neither_makes_nor_hides_the_change_and_is_told() -> None:
    found = told(after=ANGRY + [Said("全网 最佳 ， 不 看 后悔", 0.01, copy=True)] * 60)
    assert found.after == told().after
    assert found.origin == "coordinated" and found.copies.value == 0.5
    assert "雷同评论" in sentences(found)["summary_zh"]
    assert told().origin == "organic"


def test_accounts_are_counted_where_they_are_known() -> None:
    assert told().authors == 2
    assert told(after=[Said(negative=0.9)] * 20).authors is None


def test_a_poor_opening_is_set_against_the_baseline_and_says_who_carries_it() -> None:
    found = told([], ANGRY, change(0, alertname="poor_opening"))
    assert found.before.value == OPENING_SHARE and found.onset_seq == 0
    assert [each.name for each in found.circles] == ["cinephile"]
    said = sentences(found)
    assert said["summary_zh"].startswith("《灯火》开局口碑不佳：自 2 月 5 日 12:00 起负面占比 ")
    assert "而九成作品开局低于 47%" in said["summary_zh"] and "before" not in said["description"]


def test_an_alert_of_a_circle_is_told_from_its_comments_alone() -> None:
    found = told(CALM + ANGRY[2::3], ANGRY, change(120, circle="cinephile"))
    assert found.volume_after.comments == 40 and found.circles == []
    assert "影迷圈层负面占比" in sentences(found)["summary_zh"]


def test_a_circle_that_rises_is_not_what_it_comes_from() -> None:
    found = told(about=change(alertname="circle_rise", signal="circle", circle="cinephile"))
    assert found.circles == [] and [each.name for each in found.aspects] == ["marketing"]
    assert found.lift is not None and found.lift == pytest.approx(found.after.value / 0.05)
    assert found.negative.value > 0.9
    assert "影迷圈层占比自" in sentences(found)["summary_zh"] and "倍" in sentences(found)["summary_zh"]


def test_women_are_counted_among_those_who_declare_their_gender() -> None:
    men, women, silent = Said(gender="male"), Said(gender="female"), Said()
    found = told([men, men, silent] * 20, [women, silent] * 20, change(60, alertname="circle_rise", signal="women"))
    assert (found.before.comments, found.after.comments, found.after.value) == (40, 20, 1)
    assert "女性观众占比" in sentences(found)["summary_zh"]


def test_a_breakout_names_the_circles_outside_the_core() -> None:
    about = change(alertname="breakout", signal="non_core")
    found = told(about=about, core=("comedy", "family"))
    assert [each.name for each in found.circles] == ["cinephile"]
    assert told(about=about, core=("cinephile", "comedy")).circles == []
    assert "正在破圈：核心圈层以外的声音自" in sentences(found)["summary_zh"]


def test_a_coordinated_wave_is_told_from_the_copies() -> None:
    copied = [replace(each, copy=place % 3 < 2) for place, each in enumerate(ANGRY)]
    found = told(after=copied, about=change(alertname="coordinated", signal="copies"))
    assert found.before.value == 0 and found.after.value == pytest.approx(2 / 3)
    assert {each.text for each in found.representative} <= {each.text for each in ANGRY[:2]}
    assert "疑似有人集中刷评" in sentences(found)["summary_zh"]


def test_a_new_segment_is_told_from_its_members() -> None:
    members = np.array([False] * 100 + [True, True, False] * 20)
    found = told(about=change(alertname="new_segment", segment="s1"), members=members)
    assert found.after.value == pytest.approx(2 / 3)
    assert "常提“" in sentences(found)["summary_zh"]


@pytest.mark.parametrize(
    ("signal", "chinese"), [("exit", "劝退和退票评论占比"), ("marketing", "吐槽宣传营销的评论占比")]
)
def test_a_backlash_says_which_signal_rose(signal: str, chinese: str) -> None:
    facet = {"exit": "refund", "marketing": "marketing"}[signal]
    found = told(after=[Said("退钱 退钱", 0.9, (facet,))] * 20, about=change(signal=signal))
    assert found.after.value > 0.7 and chinese in sentences(found)["summary_zh"]
    assert "集中在" not in sentences(found)["summary_zh"]


def test_the_sentences_say_what_a_marketer_acts_on() -> None:
    said = sentences(told())
    assert said["summary_zh"] == (
        "《灯火》负面占比自 2 月 5 日 13:40 起由 7.5% 升至 65%（95% 区间 55%–74%），主要来自影迷圈层，集中在宣传营销。"
    )
    assert said["summary"] == (
        "灯火: negative share rose from 7.5 % to 65 % (95 %: 55–74 %) since 5 Feb 2019 13:40, 100 % of it from "
        "Cinephiles, about marketing and hype."
    )
    assert "Terms that rose: " in said["description"] and "Baseline: 7.5 % (6.7–8.4 %)" in said["description"]


def test_a_resolved_alert_says_so() -> None:
    said = sentences(told(about=change(state="resolved")))
    assert said["summary_zh"].endswith("，目前已回落。") and said["summary"].endswith("; resolved.")


def test_the_document_is_json_of_plain_figures() -> None:
    document = orjson.loads(orjson.dumps(told(work="灯火里的人").document()))
    assert document["work"] == "灯火里的人" and document["circles"][0]["chinese"] == "影迷·文艺"
    assert set(document["most_liked"][0]) == {"seq", "time", "text", "likes", "platform", "p_negative"}
    assert document["before"]["low"] <= document["before"]["value"] <= document["before"]["high"]


def test_a_long_comment_is_cut_short_in_the_document() -> None:
    document = told(after=[Said("注水" * 400, 0.9, likes=3)] * 20).document()
    assert len(document["most_liked"][0]["text"]) == 300 and document["most_liked"][0]["text"].endswith("…")


def test_the_same_comments_always_tell_the_same() -> None:
    assert told() == told()


def test_an_alert_without_comments_or_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="None of the 0 comments"):
        told(after=[])
    with pytest.raises(ValueError, match="'weather'"):
        told(about=change(alertname="weather"))
    with pytest.raises(ValueError, match="'gamer' of an alert is none"):
        told(about=change(circle="gamer"))
