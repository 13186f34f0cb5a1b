"""The points of a series joined to as many columns as a drawing can show."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt

from service.monitor.intervals import Estimate
from service.replay.page import Doc
from service.replay.page.figures import seconds

_MOST = 180  # columns; more cannot be told apart
_LEAST_COMMENTS = 20  # of a column, so that no thin hour draws a spike
_LEAST_OF_ALL = 1 / 400  # of all comments, for the same in a stream of many
_BUSY_SHARES = (0.98, 0.95, 0.9, 0.8)  # of the comments: the first that comes within a part of the time is drawn
_BUSY_PART = 1 / 3


@dataclass(frozen=True, slots=True)
class Column:
    """What happened from ``start`` to ``end`` (seconds since 1970); what is unknown is None, or not in ``circles``.

    ``organic`` are the comments that the shares are of.
    """

    start: float
    end: float
    comments: int
    organic: int
    likes: int
    copies: int
    negative: Estimate | None
    positive: Estimate | None
    outside_core: Estimate | None
    effective_circles: Estimate | None
    circles: dict[str, Estimate]


def read_points(points: Sequence[Doc]) -> list[Column]:
    """Give the points of a series that hold comments, in their order."""
    return [_column(point) for point in points if point["comments"]]


def busy_time(points: Sequence[Column], last: float) -> Sequence[Column]:
    """Give the points without a long thin tail, which would press the rest together; nothing up to ``last`` (seconds)
    is left out."""
    so_far = [*accumulate(point.comments for point in points)]
    for share in _BUSY_SHARES:
        enough = (at for at, point in enumerate(points) if so_far[at] >= share * so_far[-1] and point.end >= last)
        kept = points[: next(enough, len(points)) + 1]
        if kept and _span(kept) < _BUSY_PART * _span(points):
            return kept
    return points


def join_points(points: Sequence[Column]) -> list[Column]:
    """Give neighbouring points joined where they are many or thin."""
    if not points:
        return []
    least, breadth = max(_LEAST_COMMENTS, _LEAST_OF_ALL * comments_of(points)), _span(points) / _MOST
    columns: list[Column] = []
    run: list[Column] = []
    for point in points:
        run.append(point)
        if _span(run) >= breadth and comments_of(run) >= least:
            columns.append(joined(run))
            run = []
    return [*columns, joined(run)] if run else columns


def joined(run: Sequence[Column]) -> Column:
    """Give neighbouring points as one, the intervals as if they were independent."""
    keys = dict.fromkeys(key for each in run for key in each.circles)
    circles = {key: circle_share(run, key) for key in keys}
    return Column(
        start=run[0].start,
        end=run[-1].end,
        comments=comments_of(run),
        organic=sum(each.organic for each in run),
        likes=sum(each.likes for each in run),
        copies=sum(each.copies for each in run),
        negative=_mean([(each.organic, each.negative) for each in run]),
        positive=_mean([(each.organic, each.positive) for each in run]),
        outside_core=_mean([(each.organic, each.outside_core) for each in run]),
        effective_circles=_mean([(each.organic, each.effective_circles) for each in run]),
        circles={key: share for key, share in circles.items() if share is not None},
    )


def circle_share(run: Sequence[Column], key: str) -> Estimate | None:
    """Give a circle's share over all points; None where nothing is known."""
    return _mean([(each.organic, each.circles.get(key)) for each in run])


def over_time(columns: Sequence[Column], figures: Sequence[Estimate | None]) -> list[tuple[float, Estimate | None]]:
    """Give the figures of columns at the times halfway in them, the first and the last also where the columns end."""
    if not columns:
        return []
    middles = [(column.start + column.end) / 2 for column in columns]
    return [(columns[0].start, figures[0]), *zip(middles, figures, strict=True), (columns[-1].end, figures[-1])]


def comments_of(points: Sequence[Column]) -> int:
    """Give how many comments there are in all points."""
    return sum(point.comments for point in points)


def _span(points: Sequence[Column]) -> float:
    return points[-1].end - points[0].start


def _column(point: Doc) -> Column:
    return Column(
        start=seconds(point["start"]),
        end=seconds(point["end"]),
        comments=point["comments"],
        organic=point["organic"],
        likes=point["likes"],
        copies=point["copies"],
        negative=_estimate(point["negative"]),
        positive=_estimate(point["positive"]),
        outside_core=_estimate(point["outside_core"]),
        effective_circles=_estimate(point["effective_circles"]),
        circles={key: Estimate(**circle["share"]) for key, circle in point["circles"].items()},
    )


def _estimate(figure: Doc | None) -> Estimate | None:
    return None if figure is None else Estimate(figure["value"], figure["low"], figure["high"])


def _mean(figures: Sequence[tuple[int, Estimate | None]]) -> Estimate | None:
    """Give the mean of figures with their comments as weights; figures of no comment tell nothing."""
    known = [(comments, figure) for comments, figure in figures if comments and figure is not None]
    total = sum(comments for comments, _ in known)
    if not total:
        return None
    value = sum(comments * figure.value for comments, figure in known) / total
    below = sqrt(sum((comments * (figure.value - figure.low)) ** 2 for comments, figure in known)) / total
    above = sqrt(sum((comments * (figure.high - figure.value)) ** 2 for comments, figure in known)) / total
    return Estimate(value, max(0.0, value - below), value + above)
