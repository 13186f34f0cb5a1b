import re

from service.replay.report import render_report
from tests.service.replay.page.documents import alert, at, document, headline, plain, proposal, quote, section


def test_alerts_are_told_by_their_weight_then_by_time() -> None:
    alerts = [alert("breakout", hour=3), alert(hour=30), alert("coordinated", hour=9), alert(hour=21)]
    cards = re.findall("<h3>(.*?) <i", section(render_report(document(alerts=alerts)), "alerts"))
    assert cards == ["口碑反噬", "口碑反噬", "疑似水军", "破圈"]


def test_an_alert_is_explained() -> None:
    card = plain(section(render_report(document()), "alerts"))
    for told in (
        "转差了。",
        "退票1.0% → 8.0%",
        "自发 organic",
        "警告 warning",
        "抖音 · 77 赞 · 2月10日 20:00 · 第 1,234 条",
    ):
        assert told in card
    assert "亲子家庭 64%11% → 22%13% → 57%" in card
    assert "起变后 90 条评论，获赞 60每小时 50 → 80 条相关评论出自 41 个账号雷同评论 3.0%对照基线 11%" in card


def test_a_comment_stands_in_a_card_once() -> None:
    why = alert()["explanation"] | {"most_liked": [quote(), quote(seq=1300, text="等下映吧")]}
    card = section(render_report(document(alerts=[alert(explanation=why)])), "alerts")
    assert (card.count("预告骗人"), card.count("等下映吧")) == (1, 1)


def test_what_is_not_known_of_an_alert_is_not_told() -> None:
    why = alert()["explanation"] | {"origin": None, "copies": None, "authors": None}
    card = plain(section(render_report(document(alerts=[alert(explanation=why)])), "alerts"))
    assert not any(told in card for told in ("自发", "雷同评论", "个账号"))


def test_an_alert_whose_comments_are_gone_is_told_by_its_own_shares() -> None:
    bare = {name: value for name, value in alert(annotations={}).items() if name != "explanation"}
    page = render_report(document(alerts=[bare]))
    assert headline(page).endswith("从 11% 升到 30%")
    assert "第 1,090 条，起变后 90 条、1.5 小时" in page


def test_the_alert_of_a_new_segment_shows_its_terms_and_examples() -> None:
    card = section(render_report(document(alerts=[proposal()], segments=[])), "alerts")
    for told in ("新人群 · 带娃、儿童票", "停车", "一家三口光停车就花了半小时", "占无圈层评论 1.0% → 4.0%"):
        assert told in card


def test_the_alert_of_a_coordinated_wave_shows_the_copied_texts() -> None:
    groups = [{"id": 7, "began": at(20), "size": 30, "authors": 12, "text": "年度最佳，闭眼冲"}]
    card = plain(section(render_report(document(alerts=[alert("coordinated", groups=groups)])), "alerts"))
    assert "被复制的文本 Copied texts年度最佳，闭眼冲30 条 · 12 个账号" in card


def test_suspicions_that_were_never_sure_are_counted() -> None:
    assert "另有 3 处可疑但始终未能确认" in render_report(document(unconfirmed=3))
    assert "可疑" not in render_report(document())
