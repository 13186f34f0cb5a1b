"""The alerts against the truth, beside other detectors."""

from collections.abc import Sequence

from service.replay.page import Doc
from service.replay.page.drawing import Scale, comment_axis, svg
from service.replay.page.figures import moment, percent, short
from service.replay.page.markup import Html, join, markup, part, section

_OURS = "poquan"
_WIDTH, _LEFT, _RIGHT, _ROW, _BELOW = 1000, 190, 992, 34, 24
_TICK = 9  # half of an alarm's height
_MOST_NAME = 24  # characters


def truth(known: Doc, comments: int) -> Html:
    """Give the true episodes, the alarms of each detector over all ``comments``, and how each did."""
    detectors = known["detectors"]
    x, height = Scale(1, comments, _LEFT, _RIGHT), _ROW * len(detectors) + _ROW // 2
    drawn = [
        *(_episode(each, x, height) for each in known["episodes"]),
        *(mark for row, each in enumerate(detectors) for mark in _alarms(each, x, _ROW * row + 24)),
        *comment_axis(x, height),
    ]
    chart = svg(_WIDTH, height + _BELOW, drawn, "各方法的报警 alarms of each detector")
    body = part("truth", chart=chart, rows=join(map(_row, detectors)), not_run=_not_run(known["not_run"]))
    return section("truth", "与真值对照", "Against the truth", body, _note(known["episodes"]))


def _note(episodes: Sequence[Doc]) -> str:
    if not episodes:
        return (
            "按真值口碑没有转差，所有报警都是误报；横轴是第几条评论。By the truth nothing turned: every alarm is false."
        )
    spans = "；".join(
        f"第 {each['comment']:,}–{each['last_comment']:,} 条，{percent(each['before'])} → {percent(each['share'])}"
        for each in episodes
    )
    return (
        f"红色区域是按真值负面占比确实升高的一段（{spans}），短竖线是各方法的报警，横轴是第几条评论。"
        "Red: where the share truly rose; ticks: alarms; by comment number."
    )


def _episode(episode: Doc, x: Scale, height: int) -> Html:
    first, last = x(episode["comment"]), x(episode["last_comment"])
    ended = moment(episode["to"]) if episode["to"] else "结束 the end"
    form = (
        '<g class="negative"><rect class="episode" x="{}" y="0" width="{}" height="{}"/>'
        '<line class="alarm" x1="{}" x2="{}" y1="0" y2="{}"/><title>{} – {}</title></g>'
    )
    width = round(max(last - first, 1), 1)
    return markup(form, first, width, height, first, first, height, moment(episode["from"]), ended)


def _alarms(detector: Doc, x: Scale, y: int) -> list[Html]:
    rule = '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
    label = '<text class="strong" x="{}" y="{}" text-anchor="end">{}</text>'
    kind = "found" if detector["name"] == _OURS else "false"
    places = dict.fromkeys(round(x(alarm)) for alarm in detector["alarms"])  # a rule may fire at every comment
    return [
        markup(rule, "grid", x.start, x.end, y, y),
        markup(label, x.start - 12, y + 4, short(detector["name"], _MOST_NAME)),
        *(markup(rule, kind, at, at, y - _TICK, y + _TICK) for at in places),
    ]


def _row(detector: Doc) -> Html:
    delay = detector["mean_delay_comments"]
    return part(
        "truth_row",
        kind="ours" if detector["name"] == _OURS else "",
        name=detector["name"],
        found=detector["episodes_found"],
        episodes=detector["episodes"],
        false_alarms=f"{detector['false_alarms']:,}",
        delay="—" if delay is None else f"{delay:,.0f}",
    )


def _not_run(missing: Sequence[Doc]) -> Html:
    return join(part("not_run", name=each["name"], reason=each["reason"]) for each in missing)
