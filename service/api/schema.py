"""The shapes of requests and replies for `/openapi.json`. They document; the hot path checks by hand."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from service.api.problem import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2_000)]


class Shape(BaseModel):
    """What is asked or told; what checks it is built when it is first used."""

    model_config = ConfigDict(defer_build=True)


class Comment(Shape):
    """A comment to score. Further members are allowed and not looked at."""

    model_config = ConfigDict(extra="allow")
    text: str = Field(description="What was written; may be empty.")
    id: str | int | None = Field(None, description="Comes back with the result. Numbers from 2^64 on: as a string.")
    platform: str | None = Field(None, description="Where it was written, such as weibo; not used in scoring.")
    work: str | None = Field(None, description="The film or series it was written under; not used in scoring.")
    time: str | int | float | None = Field(None, description="When it was written; not used in scoring.")


class Comments(Shape):
    """Comments to score together."""

    comments: list[Comment]


class Word(Shape):
    """A word that decided."""

    word: str
    effect: float = Field(description="Polarity score, or a facet's probability, minus the same without the word.")


class Result(Shape):
    """What the model says of one comment."""

    id: str | int | None = Field(None, description="As given; absent when none was given.")
    index: int = Field(description="Place of the comment in the request, from 0.")
    polarity: str = Field(description="negative, neutral or positive, at the thresholds of the model.")
    polarity_score: float = Field(ge=-1, le=1, description="P(positive) - P(negative).")
    p_negative: float
    p_neutral: float
    p_positive: float
    circles: list[str] = Field(
        description="Audience circles it speaks from, often none, as the model's thresholds say."
    )
    aspects: list[str] = Field(description="What it judges, such as story or acting.")
    stage: str | None = Field(
        description="want, seen, rewatch, recommend, dissuade or refund; null when it shows none."
    )
    p_circles: dict[str, float] = Field(
        description="Probability of each circle named in it; with probabilities=true of every circle the model knows."
    )
    p_aspects: dict[str, float] = Field(description="The same of aspects.")
    p_stages: dict[str, float] = Field(description="The same of stages.")
    model: str = Field(description="Version of the model.")
    words: list[Word] | None = Field(None, description="With explain=true: what decided the polarity, strongest first.")
    facet_words: dict[str, list[Word]] | None = Field(
        None, description="With explain=true: for each facet named in it the words that decided, strongest first."
    )


class Fault(Shape):
    """Why one comment, or one part of the request, cannot be used."""

    index: int | None = Field(None, description="Place of the comment in the request, from 0.")
    id: str | int | None = None
    field: str
    value: str | None = Field(None, description="The faulty value as JSON, cut; null when it is missing.")
    message: str


class Results(Shape):
    """What the model says of each comment."""

    model: str
    results: list[Result]
    errors: list[Fault] | None = Field(None, description="With on_error=skip: the comments that were left out.")


class Problem(Shape):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Fault] | None = None


MODELS: tuple[type[Shape], ...] = (Comment, Comments, Word, Result, Fault, Results, Problem)


def ref(*models: type[Shape]) -> dict[str, Any]:
    """The schema of a value that has one of these shapes."""
    refs = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]
    return refs[0] if len(refs) == 1 else {"anyOf": refs}


def problems(**kinds: str) -> Responses:
    """Replies that are problems, each by its status (`s404`) and with what it means."""
    content = {MEDIA_TYPE: {"schema": ref(Problem)}}
    return {name.removeprefix("s"): {"description": text, "content": content} for name, text in kinds.items()}


ONE_COMMENT = {"text": "带着爸妈去看，笑得停不下来，值得二刷", "platform": "douban"}
SOME_COMMENTS = {
    "comments": [
        {"id": "a1", "text": "特效真不错，就是剧情拖沓", "platform": "weibo", "work": "某部电影"},
        {"id": "a2", "text": "烂片，浪费两个小时", "time": "2025-01-29T20:15:00+08:00"},
    ]
}
LINES = '{"id": "a1", "text": "笑点很密，全家都喜欢"}\n{"id": "a2", "text": "几点上映？"}\n'

SCORE_REQUEST: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": ref(Comment, Comments),
            "examples": {
                "one": {"summary": "One comment", "value": ONE_COMMENT},
                "several": {"summary": "Several comments", "value": SOME_COMMENTS},
            },
        },
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One Comment a line."},
            "examples": {"lines": {"summary": "One comment a line", "value": LINES}},
        },
    },
}

_RESULT = {
    "id": "a1",
    "index": 0,
    "polarity": "positive",
    "polarity_score": 0.8712,
    "p_negative": 0.0312,
    "p_neutral": 0.0664,
    "p_positive": 0.9024,
    "circles": ["senior"],
    "aspects": [],
    "stage": "rewatch",
    "p_circles": {"senior": 0.8546},
    "p_aspects": {},
    "p_stages": {"rewatch": 0.8165},
    "model": "base-3f9a1c2e",
}

SCORE_RESPONSES: Responses = {
    200: {
        "description": "A Result for {text}, Results for {comments}, one Result a line for NDJSON.",
        "content": {
            "application/json": {
                "schema": ref(Result, Results),
                "examples": {
                    "one": {"value": {name: value for name, value in _RESULT.items() if name != "id"}},
                    "several": {"value": {"model": "base-3f9a1c2e", "results": [_RESULT]}},
                },
            },
            "application/x-ndjson": {
                "schema": {"type": "string", "description": "One Result or {index, error} a line."}
            },
        },
    },
    **problems(
        s400="The body is not JSON or not whole.",
        s413="Too many comments or bytes; the limit stands in max_comments or max_bytes.",
        s415="The body is neither JSON nor NDJSON.",
        s422="Comments cannot be scored; errors names index and field.",
        s503="No model is loaded yet, or too many requests wait; Retry-After says when to come again.",
    ),
}

READY_RESPONSES = problems(s503="No model is loaded, or the streams are not open; the detail says why.")
METRICS_RESPONSES: Responses = {200: {"description": "Prometheus text format.", "content": {"text/plain": {}}}}
RELOAD_RESPONSES = problems(s409="The model could not be loaded; the one before it goes on answering.")
MODEL_RESPONSES: Responses = {
    200: {"description": "The model card.", "content": {"text/markdown": {"schema": {"type": "string"}}}},
    **READY_RESPONSES,
}


def document(app: FastAPI, *, with_key: bool, shapes: Sequence[type[Shape]] = MODELS) -> dict[str, Any]:
    """The OpenAPI document of the application, with these shapes as its components."""
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    _, known = models_json_schema(
        [(shape, "validation") for shape in shapes], ref_template="#/components/schemas/{model}"
    )
    components = found.setdefault("components", {})
    components["schemas"] = components.get("schemas", {}) | known["$defs"]
    if with_key:
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        found["security"] = [{"bearer": []}, {"header": []}]
    return found
