"""Drawings: scales, their marks, and lines with their bands, in SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.monitor.intervals import Estimate
from service.replay.page.figures import CHINA
from service.replay.page.markup import Html, join, markup

_HOUR, _DAY = 3_600, 86_400
_HOURS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720, 2160, 8760, 43800)  # between two marks of a time axis
_MOST_TIMES, _MOST_NUMBERS, _MOST_STEPS = 9, 8, 6  # marks of an axis of times, of comments, of shares or counts
_ENDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)  # of an axis of shares
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_MONTHS_APART = 60 * _DAY  # between marks from which on they tell months
_RULE = '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
_MARK = '<text x="{}" y="{}" text-anchor="{}">{}</text>'


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to places of a drawing."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Give the place of a value; beyond the ends the place of the end."""
        part = (min(max(value, self.low), self.high) - self.low) / ((self.high - self.low) or 1)
        return round(self.start + part * (self.end - self.start), 1)


def svg(width: int, height: int, drawn: Iterable[Html], label: str) -> Html:
    """Give a drawing that is as wide as there is room; ``label`` is read to those who do not see it."""
    form = '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    return markup(form, width, height, label, join(drawn))


def path(places: Sequence[tuple[float, float]]) -> str:
    """Give the description of a path from place to place.

    >>> path([(0, 1.5), (2, 3)])
    'M0 1.5L2 3'
    """
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)


def line(
    figures: Sequence[tuple[float, Estimate | None]], x: Scale, y: Scale, kind: str, band: bool = True
) -> list[Html]:
    """Draw figures over time, with the band of their intervals; the line is broken where nothing is known."""
    runs: list[list[tuple[float, Estimate]]] = [[]]
    for time, figure in figures:
        if figure is not None:
            runs[-1].append((x(time), figure))
        elif runs[-1]:
            runs.append([])
    drawn = []
    for run in filter(None, runs):
        if band:
            above = [(place, y(figure.high)) for place, figure in run]
            below = [(place, y(figure.low)) for place, figure in run]
            drawn.append(markup('<path class="band {}" d="{}Z"/>', kind, path(above + below[::-1])))
        middle = [(place, y(figure.value)) for place, figure in run]
        drawn.append(markup('<path class="curve {}" d="{}"/>', kind, path(middle)))
    return drawn


def ceiling(values: Iterable[float], least: float) -> float:
    """Give the end of an axis of shares: round, and a little above what it must hold."""
    most = max([*values, least]) * 1.05
    return next((end for end in _ENDS if end >= most), 1.0)


def share_grid(y: Scale, x: Scale) -> list[Html]:
    """Draw the marks of an axis of shares."""
    step = next(step for step in _STEPS if y.high / step < _MOST_STEPS)
    return _grid(y, x, [(number * step, f"{number * step:.0%}") for number in range(int(y.high / step + 1.01))])


def count_grid(y: Scale, x: Scale) -> list[Html]:
    """Draw the marks of an axis of counts."""
    step = next(step for step in (1, 2, 5, 10, 20) if y.high / step <= _MOST_STEPS or step == 20)
    return _grid(y, x, [(number, str(number)) for number in range(0, int(y.high) + 1, step)])


def time_axis(x: Scale, bottom: int, top: int) -> list[Html]:
    """Draw marks at round hours or days of China time."""
    hours = (x.high - x.low) / _HOUR
    step = _HOUR * next((each for each in _HOURS if hours / each <= _MOST_TIMES), _HOURS[-1])
    offset = datetime.fromtimestamp(x.low, CHINA).utcoffset()
    shift = offset.total_seconds() if offset else 0.0
    drawn = [markup('<line class="base" x1="{}" x2="{}" y1="{}" y2="{}"/>', x.start, x.end, bottom, bottom)]
    for number in range(int((x.low + shift) // step + 1), int((x.high + shift) // step) + 1):
        time = datetime.fromtimestamp(number * step - shift, CHINA)
        at = x(time.timestamp())
        drawn.append(markup(_RULE, at, at, top, bottom))
        drawn.append(markup(_MARK, at, bottom + 18, "middle", _date(time, step)))
    return drawn


def comment_axis(x: Scale, bottom: int) -> list[Html]:
    """Draw round numbers of comments."""
    steps = (number * 10**scale for scale in range(12) for number in (1, 2, 5))
    step = next(step for step in steps if x.high / step <= _MOST_NUMBERS)
    return [markup(_MARK, x(at), bottom + 18, "middle", f"{at:,}") for at in range(0, int(x.high) + 1, step)]


def _grid(y: Scale, x: Scale, marks: Sequence[tuple[float, str]]) -> list[Html]:
    rules = [markup(_RULE, x.start, x.end, y(at), y(at)) for at, _ in marks]
    return rules + [markup(_MARK, x.start - 8, y(at) + 4, "end", text) for at, text in marks]


def _date(time: datetime, step: float) -> str:
    if step >= _MONTHS_APART:
        return f"{time.year}年{time.month}月"
    return f"{time.hour}:00" if step < _DAY and time.hour else f"{time.month}月{time.day}日"
