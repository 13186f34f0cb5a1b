"""The shapes of what is asked and told of streams and their segments, for `/openapi.json`.

Bodies are read as the shapes here, but for comments, which are checked by hand.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from service.api.schema import Fault, Line, Shape, Text
from service.monitor.expectations import COMMENTS_BETWEEN_FALSE_ALARMS

Share = Annotated[float, Field(gt=0, le=1)]


def _once(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise ValueError("may name each once")
    return values


class StreamComment(Shape):
    """A comment of a stream. Further members are allowed and not looked at."""

    model_config = ConfigDict(extra="allow")
    text: str = Field(description="What was written; may be empty.")
    id: str | int | None = Field(
        None, description="The same id is the same comment, taken once; without it the content tells."
    )
    time: str | int | float | None = Field(
        None,
        description="ISO 8601 (without a zone it is Asia/Shanghai's), or seconds or milliseconds since 1970; "
        "without it the time of arrival. At most ten minutes in the future.",
    )
    author: str | int | None = Field(None, description="The account; only a hash of it is kept.")
    thread: str | int | None = Field(None, description="The post or video it stands under.")
    platform: str | None = Field(None, description="Where it was written, such as weibo.")
    gender: str | None = Field(None, description="female, male, f, m, 女 or 男 as declared; anything else: not known.")
    likes: str | int | float | None = Field(None, description="A number, or as sites write it: 1.2万.")
    parent: str | int | None = Field(None, description="Not used.")
    work: str | None = Field(None, description="Not used; PUT the stream to say which work it is about.")


class StreamComments(Shape):
    """Comments of a stream."""

    comments: list[StreamComment]


class StreamReceipt(Shape):
    """What became of the comments of a request; those accepted are on disk."""

    stream: str
    accepted: int
    duplicates: int = Field(description="Comments whose id the stream had; they change nothing.")
    late: int = Field(
        description="Among those accepted: comments older than the stream's newest by more than POQUAN_LATENESS "
        "seconds. They count in the series, and are not watched."
    )
    rejected: int
    errors: list[Fault] = Field(description="The comments rejected, the first 100.")


class StreamExpectations(Shape):
    """What is expected of a stream; what is left out the stream's own first phase tells."""

    model_config = ConfigDict(extra="forbid")
    work: Line | None = Field(None, description="The film or series.", examples=["第九枚卫星"])
    mix: dict[str, Share] = Field(
        {}, description="The share each circle, by key or name, is expected to have.", examples=[{"family": 0.2}]
    )
    women: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="The share of women expected among the authors who declare a gender.", examples=[0.45]
    )
    core: Annotated[list[str], AfterValidator(_once)] = Field(
        [], description="The circles the work was made for, by key or name.", examples=[["family", "scifi"]]
    )
    comments_between_false_alarms: Annotated[int, Field(ge=1_000, le=10_000_000)] = COMMENTS_BETWEEN_FALSE_ALARMS


class StreamSummary(Shape):
    """A stream in a list."""

    name: str
    work: str | None
    comments: int = Field(description="Comments ever accepted, late ones among them.")
    late: int
    watermark: str | None = Field(description="The newest time of a comment, ISO 8601.")
    firing: int = Field(description="Alerts that fire now.")


class StreamPage(Shape):
    """Streams in the order of their names."""

    streams: list[StreamSummary]
    next: str | None = Field(description="What to send as `after` for the next page; null on the last one.")


class WatchState(Shape):
    """One thing that is watched in a stream."""

    labels: dict[str, str]
    state: Literal["learning", "quiet", "pending", "firing"]
    baseline: float = Field(description="The share taken for normal, as estimated.")
    bound: float = Field(description="The share up to which nothing speaks for a change.")
    comments: float = Field(description="Comments, weighed, that the baseline was learned from.")


class StreamDetail(StreamSummary):
    """A stream with all that is watched in it."""

    model_config = ConfigDict(extra="allow")
    created: str
    changed: bool | None = Field(None, description="After PUT: whether something else is expected than before.")
    behind: int = Field(description="Accepted comments of all streams that wait to be watched.")
    expectations: StreamExpectations
    core: list[str] = Field(description="The core circles, given or found in the first phase; empty before.")
    platforms: list[str]
    watches: list[WatchState]
    alerts: list[dict[str, Any]] = Field(description="Those pending or firing, without explanations.")
    segments: list[dict[str, Any]] = Field(description="New groups of viewers, without terms and examples.")
    copy_groups: list[dict[str, Any]] = Field(
        description="The biggest groups of near-copies among recent comments; began is ISO 8601."
    )


class Series(Shape):
    """A stream over event time."""

    stream: str
    bucket: str
    core: list[str]
    points: list[dict[str, Any]] = Field(description="A point for each bucket with comments, in the order of time.")


class Segment(Shape):
    """A new group of viewers: comments alike among those that fit no circle."""

    model_config = ConfigDict(extra="allow")
    id: str
    state: Literal["found", "proposed"]
    terms: list[dict[str, Any]]
    size: int
    share: float
    growth: float
    examples: list[str]


class Segments(Shape):
    """The segments of a stream, those whose growth is sure first."""

    stream: str
    segments: list[Segment]


class Promotion(Shape):
    """How the circle is to be called that a segment becomes; what is left out the segment tells."""

    model_config = ConfigDict(extra="forbid")
    key: Annotated[str, Field(max_length=32)] | None = Field(
        None, description="1 to 32 of a-z, 0-9 and _.", examples=["astronomy"]
    )
    chinese: Line | None = Field(None, description="Without it the first two of its clear terms.")
    english: Line = ""
    definition: Text = ""
    cues: Annotated[list[Line], Field(max_length=100)] | None = Field(
        None, description="Without them the terms that are clearly the segment's."
    )
    examples: Annotated[list[Text], Field(max_length=100)] | None = None


class Promoted(Shape):
    """The circle a segment became."""

    stream: str
    segment: str
    key: str
    file: str
    next: str


MODELS: tuple[type[Shape], ...] = (
    StreamComment,
    StreamComments,
    StreamReceipt,
    StreamExpectations,
    StreamSummary,
    StreamPage,
    WatchState,
    StreamDetail,
    Series,
    Segment,
    Segments,
    Promotion,
    Promoted,
)
