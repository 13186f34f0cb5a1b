"""What happened, for a reader with half a minute: a sentence, who and what is behind it, and four figures."""

from collections.abc import Sequence

from service.monitor.facet_wording import chinese_name
from service.replay.page import Doc
from service.replay.page.columns import Column, joined
from service.replay.page.figures import moment, percent
from service.replay.page.markup import Html, join, markup, part
from service.replay.page.wording import (
    ALERTS,
    OF_MOOD,
    ORIGINS,
    about,
    in_order,
    lasted,
    of_whole_mood,
    parts,
    returned,
    share_change,
    signal,
    waited,
)

_MOVED = {"circles": "谁", "platforms": "在哪", "aspects": "说什么"}
_MOST_MOVED, _MOST_TERMS = 2, 5


def main_alert(alerts: Sequence[Doc]) -> Doc | None:
    """Give the alert that the headline is of: the first backlash, else the first poor opening; None for a quiet stream.

    The negative share of the whole stream goes before other signals, these before those of a circle or a platform, and
    what lasts before what is over.
    """
    of_mood = [alert for alert in in_order(alerts) if alert["labels"]["alertname"] in OF_MOOD]
    return min(
        of_mood,
        key=lambda each: (
            OF_MOOD.index(each["labels"]["alertname"]),
            not of_whole_mood(each),
            len(parts(each)),
            returned(each),
        ),
        default=None,
    )


def lead(document: Doc, alerts: Sequence[Doc]) -> Html:
    """Give the headline with what explains it."""
    main = main_alert(alerts)
    return (
        _quiet(document, alerts)
        if main is None
        else _turned(document, main, [each for each in alerts if each is not main])
    )


def figures(document: Doc, alerts: Sequence[Doc], points: Sequence[Column]) -> Html:
    """Give the four figures below the headline."""
    main = main_alert(alerts)
    counts = {name: sum(alert["labels"]["alertname"] == name for alert in alerts) for name in ALERTS}
    listed = "、".join(f"{ALERTS[name][0]} {count}" for name, count in counts.items() if count)
    shown = [
        (f"{document['comments']:,}", "条评论", "comments"),
        *(_shares(points) if main is None else _change(main)),
        (f"{len(alerts)}", listed or "没有警报", "alerts"),
    ]
    return join(part("figure", value=value, chinese=chinese, english=english) for value, chinese, english in shown)


def _quiet(document: Doc, alerts: Sequence[Doc]) -> Html:
    comments = document["comments"]
    chinese, english = _others(alerts)
    return part(
        "lead",
        tone="quiet",
        stream=document["stream"],
        kicker_zh="没有口碑反噬",
        kicker_en="No backlash",
        headline=markup("全程<em>平稳</em>：{}条评论里，口碑没有转差", f"{comments:,} "),
        chinese=chinese or "监测全程没有发出任何警报。",
        gist="",
        english=f"All quiet: word of mouth did not turn in {comments:,} comments.{english}",
    )


def _turned(document: Doc, main: Doc, others: Sequence[Doc]) -> Html:
    before, after = share_change(main)
    onset, detected, name = main["onset"], main["detected"], main["labels"]["alertname"]
    time, delay, turned = waited(main), detected["comment"] - onset["comment"], name == "backlash"
    of = "".join([*map(chinese_name, parts(main)), signal(main)[0]])
    ended_zh, ended_en = _ended(main)
    also_zh, also_en = _others(others, main)
    return part(
        "lead",
        tone="turned",
        stream=document["stream"],
        kicker_zh=ALERTS[name][0],
        kicker_en=ALERTS[name][1],
        headline=markup(
            "{}，口碑{}转差：{}占比从 {} 升到<em>{}</em>"
            if turned
            else "{}，开局{}不佳：{}占比高于预期的 {}，达到<em>{}</em>",
            *(moment(onset["time"]), "一度" if returned(main) else "", of, before, f" {after}"),
        ),
        chinese=f"从第 {onset['comment']:,} 条评论起变，到第 {detected['comment']:,} 条报警，"
        f"隔 {delay:,} 条评论、{time[0]}；{ended_zh}。{also_zh}",
        gist=_gist(main),
        english=f"{'Word of mouth turned' if turned else 'It opened badly'} at comment {onset['comment']:,}, told "
        f"{delay:,} comments ({time[1]}) later: {signal(main)[1]} share {before} to {after}; {ended_en}.{also_en}",
    )


def _ended(main: Doc) -> tuple[str, str]:
    if not main["endsAt"]:
        return "到最后仍未回落", "not over at the end"
    chinese, english = lasted(main)
    if returned(main):
        return f"报警 {chinese}后回落", f"over {english} after the alert"
    return f"{chinese}后这一水平已成常态", f"after {english} the level had become the normal one"


def _others(alerts: Sequence[Doc], main: Doc | None = None) -> tuple[str, str]:
    """What else was told beside the main alert; new segments are counted, as their names are long."""
    if not alerts:
        return "", ""
    again = {main["fingerprint"]} if main else set()
    told: dict[tuple[str, str], None] = {}
    for alert in alerts:
        chinese, english = about(alert)
        if alert["fingerprint"] in again:
            chinese, english = f"又一次{chinese}", f"another {english}"
        if "segment" not in alert:
            told[chinese, english.lower()] = None
    if new := sum("segment" in alert for alert in alerts):
        told[f"{ALERTS['new_segment'][0]} {new} 个", f"{ALERTS['new_segment'][1].lower()} ({new})"] = None
    return f"另有：{'、'.join(each for each, _ in told)}。", f" Also: {', '.join(each for _, each in told)}."


def _gist(main: Doc) -> Html:
    """Who is behind it, where, about what, and in which words, as far as it is known."""
    why = main.get("explanation")
    if not why:
        return Html()
    said = [(chinese, "、".join(each["chinese"] for each in why[key][:_MOST_MOVED])) for key, chinese in _MOVED.items()]
    said.append(("升温的词", "、".join(each["term"] for each in why["terms"][:_MOST_TERMS])))
    said.append(("来路", ORIGINS[why["origin"]][0] if why["origin"] else ""))
    return join(part("gist", label=label, text=text) for label, text in said if text)


def _shares(points: Sequence[Column]) -> list[tuple[str, str, str]]:
    whole = joined(points) if points else None
    negative, positive = (whole.negative, whole.positive) if whole else (None, None)
    return [
        (percent(negative.value if negative else None), "负面占比，全程平均", "negative share, all of it"),
        (percent(positive.value if positive else None), "正面占比，全程平均", "positive share, all of it"),
    ]


def _change(main: Doc) -> list[tuple[str, str, str]]:
    before, after = share_change(main)
    delay = main["detected"]["comment"] - main["onset"]["comment"]
    return [
        (f"{before} → {after}", f"{signal(main)[0]}占比，变化前后", "share, before and after the onset"),
        (f"{delay:,} 条", f"从起点到报警，{waited(main)[0]}", "comments from onset to alert"),
    ]
