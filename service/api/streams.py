"""`/streams`: which there are, what is expected of one, and how it stands."""

import time
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from model import Scorer
from service.api.alert_documents import alert_document
from service.api.asked import Bounds, KnownStream, StreamName, Streams
from service.api.circle_names import circle_keys
from service.api.documents import not_allowed, read_document
from service.api.parameters import ONLY_KNOWN
from service.api.stream_replies import NO_CONTENT, body_of, replies, stream_replies
from service.api.stream_schema import StreamDetail, StreamExpectations, StreamPage
from service.monitor.expectations import Expectations
from service.monitor.panel import Panel
from service.monitor.stream import StreamMonitor
from service.monitor.watch import FIRING, PENDING, QUIET
from service.store.alerts import AlertFilter
from service.store.store import Store
from service.store.streams import Stream
from service.streams.engine import Engine
from service.streams.monitors import expectations_of, settings_of
from service.streams.telling import iso

router = APIRouter(tags=["streams"], dependencies=[ONLY_KNOWN])

MOST_OPEN = 100
"""Alerts of a state that the reply about a stream has at most."""

_STATES = {QUIET: "quiet", PENDING: "pending", FIRING: "firing"}
_DIGITS = 5
_EXAMPLE = {"work": "第九枚卫星", "mix": {"family": 0.2, "student": 0.1}, "women": 0.45, "core": ["family", "student"]}

After = Annotated[str, Query(description="The name behind which the page begins.", max_length=200)]
Limit = Annotated[int, Query(ge=1, le=1_000, description="Most to give.")]


@router.get("/streams", responses=replies(StreamPage, "A page of streams."))
async def list_streams(streams: Streams, after: After = "", limit: Limit = 100) -> dict[str, Any]:
    """The streams in the order of their names."""
    return await streams.ask(lambda store: _page(store, after, limit))


@router.get("/streams/{stream}", responses=stream_replies(StreamDetail, "The stream."))
async def get_stream(known: KnownStream, streams: Streams) -> dict[str, Any]:
    """How a stream stands: counts, expectations, everything that is watched, alerts that are open, segments."""
    return await streams.with_engine(lambda engine, scorer: _detail(engine, scorer, known)) | {"behind": streams.behind}


@router.put(
    "/streams/{stream}",
    responses={
        **stream_replies(StreamDetail, "What is expected of the stream is this now."),
        201: {"description": "The stream is there."},
    },
    openapi_extra=body_of(StreamExpectations, _EXAMPLE),
)
async def put_stream(request: Request, name: StreamName, streams: Streams, bounds: Bounds) -> Response:
    """Say what is expected of a stream, which is made where there is none.

    Where that differs from before, everything it learned is given up: its open alerts end, and its first phase begins
    with the next comment. The circles must be the model's, by key (`family`) or by name (`亲子家庭`).
    """
    said = await read_document(request, StreamExpectations, bounds.max_bytes)
    document, created = await streams.with_engine(
        lambda engine, scorer: _put(engine, scorer, name, _expected(said, scorer, bounds.home))
    )
    return JSONResponse(document | {"behind": streams.behind}, 201 if created else 200)


@router.delete("/streams/{stream}", status_code=204, responses=NO_CONTENT)
async def delete_stream(known: KnownStream, streams: Streams) -> Response:
    """Delete a stream with all its comments, alerts and segments, for good."""
    await streams.with_engine(lambda engine, scorer: engine.remove(known))
    return Response(status_code=204)


def _page(store: Store, after: str, limit: int) -> dict[str, Any]:
    found = store.streams(after, limit)
    firing = store.firing(stream.id for stream in found)
    return {
        "streams": [_summary(stream, firing.get(stream.id, 0)) for stream in found],
        "next": found[-1].name if len(found) == limit else None,
    }


def _summary(stream: Stream, firing: int) -> dict[str, Any]:
    return {
        "name": stream.name,
        "work": expectations_of(stream.settings).work,
        "comments": stream.comments,
        "late": stream.late,
        "watermark": None if stream.watermark is None else iso(stream.watermark),
        "firing": firing,
    }


def _put(engine: Engine, scorer: Scorer, name: str, expected: Expectations) -> tuple[dict[str, Any], bool]:
    found = engine.store.stream(name)
    if found is None:
        found = engine.store.find_or_create_stream(name, settings_of(expected), time.time())
        return _detail(engine, scorer, found) | {"changed": True}, True
    changed = engine.monitor(found, scorer).expected != expected
    if changed:
        engine.expect(found, expected, scorer)
    now = engine.store.stream(name)
    assert now is not None
    return _detail(engine, scorer, now) | {"changed": changed}, False


def _expected(said: StreamExpectations, scorer: Scorer, home: Path) -> Expectations:
    circles = scorer.facet_names.circles
    core, mixed = (circle_keys(field, getattr(said, field), circles, home) for field in ("core", "mix"))
    if mixed and scorer.mix_rates is None:
        raise not_allowed(
            "mix", said.mix, "This model was made without the rates that a mix needs; train it anew, or leave mix out."
        )
    mix = dict(zip(mixed, said.mix.values(), strict=True))
    return Expectations(**said.model_dump(exclude={"core", "mix"}), core=tuple(core), mix=mix)


def _detail(engine: Engine, scorer: Scorer, stream: Stream) -> dict[str, Any]:
    store, monitor = engine.store, engine.monitor(stream, scorer)
    opened = chain.from_iterable(
        store.alerts(AlertFilter(stream=stream.id, state=state, limit=MOST_OPEN)) for state in ("firing", "pending")
    )
    silences = store.silences(time.time())
    return {
        **_summary(stream, store.firing([stream.id]).get(stream.id, 0)),
        "work": monitor.expected.work,
        "created": iso(stream.created),
        "expectations": settings_of(monitor.expected),
        "core": list(monitor.core),
        "platforms": [name for watch in monitor.everyone.watches if (name := watch.labels.get("platform"))],
        "watches": _watches(monitor),
        "alerts": [alert_document(alert, stream.name, silences) for alert in opened],
        "segments": [asdict(segment) for segment in monitor.segments.current()],
        "copy_groups": [{**asdict(group), "began": iso(group.began)} for group in monitor.copy_groups()],
    }


def _watches(monitor: StreamMonitor) -> list[dict[str, Any]]:
    return [*_of_panel(monitor.everyone), *_of_panel(monitor.within_circles)]


def _of_panel(panel: Panel) -> list[dict[str, Any]]:
    baselines = panel.baselines
    columns = zip(
        panel.watches,
        panel.status.tolist(),
        baselines.learned.tolist(),
        baselines.mean.tolist(),
        baselines.bound.tolist(),
        baselines.count.tolist(),
        strict=True,
    )
    return [
        {
            "labels": {"alertname": watch.alertname, **watch.labels},
            "state": _STATES[status] if learned else "learning",
            "baseline": round(mean, _DIGITS),
            "bound": round(bound, _DIGITS),
            "comments": round(count, 1),
        }
        for watch, status, learned, mean, bound, count in columns
    ]
