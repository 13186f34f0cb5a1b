"""The circles over time, and how far the talk has left the core."""

from collections.abc import Sequence

from service.monitor.facet_wording import chinese_name, english_name
from service.monitor.intervals import Estimate
from service.replay.page.columns import Column, circle_share, joined, over_time
from service.replay.page.drawing import Scale, ceiling, count_grid, line, path, share_grid, svg, time_axis
from service.replay.page.figures import percent
from service.replay.page.markup import Html, join, markup, part, section

_MOST_CIRCLES = 12
_NOTHING = Estimate(0.0, 0.0, 0.0)
_SPARK_WIDTH, _SPARK_BOTTOM, _SPARK_STEPS = 200, 54, 36  # so small a drawing has no room for the noise of columns
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 500, 174, 40, 484, 8, 150
_LEAST_AXIS, _ROOM = 0.05, 1.15  # of an axis of shares; of one of counts above what it must hold


def circles(columns: Sequence[Column]) -> Html:
    """Give the shares of the largest circles and the two figures of a breakout; nothing where no circle is known."""
    keys = dict.fromkeys(key for column in columns for key in column.circles)
    ends = {key: _ends(columns, key) for key in keys}
    chosen = sorted(keys, key=lambda key: (-max(share.value for share in ends[key]), key))[:_MOST_CIRCLES]
    panels = [
        _panel(
            "核心圈以外的占比",
            "Share outside the core circles",
            columns,
            [each.outside_core for each in columns],
            "core",
        ),
        _panel(
            "有效圈层数", "Effective number of circles", columns, [each.effective_circles for each in columns], "count"
        ),
    ]
    if not chosen and not any(panels):
        return Html()
    note = (
        "大字是最后四分之一时段的占比，小字是最初四分之一，确有上升的为绿色；各图自有纵轴。"
        "Last quarter against the first, green where it surely rose; own scales."
    )
    multiples = join(_multiple(columns, key, *ends[key]) for key in chosen)
    body = part("circles", multiples=multiples, pair=join(panels))
    return section("circles", "圈层与破圈", "Circles and breakout", body, note)


def _ends(columns: Sequence[Column], key: str) -> tuple[Estimate, Estimate]:
    """A circle's share in the first and in the last quarter of the time; 0 where nothing is known."""
    quarter = max(1, len(columns) // 4)
    first, last = circle_share(columns[:quarter], key), circle_share(columns[-quarter:], key)
    return first or _NOTHING, last or _NOTHING


def _multiple(columns: Sequence[Column], key: str, was: Estimate, now: Estimate) -> Html:
    return part(
        "multiple",
        kind="circle_rise" if now.low > was.high else "count",
        now=percent(now.value),
        was=f"此前 {percent(was.value)}",
        chinese=chinese_name(key),
        english=english_name(key),
        curve=_spark(columns, key),
    )


def _spark(columns: Sequence[Column], key: str) -> Html:
    """A circle's share in few steps."""
    step = -(-len(columns) // _SPARK_STEPS)
    runs = [joined(columns[start : start + step]) for start in range(0, len(columns), step)]
    known = [(time, share.value) for time, share in over_time(runs, [run.circles.get(key) for run in runs]) if share]
    x = Scale(columns[0].start, columns[-1].end, 0, _SPARK_WIDTH)
    y = Scale(0, max(share for _, share in known) or 1, _SPARK_BOTTOM, 3)
    places = [(x(time), y(share)) for time, share in known]
    area = [(places[0][0], y.start), *places, (places[-1][0], y.start)]
    drawn = markup('<path class="band" d="{}Z"/><path class="curve" d="{}"/>', path(area), path(places))
    form = '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    return markup(form, _SPARK_WIDTH, _SPARK_BOTTOM + 2, drawn)


def _panel(chinese: str, english: str, columns: Sequence[Column], figures: list[Estimate | None], kind: str) -> Html:
    highs = [figure.high for figure in figures if figure]
    if not highs:
        return Html()
    counted = kind == "count"
    x = Scale(columns[0].start, columns[-1].end, _LEFT, _RIGHT)
    y = Scale(0, max(highs) * _ROOM if counted else ceiling(highs, _LEAST_AXIS), _BOTTOM, _TOP)
    drawn = [
        *(count_grid(y, x) if counted else share_grid(y, x)),
        *line(over_time(columns, figures), x, y, kind),
        *time_axis(x, _BOTTOM, _BOTTOM),
    ]
    chart = svg(_WIDTH, _HEIGHT, drawn, f"{chinese} {english}")
    return part("panel", chinese=chinese, english=english, chart=chart)
