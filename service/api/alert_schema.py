"""The shapes of what is asked and told of alerts, silences and messages given up, for `/openapi.json`."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from service.api.schema import Shape, Text

Pattern = Annotated[str, Field(max_length=200)]


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
    AlertStatus,
    Alert,
    AlertPage,
    Acknowledgement,
    Matcher,
    NewSilence,
    Silence,
    Silences,
    DeadLetter,
    DeadLetters,
    Retried,
)
