"""The shapes of what is asked and told of streams, alerts, silences and segments, for `/openapi.json`.

Bodies are read as the shapes here, but for comments, which are checked by hand.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from service.api.schema import Fault, Responses, Shape, problems, ref
from service.monitor.expectations import COMMENTS_BETWEEN_FALSE_ALARMS

Share = Annotated[float, Field(gt=0, le=1)]
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2_000)]
Pattern = Annotated[str, Field(max_length=200)]


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
    firing: int = Field(description="Alerts that fire now, 100 at most.")


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


class AlertStatus(Shape):
    """How an alert stands."""

    state: Literal["pending", "firing", "resolved"]
    silencedBy: list[str] = Field(description="The silences in force that cover it.")  # noqa: N815
    acknowledged: dict[str, Any] | None = Field(description="who, at (ISO 8601) and note; null where nobody has.")


class Alert(Shape):
    """An alert in Alertmanager's vocabulary."""

    model_config = ConfigDict(extra="allow")
    id: str
    stream: str
    labels: dict[str, str]
    annotations: dict[str, str]
    startsAt: str  # noqa: N815
    endsAt: str | None  # noqa: N815
    fingerprint: str
    status: AlertStatus
    explanation: dict[str, Any] | None = Field(None, description="Only of one alert asked for by its id.")


class AlertPage(Shape):
    """Alerts, the one that began last first."""

    alerts: list[Alert]
    next: str | None = Field(description="What to send as `cursor` for the next page; null on the last one.")


class Acknowledgement(Shape):
    """Who has seen an alert."""

    model_config = ConfigDict(extra="forbid")
    who: Annotated[str, Field(min_length=1, max_length=200, examples=["mei"])]
    note: Text = ""


class Matcher(Shape):
    """What a label must be; a label an alert does not have counts as empty."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100, examples=["stream"])]
    value: Annotated[Pattern, Field(examples=["第九枚卫星"])]
    isRegex: bool = Field(False, description="Whether value is a regular expression for the whole label.")  # noqa: N815
    isEqual: bool = Field(True, description="False where the label must not match.")  # noqa: N815


class NewSilence(Shape):
    """A silence to be kept; with the id of one that is there it takes its place."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    matchers: Annotated[
        list[Matcher], Field(min_length=1, max_length=20, examples=[[{"name": "stream", "value": "第九枚卫星"}]])
    ]
    startsAt: str | float | None = Field(None, description="ISO 8601, or seconds since 1970; now if absent.")  # noqa: N815
    endsAt: str | float = Field(examples=["2025-02-01T08:00:00+08:00"])  # noqa: N815
    createdBy: Annotated[str, Field(min_length=1, max_length=200, examples=["mei"])]  # noqa: N815
    comment: Text = ""


class Silence(Shape):
    """A silence: alerts that all its matchers fit are not told to webhooks while it is in force."""

    id: str
    silenceID: str = Field(description="The same, as Alertmanager calls it.")  # noqa: N815
    matchers: list[Matcher]
    startsAt: str  # noqa: N815
    endsAt: str  # noqa: N815
    createdBy: str  # noqa: N815
    comment: str
    status: dict[str, str] = Field(description="state: pending, active or expired.")


class Silences(Shape):
    """All silences, the one that ends last first."""

    silences: list[Silence]


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


class DeadLetter(Shape):
    """A message that was given up."""

    id: int
    address: str = Field(description="The webhook, without what may be secret in its address.")
    attempts: int
    error: str | None
    message: Any = Field(description="What was to be told.")


class DeadLetters(Shape):
    """Messages given up, in the order they were written."""

    dead_letters: list[DeadLetter]
    next: int | None = Field(description="What to send as `after` for the next page; null on the last one.")


class Retried(Shape):
    """How many messages are on their way again."""

    retried: int


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
    AlertStatus,
    Alert,
    AlertPage,
    Acknowledgement,
    Matcher,
    NewSilence,
    Silence,
    Silences,
    Segment,
    Segments,
    Promotion,
    Promoted,
    DeadLetter,
    DeadLetters,
    Retried,
)

_OFF = "The streams are off in this process, or their database cannot be used; the detail says why."
_NO_STREAM = "There is no such stream."
_PARAMETER = "A parameter, or the stream's name, is not allowed."

STREAM_COMMENTS = {
    "comments": [
        {
            "id": "5203",
            "text": "跟预告片完全是两部电影，想退票",
            "time": "2025-01-29T20:15:00+08:00",
            "platform": "douban",
            "author": "114514",
            "likes": 12,
        },
        {"id": "5204", "text": "笑点很密，全家都喜欢", "time": "2025-01-29T20:15:07+08:00", "platform": "weibo"},
    ]
}
STREAM_LINES = '{"id": "5205", "text": "后半段太拖了", "time": 1738152960}\n{"text": "二刷了，值"}\n'

COMMENTS_REQUEST: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": ref(StreamComment, StreamComments),
            "examples": {"several": {"summary": "Several comments", "value": STREAM_COMMENTS}},
        },
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One StreamComment a line."},
            "examples": {"lines": {"summary": "One comment a line", "value": STREAM_LINES}},
        },
    },
}


def body_of(shape: type[Shape], example: Any, *, required: bool = True) -> dict[str, Any]:
    """The `requestBody` of an operation that takes one JSON object."""
    content = {"application/json": {"schema": ref(shape), "example": example}}
    return {"requestBody": {"required": required, "content": content}}


def replies(shape: type[Shape], text: str, **problem_kinds: str) -> Responses:
    """The replies of an operation: a shape, and problems beside those that every one may meet."""
    content = {"application/json": {"schema": ref(shape)}}
    kinds = {"s422": _PARAMETER, "s503": _OFF} | problem_kinds
    return {200: {"description": text, "content": content}, **problems(**kinds)}


def stream_replies(shape: type[Shape], text: str, **problem_kinds: str) -> Responses:
    """The same of an operation on a stream that must be there."""
    return replies(shape, text, **({"s404": _NO_STREAM} | problem_kinds))


COMMENTS_RESPONSES = replies(
    StreamReceipt,
    "The comments are on disk.",
    s400="The body is not JSON or not whole.",
    s413="More comments than POQUAN_MAX_COMMENTS or bytes than POQUAN_MAX_BYTES; the limit stands in the problem.",
    s415="The body is neither JSON nor NDJSON.",
    s422="No comment can be used, or the stream cannot be called that; errors names index and field.",
    s503="Too many comments wait to be watched (Retry-After says when to come again), the streams are off in this "
    "process, or their database cannot be used. Nothing was kept: send the comments again.",
)

EVENTS_RESPONSES: Responses = {
    200: {
        "description": "Server-sent events: `id` numbers them, `event` is alert.pending, alert.firing or "
        "alert.resolved, `data` a JSON object with `id`, `event`, `stream`, `comment` (its place), `time` and `alert`. "
        "A comment line comes every 15 seconds when there is nothing to tell.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    **problems(s404=_NO_STREAM, s422=_PARAMETER, s503=_OFF),
}
NO_CONTENT: Responses = {204: {"description": "It is gone."}, **problems(s404=_NO_STREAM, s422=_PARAMETER, s503=_OFF)}
