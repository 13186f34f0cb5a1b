"""The alerts, each with when it was and why."""

from collections.abc import Sequence

from service.replay.page import Doc
from service.replay.page.drawing import Scale, ceiling
from service.replay.page.figures import moment, percent
from service.replay.page.markup import Html, block, calm, facts, join, part, section
from service.replay.page.saying import copied, examples, naming_terms, quotes, terms_that_rose
from service.replay.page.segments import segment_facts
from service.replay.page.wording import ORIGINS, SEVERITIES, about, both, kind, lasted, signal, state, waited

_MOVED = {"circles": ("圈层", "Circles"), "platforms": ("平台", "Platforms"), "aspects": ("话题", "Aspects")}
_MOST_MOVED = 6
_LEAST_AXIS = 0.05  # of shares


def alert_cards(alerts: Sequence[Doc], unconfirmed: int) -> Html:
    """Give a card for each alert; ``unconfirmed`` is how many were suspected and never sure."""
    note = (
        "起点是事后估计的变化开始处，报警是当时能确定的时刻。"
        + (f"另有 {unconfirmed:,} 处可疑但始终未能确认，不列出。" if unconfirmed else "")
        + "The onset is estimated; the alert came once it was sure."
        + (f" Not listed: {unconfirmed:,} suspected, never sure." if unconfirmed else "")
    )
    cards = join(_card(alert) for alert in alerts) or calm("没有警报", "No alerts")
    return section("alerts", "警报与缘由", "Alerts and why", cards, note)


def _card(alert: Doc) -> Html:
    why, labels, told = alert.get("explanation"), alert["labels"], alert["annotations"]
    chips = [(both(SEVERITIES, labels["severity"]), "on"), (state(alert), "")]
    if why and why["origin"]:
        chips.append((both(ORIGINS, why["origin"]), ""))
    chinese, english = about(alert)
    return part(
        "alert",
        kind=kind(alert),
        name=chinese,
        name_en=english,
        chips=join(part("chip", text=text, kind=each) for text, each in chips),
        summary_zh=told.get("summary_zh", ""),
        summary=told.get("summary", ""),
        times=_times(alert),
        facts=facts(_circumstances(why)) if why else "",
        why=_segment(alert["segment"]) if "segment" in alert else _why(why, signal(alert)[0]) if why else "",
        said=join([_copied(alert.get("groups", [])), _said(why) if why else Html()]),
    )


def _times(alert: Doc) -> Html:
    onset, detected = alert["onset"], alert["detected"]
    delay = f"第 {detected['comment']:,} 条，起变后 {detected['comment'] - onset['comment']:,} 条、{waited(alert)[0]}"
    ended, more = "", "仍在进行"
    if alert["endsAt"]:
        ended, more = moment(alert["endsAt"]), f"持续 {lasted(alert)[0]}"
    shown = [
        ("估计起点", "Onset", moment(onset["time"]), f"第 {onset['comment']:,} 条"),
        ("报警", "Detected", moment(detected["time"]), delay),
        ("结束", "Ended", ended, more),
    ]
    return join(
        part("time", label=label, english=english, time=time, more=more) for label, english, time, more in shown
    )


def _circumstances(why: Doc) -> list[str]:
    """How much was said, by how many, against which baseline, and how sure the onset is."""
    before, after = why["volume"]["before"], why["volume"]["after"]
    earliest, latest = map(moment, why["onset_range"])
    hourly = (
        f"{before['per_hour']:,.0f} → {after['per_hour']:,.0f}" if before["comments"] else f"{after['per_hour']:,.0f}"
    )
    return [
        f"起变后 {after['comments']:,} 条评论" + (f"，获赞 {after['likes']:,}" if after["likes"] else ""),
        f"每小时 {hourly} 条",
        f"相关评论出自 {why['authors']:,} 个账号" if why["authors"] is not None else "",
        f"雷同评论 {percent(why['copies']['value'])}" if why["copies"] else "",
        f"对照基线 {percent(why['baseline']['value'])}",
        f"起点 95% 在 {earliest} – {latest}" if earliest != latest else "",
    ]


def _why(why: Doc, of: str) -> Html:
    return join(
        [
            block("占比变化", "Share, 95 % interval", _intervals(why)),
            *(block(*names, _moved(why[key], of)) for key, names in _MOVED.items()),
            block("升温的词", "Terms that rose", terms_that_rose(why["terms"])),
        ]
    )


def _said(why: Doc) -> Html:
    """The comments; those that stand for the change are not told again among the most liked."""
    told = {each["seq"] for each in why["representative"]}
    liked = [each for each in why["most_liked"] if each["seq"] not in told]
    return join(
        [
            block("有代表性的评论", "Representative comments", quotes(why["representative"], "hot")),
            block("获赞最多的其他评论", "Most liked of the others", quotes(liked, "")),
        ]
    )


def _copied(groups: Sequence[Doc]) -> Html:
    """The texts that a coordinated wave copies, each by the comment its group began with."""
    return block("被复制的文本", "Copied texts", copied(groups))


def _segment(segment: Doc) -> Html:
    return join(
        [
            block("常提的词", "Terms that name it", join([naming_terms(segment["terms"]), segment_facts(segment)])),
            block("例子", "Examples", examples(segment["examples"])),
        ]
    )


def _intervals(why: Doc) -> Html:
    known = [("was", "之前", "before", why["before"]), ("now", "之后", "after", why["after"])]
    scale = Scale(0, ceiling([share["high"] for *_, share in known], _LEAST_AXIS), 0, 100)
    return join(
        part(
            "interval",
            kind=kind,
            label=chinese,
            english=english,
            start=f"{scale(share['low'])}%",
            wide=f"{scale(share['high']) - scale(share['low']):.1f}%",
            at=f"{scale(share['value'])}%",
            **{name: percent(share[name]) for name in ("value", "low", "high")},
        )
        for kind, chinese, english, share in known
    )


def _moved(movers: Sequence[Doc], of: str) -> Html:
    """Groups of comments: how much of the change each carries, its share of all, and the signal's share in it."""
    rows = [
        part(
            "moved_row",
            name=mover["chinese"],
            weight=f"{min(1.0, max(0.0, mover['part']['value'])):.2f}",
            part=percent(min(1.0, mover["part"]["value"])),
            **{
                f"{name}_{when}": percent(mover[name][when]["value"])
                for name in ("share", "signal")
                for when in ("before", "after")
            },
        )
        for mover in movers[:_MOST_MOVED]
    ]
    return part("moved", rows=join(rows), signal=of) if rows else Html()
