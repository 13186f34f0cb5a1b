"""Server-sent events: what is told of streams, as it is told; https://html.spec.whatwg.org/multipage/server-sent-events.html."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query
from starlette.responses import StreamingResponse

from service.api.asked import LARGEST, KnownStream, Streams
from service.api.documents import not_allowed
from service.api.parameters import ONLY_KNOWN
from service.api.stream_replies import EVENTS_RESPONSES
from service.store.events import Event
from service.store.store import Store
from service.streams.live import LiveStreams
from service.streams.telling import iso

router = APIRouter(tags=["alerts"], dependencies=[ONLY_KNOWN])

HEARTBEAT = 15.0
"""Seconds of silence after which a comment line tells that the connection still stands."""

AT_ONCE = 100
"""Events that are read from the store together."""

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

After = Annotated[
    int | None,
    Query(
        ge=0,
        le=LARGEST,
        description="The number of the last event known; 0 tells all from the first on, without it the new ones.",
    ),
]
LastEventId = Annotated[str | None, Header(description="The same, as a browser sends it; it stands above `after`.")]


@router.get("/events", responses=EVENTS_RESPONSES, response_class=StreamingResponse)
async def all_events(streams: Streams, after: After = None, last_event_id: LastEventId = None) -> StreamingResponse:
    """Everything that is told of all streams, from a number on, for as long as the client listens."""
    return await _telling(streams, None, after, last_event_id)


@router.get("/streams/{stream}/events", responses=EVENTS_RESPONSES, response_class=StreamingResponse)
async def events_of_stream(
    known: KnownStream, streams: Streams, after: After = None, last_event_id: LastEventId = None
) -> StreamingResponse:
    """What is told of one stream, from a number on, for as long as the client listens."""
    return await _telling(streams, known.id, after, last_event_id)


async def _telling(
    streams: LiveStreams, stream: int | None, after: int | None, last_event_id: str | None
) -> StreamingResponse:
    if last_event_id is not None:
        if not (last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) < 19):
            raise not_allowed("Last-Event-ID", last_event_id, "Last-Event-ID must be the number of an event.")
        after = int(last_event_id)
    if after is None:
        after = await streams.ask(Store.newest_event)
    return StreamingResponse(_told(streams, stream, after), media_type="text/event-stream", headers=HEADERS)


async def _told(streams: LiveStreams, stream: int | None, last: int) -> AsyncIterator[bytes]:
    """Each reader reads the store at its own pace, so a slow one holds nobody."""
    yield b": the events follow\n\n"
    while not streams.stopping:
        news = streams.news
        lines, last, more = await streams.ask(lambda store, after=last: _read(store, stream, after))  # type: ignore[misc]
        if lines:
            yield lines
        if more:
            continue
        try:
            async with asyncio.timeout(HEARTBEAT):
                await news.wait()
        except TimeoutError:
            yield b":\n\n"


def _read(store: Store, stream: int | None, after: int) -> tuple[bytes, int, bool]:
    """The events behind a number as they are sent, the number of the last, and whether there are more."""
    found = store.events_after(stream, after, AT_ONCE)
    if not found:
        return b"", after, False
    names = {each.id: each.name for each in store.streams_by_id({event.stream for event in found}).values()}
    lines = b"".join(_line(event, names.get(event.stream, "")) for event in found)
    return lines, found[-1].id, len(found) == AT_ONCE


def _line(event: Event, stream: str) -> bytes:
    data: dict[str, Any] = {
        "id": event.id,
        "event": event.kind,
        "stream": stream,
        "comment": event.seq,
        "time": iso(event.time),
        "alert": event.document,
    }
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), orjson.dumps(data))
