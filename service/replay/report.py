"""The replay report as one HTML page that needs nothing else: no network, no script.

Its markup and look are in `report.html`; here the document becomes the texts and drawings that are put in. Comments
are hostile input: `_part` escapes every field that is not markup already.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from html import escape
from itertools import accumulate
from math import sqrt
from pathlib import Path
from string import Template
from typing import Any

from corpora.taxonomy import CIRCLES, read_facets

Doc = Mapping[str, Any]

CHINA = timezone(timedelta(hours=8))
MOST_COLUMNS = 180  # of a drawing; more cannot be told apart
LEAST_OF_ALL = 1 / 400  # of the comments that a column is of, so that no thin hour draws a spike
BUSY_SHARES = (0.98, 0.95, 0.9, 0.8)  # of the comments: the first that comes within a third of the time is drawn
SPARK_PLACES = 36
MOST_CIRCLES, MOST_TERMS, MOST_QUOTES, MOST_TEXT = 12, 14, 5, 280

ALERTS = {  # those that a headline prefers come first
    "backlash": ("口碑反噬", "Backlash"),
    "poor_opening": ("开局不佳", "Poor opening"),
    "coordinated": ("疑似水军", "Coordinated wave"),
    "breakout": ("破圈", "Breakout"),
    "circle_rise": ("圈层涌入", "Rise of a circle"),
    "new_segment": ("新人群", "New segment"),
}
_OF_MOOD = ("backlash", "poor_opening")
_SIGNALS = {
    "negative": "负面 negative",
    "exit": "劝退·退票 exit",
    "marketing": "吐槽宣传 marketing",
    "copies": "复制刷屏 copies",
    "duplicate": "复制刷屏 copies",
    "circle": "圈层占比 circle",
    "women": "女性 women",
    "share": "占比 share",
    "non_core": "核心圈外 non-core",
}
_SEVERITIES = {"info": "提示 info", "warning": "警告 warning", "critical": "严重 critical"}
_STATES = {"pending": "观察中 pending", "firing": "进行中 firing", "resolved": "已恢复 resolved"} | {
    "found": "已发现 found",
    "proposed": "建议命名 proposed",
}
_MOVED = {"circles": ("圈层", "Circles"), "platforms": ("平台", "Platforms"), "aspects": ("话题", "Aspects")}
_ORIGINS = {"organic": "自发 organic", "mixed": "部分有组织 mixed", "coordinated": "有组织 coordinated"}
_PLATFORMS = {
    "bilibili": "B站",
    "douban": "豆瓣",
    "douyin": "抖音",
    "kuaishou": "快手",
    "maoyan": "猫眼",
    "tieba": "贴吧",
    "weibo": "微博",
    "xiaohongshu": "小红书",
    "zhihu": "知乎",
}
_HOURS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720, 2160, 8760, 43800)  # between two marks of a time axis


class Html(str):
    """Markup that may stand as it is."""

    __slots__ = ()


def render_report(document: Doc) -> str:
    """Give the page of a replay's document (`poquan replay --json` writes the same one).

    Shares are fractions, times ISO 8601 with an offset; they are shown in China time. ``truth`` may be absent. The
    parts may also have the richer form in which the service tells of alerts, segments and series.
    """
    confirmed = [_flat_alert(alert) for alert in document["alerts"] if alert.get("reason") != "not confirmed"]
    alerts = sorted(confirmed, key=lambda alert: (alert["startsAt"], alert["fingerprint"]))
    points = [_flat_point(point) for point in document["series"]["points"] if point["comments"]]
    busy = _busy_time(points, alerts)
    columns = _columns(busy)
    return _part(
        "page",
        title=f"{document['stream']} · 口碑复盘 · poquan",
        **{name: document[name] for name in ("stream", "source", "bucket", "poquan", "model")},
        span=f"{_moment(document['from'], year=True)} – {_moment(document['to'], year=True)}",
        lead=_lead(document, alerts),
        figures=_figures(document, alerts, points),
        course=_course(columns, alerts, 1 - _comments(busy) / max(_comments(points), 1)),
        alerts=_alerts(alerts),
        circles=_circles(columns),
        segments=_segments(document["segments"]),
        truth=_truth(document),
    )


# --- the service's richer documents, as the report reads them


def _flat_alert(alert: Doc) -> Doc:
    """An alert whose explanation has plain numbers before and after, and what moved under ``moved``."""
    why = dict(alert.get("explanation") or {})
    if isinstance((why.get("volume") or {}).get("before"), Mapping):
        pair = [(when, why["volume"][when]) for when in ("before", "after")]
        why["volume"] = {f"{when}_per_hour": volume["per_hour"] for when, volume in pair}
        why["reach"] = {f"likes_{when}": volume["likes"] for when, volume in pair}
    if "moved" not in why:
        why["moved"] = {key: [_flat_mover(each) for each in why.get(key) or []] for key in _MOVED}
    return {**alert, "explanation": why}


def _flat_mover(mover: Doc) -> Doc:
    flat = {"name": mover["name"], "name_zh": mover.get("chinese"), "contribution": _value(mover.get("part"))}
    for told, name in (("share", "share"), ("signal", "negative")):
        flat |= {f"{name}_{when}": _value((mover.get(told) or {}).get(when)) for when in ("before", "after")}
    return flat


def _flat_point(point: Doc) -> Doc:
    circles = {
        key: _value(told.get("share") if isinstance(told, Mapping) else told)
        for key, told in (point.get("circles") or {}).items()
    }
    outside = point.get("non_core") or point.get("outside_core")
    effective = _value(point.get("effective_circles"))
    return {**point, "circles": circles, "non_core": outside, "effective_circles": effective}


def _value(told: Any) -> float | None:
    """The figure itself of one that has an interval."""
    value: float | None = told["value"] if isinstance(told, Mapping) else told
    return value


# --- what happened, in a sentence and four figures


def _main_alert(alerts: Sequence[Doc]) -> Doc | None:
    """The alert that the headline is of: the first backlash, else the first poor opening; None for a quiet stream.

    One of the whole stream goes before one of a circle or a platform.
    """
    sure = [alert for alert in alerts if alert["state"] != "pending" and alert["labels"]["alertname"] in _OF_MOOD]
    return min(
        sure, key=lambda alert: (_OF_MOOD.index(alert["labels"]["alertname"]), bool(_part_of(alert))), default=None
    )


def _lead(document: Doc, alerts: Sequence[Doc]) -> Html:
    main = _main_alert(alerts)
    others = [alert for alert in alerts if alert is not main and alert["state"] != "pending"]
    also_zh = "、".join(dict.fromkeys(_about(alert) for alert in others))
    also_en = ", ".join(dict.fromkeys(_names(alert)[1].lower() for alert in others))
    also_zh, also_en = f"另有：{also_zh}。" if others else "", f" Also: {also_en}." if others else ""
    comments = document["comments"]
    if main is None:
        return _part(
            "lead",
            tone="quiet",
            kicker_zh="没有口碑反噬",
            kicker_en="No backlash",
            headline=_markup("全程<em>平稳</em>：{}条评论里，口碑没有转差", f"{comments:,} "),
            chinese=also_zh or "监测全程没有发出任何警报。",
            english=f"All quiet: word of mouth did not turn in {comments:,} comments.{also_en}",
        )
    before, after = _share_change(main)
    onset, detected, turned = main["onset"], main["detected"], main["labels"]["alertname"] == "backlash"
    waited, delay = _waited(main), detected["comment"] - onset["comment"]
    return _part(
        "lead",
        tone="turned",
        kicker_zh=ALERTS[main["labels"]["alertname"]][0],
        kicker_en=ALERTS[main["labels"]["alertname"]][1],
        headline=_markup(
            "{}，口碑转差：{}占比从 {} 升到<em>{}</em>"
            if turned
            else "{}，开局不佳：{}占比高于预期的 {}，达到<em>{}</em>",
            *(_moment(onset["time"]), "".join([*_part_of(main), _signal(main)[0]]), before, f" {after}"),
        ),
        chinese=f"从第 {onset['comment']:,} 条评论起变，到第 {detected['comment']:,} 条报警，"
        f"隔 {delay:,} 条评论、{waited[0]}。{also_zh}",
        english=f"{'Word of mouth turned' if turned else 'It opened badly'} at comment {onset['comment']:,}, told "
        f"{delay:,} comments ({waited[1]}) later: {_signal(main)[1]} share {before} to {after}.{also_en}",
    )


def _figures(document: Doc, alerts: Sequence[Doc], points: Sequence[Doc]) -> Html:
    main, sure = _main_alert(alerts), [alert for alert in alerts if alert["state"] != "pending"]
    counts = {name: sum(alert["labels"]["alertname"] == name for alert in sure) for name in ALERTS}
    listed = "、".join(f"{ALERTS[name][0]} {count}" for name, count in counts.items() if count)
    shown = [(f"{document['comments']:,}", "条评论", "comments")]
    if main is None:
        for name, chinese in (("negative", "负面"), ("positive", "正面")):
            shared = _joined_share(points, name)
            text = _percent(shared["value"] if shared else None)
            shown.append((text, f"{chinese}占比，全程平均", f"{name} share, all of it"))
    else:
        before, after = _share_change(main)
        delay = main["detected"]["comment"] - main["onset"]["comment"]
        shown += [(f"{before} → {after}", f"{_signal(main)[0]}占比，变化前后", "share, before and after the onset")]
        shown += [(f"{delay:,} 条", f"从起点到报警，{_waited(main)[0]}", "comments from onset to alert")]
    shown += [(f"{len(sure)}", listed or "无警报", "alerts")]
    return _join(_part("figure", value=value, chinese=zh, english=en) for value, zh, en in shown)


def _share_change(alert: Doc) -> tuple[str, str]:
    why = alert.get("explanation") or {}
    before, after = (why.get(when) or {} for when in ("before", "after"))
    return _percent(before.get("value")), _percent(after.get("value"))


def _signal(alert: Doc) -> tuple[str, str]:
    chinese, _, english = _SIGNALS.get(alert["labels"].get("signal", ""), _SIGNALS["negative"]).partition(" ")
    return chinese, english


def _waited(alert: Doc) -> tuple[str, str]:
    return _duration(_seconds(alert["detected"]["time"]) - _seconds(alert["onset"]["time"]))


# --- the course of the stream


@dataclass(frozen=True, slots=True)
class _Scale:
    """A linear scale from values to places of a drawing."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value; beyond the ends the place of the end."""
        part = (min(max(value, self.low), self.high) - self.low) / ((self.high - self.low) or 1)
        return round(self.start + part * (self.end - self.start), 1)


def _course(columns: Sequence[Doc], alerts: Sequence[Doc], left_out: float) -> Html:
    if not columns:
        return _section("course", "口碑走势", "The course", "", _calm("没有评论", "No comments"))
    note = ""
    if left_out:
        note = (
            f"只画评论集中的时段，其后 {left_out:.1%} 的评论未画。The last {left_out:.1%}, a thin tail, are left out."
        )
    x = _Scale(columns[0]["start"], columns[-1]["end"], 46, 992)
    lanes, height = _lanes(alerts, x, 392)
    y = _Scale(0, _ceiling(_reached(columns), 0.1), 250, 14)
    drawn = [_grid(y, x), *_spans(alerts, x), *_line(columns, "negative", x, y, "negative")]
    drawn += _line(columns, "positive", x, y, "positive thin", band=False) + _volume(columns, x)
    drawn += [_time_axis(x, 352, 14), lanes, *_hits(columns, x)]
    chart = _svg(1000, height, _join(drawn), "负面占比与评论量 negative share and volume over time")
    return _section("course", "口碑走势", "The course", note, _part("course", chart=chart))


def _reached(columns: Sequence[Doc]) -> list[float]:
    """What the share axis must hold: both lines, and all but the widest twentieth of the bands."""
    shares = [column["negative"] for column in columns if column["negative"]]
    highs = sorted(share["high"] for share in shares)[: -(len(shares) // 20) or None]
    lines = [column[name]["value"] for column in columns for name in ("negative", "positive") if column[name]]
    return highs + lines


def _columns(points: Sequence[Doc]) -> list[dict[str, Any]]:
    """Neighbouring points joined where they are many or thin; times in seconds, comments and likes summed."""
    if not points:
        return []
    least, breadth = LEAST_OF_ALL * _comments(points), _span(points) / MOST_COLUMNS
    columns, run = [], list[Doc]()
    for point in points:
        run.append(point)
        if _span(run) >= breadth and _comments(run) >= least:
            columns.append(_joined(run))
            run = []
    return [*columns, _joined(run)] if run else columns


def _joined(run: Sequence[Doc]) -> dict[str, Any]:
    column: dict[str, Any] = {"start": _seconds(run[0]["start"]), "end": _seconds(run[-1]["end"])}
    column |= {name: sum(point.get(name) or 0 for point in run) for name in ("comments", "likes", "copies")}
    column |= {name: _joined_share(run, name) for name in ("negative", "positive", "non_core")}
    column["effective_circles"] = _mean(run, lambda point: point.get("effective_circles"))
    keys = dict.fromkeys(key for point in run for key in point.get("circles") or {})
    column["circles"] = {key: _circle_share(run, key) for key in keys}
    return column


def _joined_share(run: Sequence[Doc], name: str) -> dict[str, float] | None:
    """The share over all points, its interval as if theirs were independent."""
    known = [(point["comments"], point[name]) for point in run if (point.get(name) or {}).get("value") is not None]
    total = sum(comments for comments, _ in known)
    if not total:
        return None

    def reach(of: Callable[[Doc], float]) -> float:
        return sqrt(sum((comments * of(share)) ** 2 for comments, share in known)) / float(total)

    value = sum(comments * share["value"] for comments, share in known) / total
    low, high = reach(lambda share: share["value"] - share["low"]), reach(lambda share: share["high"] - share["value"])
    return {"value": value, "low": max(0.0, value - low), "high": min(1.0, value + high)}


def _mean(run: Sequence[Doc], value: Callable[[Doc], float | None]) -> float | None:
    known = [(point["comments"], found) for point in run if (found := value(point)) is not None]
    total = sum(comments for comments, _ in known)
    return sum(comments * found for comments, found in known) / total if total else None


def _circle_share(run: Sequence[Doc], key: str) -> float | None:
    return _mean(run, lambda point: (point.get("circles") or {}).get(key))


def _busy_time(points: Sequence[Doc], alerts: Sequence[Doc]) -> Sequence[Doc]:
    """The points without a long thin tail, which would press the rest together; no alert begins in what is left out."""
    last_alert = max((_seconds(alert["startsAt"]) for alert in alerts), default=0.0)
    so_far = [*accumulate(point["comments"] for point in points)]
    for share in BUSY_SHARES:
        for place, point in enumerate(points, 1):
            if so_far[place - 1] >= share * so_far[-1] and _seconds(point["end"]) >= last_alert:
                if 3 * _span(points[:place]) < _span(points):
                    return points[:place]
                break
    return points


def _span(points: Sequence[Doc]) -> float:
    return _seconds(points[-1]["end"]) - _seconds(points[0]["start"])


def _comments(points: Sequence[Doc]) -> int:
    return sum(point["comments"] for point in points)


def _grid(y: _Scale, x: _Scale) -> Html:
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if y.high / step <= 5.01)
    lines = []
    for number in range(int(y.high / step + 1.01)):
        at = y(number * step)
        lines.append(_markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>', x.start, x.end, at, at))
        label = f"{number * step:.0%}"
        lines.append(_markup('<text x="{}" y="{}" text-anchor="end">{}</text>', x.start - 8, at + 4, label))
    return _join(lines)


def _line(columns: Sequence[Doc], name: str, x: _Scale, y: _Scale, kind: str, band: bool = True) -> list[Html]:
    """A share over time, with its band; it is broken where nothing is known."""
    runs: list[list[Doc]] = [[]]
    for column in columns:
        if column[name] is not None:
            runs[-1].append(column)
        elif runs[-1]:
            runs.append([])
    drawn = []
    for run in filter(None, runs):
        places = [x((column["start"] + column["end"]) / 2) for column in run]
        shares = [column[name] if isinstance(column[name], Mapping) else {"value": column[name]} for column in run]
        if band:
            above = [(place, y(share["high"])) for place, share in zip(places, shares, strict=True)]
            below = [(place, y(share["low"])) for place, share in zip(places, shares, strict=True)]
            drawn.append(_markup('<path class="band {}" d="{}Z"/>', kind, _path(above + below[::-1])))
        middle = [(place, y(share["value"])) for place, share in zip(places, shares, strict=True)]
        drawn.append(_markup('<path class="curve {}" d="{}"/>', kind, _path(middle)))
    return drawn


def _volume(columns: Sequence[Doc], x: _Scale) -> list[Html]:
    """Comments an hour as bars, the copies among them below."""
    rates = [column["comments"] * 3600 / max(column["end"] - column["start"], 1) for column in columns]
    y = _Scale(0, max(rates), 352, 282)
    bars: dict[str, list[str]] = {"bars": [], "copies": []}
    for column, rate in zip(columns, rates, strict=True):
        left, right = x(column["start"]), x(column["end"])
        copies = rate * column["copies"] / column["comments"]
        for kind, height in (("bars", rate), ("copies", copies)):
            if height:
                gap = 0.8 if right - left > 3 else 0
                bars[kind].append(f"M{left} {y.start}V{y(height)}H{max(right - gap, left + 0.5):.1f}V{y.start}Z")
    label = _markup('<text x="{}" y="{}" text-anchor="end">{}</text>', x.start - 8, 290, f"{max(rates):,.0f}")
    unit = _markup('<text class="en" x="{}" y="{}" text-anchor="end">{}</text>', x.start - 8, 304, "条/时")
    return [label, unit, *(_markup('<path class="{}" d="{}"/>', kind, "".join(paths)) for kind, paths in bars.items())]


def _spans(alerts: Sequence[Doc], x: _Scale) -> list[Html]:
    """What the alerts cover of the chart: those about the share it shows; the others have their lane."""
    drawn = []
    for alert in alerts:
        of_it = alert["labels"]["alertname"] in _OF_MOOD and alert["labels"].get("signal", "negative") == "negative"
        if of_it and alert["state"] != "pending" and not _part_of(alert):
            kind = alert["labels"]["alertname"]
            onset, start, end = x(_seconds(alert["onset"]["time"])), x(_seconds(alert["startsAt"])), _end(alert, x)
            rect = '<rect class="span {}" x="{}" y="14" width="{}" height="338"/>'
            drawn.append(_markup(rect, kind, start, round(max(end - start, 1), 1)))
            for mark, at in (("onset", onset), ("alarm", start)):
                drawn.append(_markup('<line class="{} {}" x1="{}" x2="{}" y1="14" y2="352"/>', mark, kind, at, at))
    return drawn


def _lanes(alerts: Sequence[Doc], x: _Scale, top: int) -> tuple[Html, int]:
    """One lane for all alerts about the same, and how far down they reach."""
    lanes: dict[str, list[Doc]] = {}
    for alert in alerts:
        lanes.setdefault(alert["fingerprint"], []).append(alert)
    drawn = []
    for place, episodes in enumerate(lanes.values()):
        y = top + 32 * place + 16
        onset = x(_seconds(episodes[0]["onset"]["time"]))
        anchor, at = ("start", onset) if onset < (x.start + x.end) / 2 else ("end", _end(episodes[-1], x))
        label = _markup(
            '<text class="strong" x="{}" y="{}" text-anchor="{}">{}', at, y - 9, anchor, _about(episodes[0])
        )
        drawn.append(_markup("{} <tspan class='en'>{}</tspan></text>", label, _names(episodes[0])[1]))
        for alert in episodes:
            kind = _kind(alert)
            onset, start, end = x(_seconds(alert["onset"]["time"])), x(_seconds(alert["startsAt"])), _end(alert, x)
            bar = '<rect class="lane {}" x="{}" y="{}" width="{}" height="5" rx="2.5"/>'
            drawn.append(_markup(bar, f"{kind} grows", onset, y - 2.5, round(max(start - onset, 0), 1)))
            drawn.append(_markup(bar, kind, start, y - 2.5, round(max(end - start, 2), 1)))
            drawn.append(_markup('<circle class="hollow {}" cx="{}" cy="{}" r="4"/>', kind, onset, y))
            drawn.append(_markup('<circle class="dot {}" cx="{}" cy="{}" r="4"/>', kind, start, y))
    return _join(drawn), top + 32 * len(lanes)


def _time_axis(x: _Scale, bottom: int, top: int) -> Html:
    """Marks at round hours or days of China time."""
    step = 3600 * next((hours for hours in _HOURS if (x.high - x.low) / 3600 / hours <= 9), _HOURS[-1])
    shift = CHINA.utcoffset(None).total_seconds()
    first = int((x.low + shift) // step + 1)
    marks = [_markup('<line class="base" x1="{}" x2="{}" y1="{}" y2="{}"/>', x.start, x.end, bottom, bottom)]
    for number in range(first, int((x.high + shift) // step) + 1):
        time = datetime.fromtimestamp(number * step - shift, CHINA)
        at, days = x(time.timestamp()), step >= 86400
        text = f"{time.year}年{time.month}月" if step >= 86400 * 60 else f"{time.month}月{time.day}日"
        text = text if days or not time.hour else f"{time.hour}:00"
        marks.append(_markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>', at, at, top, bottom))
        marks.append(_markup('<text x="{}" y="{}" text-anchor="middle">{}</text>', at, bottom + 18, text))
    return _join(marks)


def _hits(columns: Sequence[Doc], x: _Scale) -> list[Html]:
    drawn = []
    for column in columns:
        share = column["negative"] or {}
        text = (
            f"{_clock(column['start'])} – {_clock(column['end'])}\n负面 {_percent(share.get('value'))} "
            f"[{_percent(share.get('low'))}, {_percent(share.get('high'))}]\n{column['comments']:,} 条评论 comments，"
            f"{column['likes']:,} 赞 likes，复制 copies {column['copies']:,}"
        )
        left, right = x(column["start"]), x(column["end"])
        rect = '<g class="hit"><rect x="{}" y="14" width="{}" height="338"/><title>{}</title></g>'
        drawn.append(_markup(rect, left, round(max(right - left, 0.5), 1), text))
    return drawn


# --- the alerts, each with why


def _alerts(alerts: Sequence[Doc]) -> Html:
    note = (
        "起点是事后估计的变化开始处，报警是当时能确定的时刻。The onset is estimated; the alert came once it was sure."
    )
    cards = _join(_alert(alert) for alert in alerts) or _calm("没有警报", "No alerts")
    return _section("alerts", "警报与缘由", "Alerts and why", note, cards)


def _alert(alert: Doc) -> Html:
    why, labels, annotations = alert.get("explanation") or {}, alert["labels"], alert.get("annotations") or {}
    chips = [(_SEVERITIES, labels.get("severity"), "on"), (_STATES, alert["state"], "")]
    chips += [(_SIGNALS, labels.get("signal"), ""), (_ORIGINS, why.get("origin"), "")]
    chips += [(_PLATFORMS, labels.get("platform"), "")]
    return _part(
        "alert",
        kind=_kind(alert),
        name=_about(alert),
        name_en=_names(alert)[1],
        chips=_join(_part("chip", kind=kind, text=names.get(key, key)) for names, key, kind in chips if key),
        summary_zh=annotations.get("summary_zh") or annotations.get("summary", ""),
        summary=" ".join(filter(None, (annotations.get("summary"), annotations.get("description")))),
        times=_times(alert),
        why=_join([_shares(why), *_moved(why.get("moved") or {}), _terms(why.get("terms") or []), *_all_quotes(why)]),
    )


def _times(alert: Doc) -> Html:
    onset, detected = alert["onset"], alert["detected"]
    delay = f"第 {detected['comment']:,} 条，起变后 {detected['comment'] - onset['comment']:,} 条、{_waited(alert)[0]}"
    lasted = "尚未恢复"
    if alert["endsAt"]:
        lasted = f"持续 {_duration(_seconds(alert['endsAt']) - _seconds(alert['startsAt']))[0]}"
    shown = [("估计起点", "Onset", onset["time"], f"第 {onset['comment']:,} 条")]
    shown += [("报警", "Detected", detected["time"], delay), ("恢复", "Resolved", alert["endsAt"], lasted)]
    return _join(
        _part("time", label=label, english=english, time=_moment(time) if time else "", more=more)
        for label, english, time, more in shown
    )


def _shares(why: Doc) -> Html:
    known = [(why[when], zh, when) for when, zh in (("before", "之前"), ("after", "之后")) if why.get(when)]
    scale = _Scale(0, _ceiling([share["high"] for share, _, _ in known], 0.05), 0, 100)
    bars = [
        _part(
            "interval",
            kind="was" if en == "before" else "now",
            label=zh,
            english=en,
            low=f"{scale(share['low'])}%",
            wide=f"{scale(share['high']) - scale(share['low']):.1f}%",
            at=f"{scale(share['value'])}%",
            value=_percent(share["value"]),
            lowest=_percent(share["low"]),
            highest=_percent(share["high"]),
        )
        for share, zh, en in known
    ]
    bars.append(_reach(why))
    return _block("占比变化", "Share, 95 % interval", _join(bars)) if known else Html()


def _reach(why: Doc) -> Html:
    volume, reach, baseline = why.get("volume") or {}, why.get("reach") or {}, why.get("baseline") or {}
    said = []
    if volume:
        said.append(f"每小时评论 comments/h {volume['before_per_hour']:,.0f} → {volume['after_per_hour']:,.0f}")
    if reach:
        said.append(f"获赞 likes {reach['likes_before']:,.0f} → {reach['likes_after']:,.0f}")
    if isinstance(baseline.get("value"), int | float):
        said.append(f"对照基线 baseline {_percent(baseline['value'])}")
    return _part("facts", text=" · ".join(said)) if said else Html()


def _moved(moved: Doc) -> Iterable[Html]:
    for key, (zh, en) in _MOVED.items():
        rows = moved.get(key) or []
        most = max((abs(row.get("contribution") or 0) for row in rows), default=0) or 1
        drawn = [
            _part(
                "moved_row",
                name=row.get("name_zh") or _PLATFORMS.get(row["name"], row["name"]),
                turn="up" if (row.get("contribution") or 0) >= 0 else "down",
                weight=f"{abs(row.get('contribution') or 0) / most:.2f}",
                **{name: _percent(row.get(name)) for name in ("share_before", "share_after")},
                **{name: _percent(row.get(name)) for name in ("negative_before", "negative_after")},
            )
            for row in rows[:6]
        ]
        if drawn:
            yield _block(zh, en, _part("moved", rows=_join(drawn)))


def _terms(terms: Sequence[Doc]) -> Html:
    terms = terms[:MOST_TERMS]
    if not terms:
        return Html()
    most = max(abs(term["z"]) for term in terms) or 1
    chips = [
        _part(
            "term",
            term=term["term"],
            z=f"{term['z']:.1f}",
            weight=f"{abs(term['z']) / most:.2f}",
            before=_count(term["before"]),
            after=_count(term["after"]),
        )
        for term in terms
    ]
    return _block("升温的词", "Terms that rose", _part("terms", terms=_join(chips)))


def _all_quotes(why: Doc) -> Iterable[Html]:
    for key, zh, en, kind in (
        ("representative", "有代表性的评论", "Representative comments", "hot"),
        ("most_liked", "获赞最多的评论", "Most liked comments", ""),
    ):
        if why.get(key):
            yield _block(zh, en, _quotes(why[key], kind), kind="long")


def _quotes(comments: Sequence[Doc], kind: str) -> Html:
    quotes = []
    for comment in comments[:MOST_QUOTES]:
        text = comment.get("text") or "（原文已过保存期 text no longer kept）"
        platform = comment.get("platform")
        said = [_PLATFORMS.get(platform, platform) if platform else ""]
        said += [f"{comment['likes']:,} 赞" if comment.get("likes") else ""]
        said += [_moment(comment["time"]) if comment.get("time") else ""]
        said += [f"第 {comment['seq']:,} 条" if comment.get("seq") is not None else ""]
        said += [f"负面 {_percent(comment['p_negative'])}" if comment.get("p_negative") is not None else ""]
        quotes.append(_part("quote", kind=kind, text=_short(text), origin=" · ".join(filter(None, said))))
    return _part("quotes", quotes=_join(quotes))


# --- circles, segments, truth


def _circles(columns: Sequence[Doc]) -> Html:
    if not any(column["circles"] or column["non_core"] for column in columns):
        return Html()
    names = {facet.key: (facet.chinese, facet.english) for facet in _shipped_circles()}
    keys = [
        key
        for key in dict.fromkeys(key for each in columns for key in each["circles"])
        if _circle_share(columns, key) is not None
    ]
    quarter = max(1, len(columns) // 4)
    ends = {
        key: (_circle_share(columns[:quarter], key) or 0.0, _circle_share(columns[-quarter:], key) or 0.0)
        for key in keys
    }
    chosen = sorted(keys, key=lambda key: (-max(ends[key]), key))[:MOST_CIRCLES]
    cells = []
    for key in chosen:
        zh, en = names.get(key, (key, ""))
        now, was = _percent(ends[key][1]), f"此前 {_percent(ends[key][0])}"
        kind = "circle_rise" if ends[key][1] > 1.3 * ends[key][0] else "count"
        cells.append(_part("multiple", kind=kind, now=now, was=was, chinese=zh, english=en, curve=_spark(columns, key)))
    panels = [
        _panel("核心圈以外的占比", "Share outside the core circles", columns, "non_core", "core"),
        _panel("有效圈层数", "Effective number of circles", columns, "effective_circles", "count"),
    ]
    note = "大字是最后四分之一时段的占比，小字是最初四分之一；各图自有纵轴。Last quarter against the first; own scales."
    body = _part("circles", multiples=_join(cells), pair=_join(panels))
    return _section("circles", "圈层与破圈", "Circles and breakout", note, body)


def _spark(columns: Sequence[Doc], key: str) -> Html:
    """A circle's share in `SPARK_PLACES` steps: so small a drawing has no room for the noise of single columns."""
    step = -(-len(columns) // SPARK_PLACES)
    runs = [columns[start : start + step] for start in range(0, len(columns), step)]
    known = [(run, share) for run in runs if (share := _circle_share(run, key)) is not None]
    x = _Scale(columns[0]["start"], columns[-1]["end"], 0, 200)
    y = _Scale(0, max(share for _, share in known) or 1, 54, 3)
    places = [(x((run[0]["start"] + run[-1]["end"]) / 2), y(share)) for run, share in known]
    area = [(places[0][0], 54.0), *places, (places[-1][0], 54.0)]
    drawn = _markup('<path class="band" d="{}Z"/><path class="curve" d="{}"/>', _path(area), _path(places))
    return _markup('<svg viewBox="0 0 200 56" preserveAspectRatio="none" aria-hidden="true">{}</svg>', drawn)


def _panel(chinese: str, english: str, columns: Sequence[Doc], name: str, kind: str) -> Html:
    known = [column for column in columns if column[name] is not None]
    if not known:
        return Html()
    x, share = _Scale(columns[0]["start"], columns[-1]["end"], 40, 492), isinstance(known[0][name], Mapping)
    top = _ceiling([column[name]["high"] for column in known], 0.05) if share else max(c[name] for c in known) * 1.15
    y = _Scale(0, top, 150, 8)
    drawn = [_grid(y, x)] if share else _count_grid(y, x)
    drawn += [*_line(columns, name, x, y, kind, band=share), _time_axis(x, 150, 150)]
    return _part("panel", chinese=chinese, english=english, chart=_svg(500, 174, _join(drawn), f"{chinese} {english}"))


def _count_grid(y: _Scale, x: _Scale) -> list[Html]:
    step = next(step for step in (1, 2, 5, 10, 20) if y.high / step <= 6 or step == 20)
    line = '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>'
    values = range(0, int(y.high) + 1, step)
    return [_markup(line, x.start, x.end, y(at), y(at), x.start - 8, y(at) + 4, at) for at in values]


def _segments(segments: Sequence[Doc]) -> Html:
    cards = []
    for segment in sorted(segments, key=lambda each: -(each.get("size") or 0)):
        terms = [each["term"] if isinstance(each, Mapping) else each for each in segment.get("terms") or []]
        facts = [f"{segment['size']:,.0f} 条 comments", f"占 share {_percent(segment.get('share'))}"]
        facts += [f"增长 growth ×{segment['growth']:.1f}"] if segment.get("growth") is not None else []
        facts += [f"凝聚度 coherence {segment['coherence']:.2f}"] if segment.get("coherence") is not None else []
        words = _join(_markup("<li>{}</li>", term) for term in terms[:MOST_TERMS])
        examples = [{"text": text} for text in segment.get("examples") or []]
        cards.append(
            _part(
                "segment",
                name="·".join(terms[:3]) or segment["id"],
                state=_STATES.get(segment.get("state", ""), segment.get("state") or segment["id"]),
                facts=" · ".join(facts),
                terms=_part("terms", terms=words) if words else "",
                quotes=_quotes(examples[:3], "hot") if examples else "",
            )
        )
    note = "现有圈层都解释不了、却自成一类的评论。Comments that fit no known circle and yet belong together."
    body = _part("segments", segments=_join(cards)) if cards else _calm("没有发现新人群", "No new segment")
    return _section("segments", "新人群", "New segments", note, body)


def _truth(document: Doc) -> Html:
    truth = document.get("truth")
    if not truth:
        return Html()
    detectors, x = truth["detectors"], _Scale(0, document["comments"], 190, 992)
    height, drawn, spans = 34 * len(detectors) + 16, [], []
    for episode in truth["episodes"]:
        start, end = (_seconds(episode["from"]), _seconds(episode["to"])) if episode.get("to") else (0.0, 0.0)
        spans.append(f"{_clock(start)} – {_clock(end)}" if end else f"第 {episode['comment']:,} 条起")
        line = '<line class="alarm negative" x1="{}" x2="{}" y1="0" y2="{}"/><title>{}</title>'
        place = x(episode["comment"])
        drawn.append(_markup('<g><rect class="episode" x="{}" y="0" width="7" height="{}"/>', place, height))
        drawn.append(_markup(line + "</g>", place, place, height, spans[-1]))
    for row, detector in enumerate(detectors):
        y = 34 * row + 24
        drawn.append(_markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>', x.start, x.end, y, y))
        label = '<text class="strong" x="{}" y="{}" text-anchor="end">{}</text>'
        drawn.append(_markup(label, x.start - 12, y + 4, _short(detector["name"], 24)))
        kind = "found" if _is_ours(detector) else "false"
        for at in dict.fromkeys(round(x(alarm)) for alarm in detector["alarms"]):  # a rule may fire at every comment
            mark = '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            drawn.append(_markup(mark, kind, at, at, y - 9, y + 9))
    drawn += _comment_axis(x, height)
    rows = [
        _part(
            "truth_row",
            kind="ours" if _is_ours(detector) else "",
            name=detector["name"],
            found=detector["episodes_found"],
            episodes=detector["episodes"],
            false_alarms=f"{detector['false_alarms']:,}",
            delay="—" if detector.get("mean_delay_comments") is None else f"{detector['mean_delay_comments']:,.0f}",
        )
        for detector in detectors
    ]
    chart = _svg(1000, height + 24, _join(drawn), "各方法的报警 alarms of each detector")
    note = "红线是真实转折，短竖线是各方法的报警，横轴是第几条评论。Red: true turns; ticks: alarms, by comment number."
    return _section("truth", "与真值对照", "Against the truth", note, _part("truth", chart=chart, rows=_join(rows)))


def _is_ours(detector: Doc) -> bool:
    return str(detector["name"]).startswith("poquan")


def _comment_axis(x: _Scale, bottom: int) -> list[Html]:
    step = next(step for scale in range(9) for step in (10**scale, 2 * 10**scale, 5 * 10**scale) if x.high / step <= 8)
    text = '<text x="{}" y="{}" text-anchor="middle">{}</text>'
    return [_markup(text, x(at), bottom + 18, f"{at:,}") for at in range(0, int(x.high) + 1, step)]


# --- names, numbers and times as they are shown


def _kind(alert: Doc) -> str:
    name: str = alert["labels"]["alertname"]
    return name if name in ALERTS else "other"


def _names(alert: Doc) -> tuple[str, str]:
    name = alert["labels"]["alertname"]
    return ALERTS.get(name, (name, name))


def _about(alert: Doc) -> str:
    """The name of an alert with what sets it apart: a signal that its name does not say, the circle, the platform."""
    labels, apart = alert["labels"], _part_of(alert)
    if labels["alertname"] in _OF_MOOD and labels.get("signal", "negative") != "negative":
        apart = [_SIGNALS.get(labels["signal"], labels["signal"]).split(" ")[0], *apart]
    return " · ".join([_names(alert)[0], *apart])


def _part_of(alert: Doc) -> list[str]:
    """The circle and the platform that an alert is about; none for one about the whole stream."""
    names = {facet.key: facet.chinese for facet in _shipped_circles()} | _PLATFORMS
    labels = alert["labels"]
    return [names.get(labels[key], labels[key]) for key in ("circle", "platform") if labels.get(key)]


@cache
def _shipped_circles() -> Sequence[Any]:
    return read_facets(CIRCLES)


def _percent(share: float | None) -> str:
    if share is None:
        return "—"
    return f"{share:.1%}" if 0 < share < 0.0995 else f"{share:.0%}"


def _count(number: float) -> str:
    return _percent(number) if isinstance(number, float) and 0 < number < 1 else f"{number:,.0f}"


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def _moment(iso: str, year: bool = False) -> str:
    return _clock(_seconds(iso), year)


def _clock(seconds: float, year: bool = False) -> str:
    time = datetime.fromtimestamp(seconds, CHINA)
    return f"{f'{time.year}年' if year else ''}{time.month}月{time.day}日 {time.hour}:{time.minute:02}"


def _duration(seconds: float) -> tuple[str, str]:
    if seconds < 5400:
        return f"{seconds / 60:.0f} 分钟", f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} 小时", f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} 天", f"{seconds / 86400:.1f} days"


def _short(text: str, most: int = MOST_TEXT) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _ceiling(values: Sequence[float], least: float) -> float:
    """The end of a share's axis: round, and a little above what it must hold."""
    most = max([*values, least]) * 1.05
    return next((end for end in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if end >= most), 1.0)


def _end(alert: Doc, x: _Scale) -> float:
    return x(_seconds(alert["endsAt"])) if alert["endsAt"] else x.end


# --- markup


def _part(name: str, /, **fields: object) -> Html:
    """A piece of `report.html` with its fields filled in; what is not markup is escaped."""
    return Html(_parts()[name].substitute({key: _escaped(value) for key, value in fields.items()}))


def _markup(form: str, *values: object) -> Html:
    """A small piece of markup with values for its braces; what is not markup is escaped."""
    return Html(form.format(*map(_escaped, values)))


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value))


def _join(parts: Iterable[Html]) -> Html:
    return Html("".join(parts))


def _section(id: str, chinese: str, english: str, note: str, body: Html) -> Html:  # noqa: A002
    return _part("section", id=id, chinese=chinese, english=english, note=note, body=body)


def _block(chinese: str, english: str, body: Html, kind: str = "") -> Html:
    return _part("block", kind=kind, chinese=chinese, english=english, body=body)


def _calm(chinese: str, english: str) -> Html:
    return _part("calm", chinese=chinese, english=english)


def _svg(width: int, height: int, drawn: Html, label: str) -> Html:
    return _markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>', width, height, label, drawn)


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)


@cache
def _parts() -> Mapping[str, Template]:
    """The page and its pieces by name."""
    text = Path(__file__).with_name("report.html").read_text(encoding="utf-8")
    page, *rest = re.split(r"<!-- (?:part (\w+)|What follows.*?) -->", text)
    pieces = {name: Template(piece.rstrip("\n")) for name, piece in zip(rest[0::2], rest[1::2], strict=True) if name}
    return {"page": Template(page)} | pieces
