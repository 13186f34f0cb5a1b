"""The course of a stream: the negative share and the comments over time, with the alerts as lanes below."""

from collections.abc import Sequence

from service.monitor.intervals import Estimate
from service.replay.page import Doc
from service.replay.page.columns import Column, over_time
from service.replay.page.drawing import Scale, ceiling, line, share_grid, svg, time_axis
from service.replay.page.figures import clock, percent, seconds
from service.replay.page.markup import Html, calm, markup, part, section
from service.replay.page.wording import about, kind, of_whole_mood

_WIDTH, _LEFT, _RIGHT = 1000, 46, 976
_TOP, _SHARES_END, _VOLUME_TOP, _BOTTOM = 14, 250, 282, 352
_LANES_TOP, _LANE = 392, 32
_LEAST_AXIS = 0.1  # of shares
_WIDE_BANDS = 20  # one band of so many may leave the chart


def course(columns: Sequence[Column], alerts: Sequence[Doc], left_out: float) -> Html:
    """Give the chart; ``left_out`` is the share of the comments whose time it does not show."""
    heading = ("course", "口碑走势", "The course")
    if not columns:
        return section(*heading, calm("没有评论", "No comments"))
    x = Scale(columns[0].start, columns[-1].end, _LEFT, _RIGHT)
    y = Scale(0, ceiling(_reached(columns), _LEAST_AXIS), _SHARES_END, _TOP)
    lanes = _lanes(alerts)
    drawn = [
        *share_grid(y, x),
        *(mark for alert in alerts if of_whole_mood(alert) for mark in _span(alert, x)),
        *line(over_time(columns, [each.negative for each in columns]), x, y, "negative"),
        *line(over_time(columns, [each.positive for each in columns]), x, y, "positive thin", band=False),
        *_volume(columns, x),
        *time_axis(x, _BOTTOM, _TOP),
        *(mark for place, lane in enumerate(lanes) for mark in _lane(lane, _LANES_TOP + _LANE * place + _LANE // 2, x)),
        *(_hit(column, x) for column in columns),
    ]
    height = _LANES_TOP + _LANE * len(lanes)
    chart = svg(_WIDTH, height, drawn, "负面占比与评论量 negative share and volume over time")
    note = f"只画评论集中的时段，其后 {left_out:.1%} 的评论未画。The last {left_out:.1%}, a thin tail, are left out."
    copies = part("legend_copies") if any(column.copies for column in columns) else ""
    body = part("course", chart=chart, copies=copies, alerts=part("legend_alerts") if lanes else "")
    return section(*heading, body, note if left_out else "")


def _reached(columns: Sequence[Column]) -> list[float]:
    """What the axis of shares must hold: both lines, and all but the widest bands."""
    highs = sorted(column.negative.high for column in columns if column.negative)
    lines = [share.value for column in columns for share in (column.negative, column.positive) if share]
    return highs[: len(highs) - len(highs) // _WIDE_BANDS] + lines


def _volume(columns: Sequence[Column], x: Scale) -> list[Html]:
    """Comments an hour as bars, the copies among them below."""
    rates = [column.comments * 3600 / max(column.end - column.start, 1) for column in columns]
    y = Scale(0, max(rates), _BOTTOM, _VOLUME_TOP)
    bars: dict[str, list[str]] = {"bars": [], "copies": []}
    for column, rate in zip(columns, rates, strict=True):
        left, right = x(column.start), x(column.end)
        gap = 0.8 if right - left > 3 else 0
        for name, height in (("bars", rate), ("copies", rate * column.copies / column.comments)):
            if height:
                bars[name].append(f"M{left} {y.start}V{y(height)}H{max(right - gap, left + 0.5):.1f}V{y.start}Z")
    label = '<text class="{}" x="{}" y="{}" text-anchor="end">{}</text>'
    return [
        markup(label, "", x.start - 8, _VOLUME_TOP + 8, f"{max(rates):,.0f}"),
        markup(label, "en", x.start - 8, _VOLUME_TOP + 22, "条/时"),
        *(markup('<path class="{}" d="{}"/>', name, "".join(paths)) for name, paths in bars.items()),
    ]


def _span(alert: Doc, x: Scale) -> list[Html]:
    """What an alert about the share of the chart covers of it."""
    onset, start, end = _places(alert, x)
    rect = '<rect class="span {}" x="{}" y="{}" width="{}" height="{}"/>'
    rule = '<line class="{} {}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
    return [
        markup(rect, kind(alert), start, _TOP, round(max(end - start, 1), 1), _BOTTOM - _TOP),
        *(markup(rule, name, kind(alert), at, at, _TOP, _BOTTOM) for name, at in (("onset", onset), ("alarm", start))),
    ]


def _lanes(alerts: Sequence[Doc]) -> list[list[Doc]]:
    """One lane for all alerts about the same."""
    lanes: dict[str, list[Doc]] = {}
    for alert in alerts:
        lanes.setdefault(alert["fingerprint"], []).append(alert)
    return [*lanes.values()]


def _lane(episodes: Sequence[Doc], y: int, x: Scale) -> list[Html]:
    (first, _, _), (_, _, last) = _places(episodes[0], x), _places(episodes[-1], x)
    anchor, at = ("start", first) if first < (x.start + x.end) / 2 else ("end", last)
    chinese, english = about(episodes[0])
    label = '<text class="strong" x="{}" y="{}" text-anchor="{}">{} <tspan class="en">{}</tspan></text>'
    bar = '<rect class="lane {}" x="{}" y="{}" width="{}" height="5" rx="2.5"/>'
    dot = '<circle class="{} {}" cx="{}" cy="{}" r="4"/>'
    drawn = [markup(label, at, y - 9, anchor, chinese, english)]
    for alert in episodes:
        colour, (onset, start, end) = kind(alert), _places(alert, x)
        drawn.append(markup(bar, f"{colour} grows", onset, y - 2.5, round(max(start - onset, 0), 1)))
        drawn.append(markup(bar, colour, start, y - 2.5, round(max(end - start, 2), 1)))
        drawn += [markup(dot, "hollow", colour, onset, y), markup(dot, "dot", colour, start, y)]
    return drawn


def _places(alert: Doc, x: Scale) -> tuple[float, float, float]:
    """Where an alert's change began, where it was told, and where it ended."""
    end = x(seconds(alert["endsAt"])) if alert["endsAt"] else x.end
    return x(seconds(alert["onset"]["time"])), x(seconds(alert["startsAt"])), end


def _hit(column: Column, x: Scale) -> Html:
    """What is told where the mouse rests."""
    text = (
        f"{clock(column.start)} – {clock(column.end)}\n负面 {_told(column.negative)}\n正面 {_told(column.positive)}\n"
        f"{column.comments:,} 条评论 comments，{column.likes:,} 赞 likes，雷同 copies {column.copies:,}"
    )
    left, right = x(column.start), x(column.end)
    form = '<g class="hit"><rect x="{}" y="{}" width="{}" height="{}"/><title>{}</title></g>'
    return markup(form, left, _TOP, round(max(right - left, 0.5), 1), _BOTTOM - _TOP, text)


def _told(share: Estimate | None) -> str:
    return f"{percent(share.value)} [{percent(share.low)}, {percent(share.high)}]" if share else "—"
