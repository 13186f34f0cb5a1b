"""`/silences`: alerts that nobody is to be told of for a while, in the shapes of Alertmanager."""

import time
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request

from service.api.alert_schema import NewSilence, Silence, Silences
from service.api.asked import Bounds, Streams
from service.api.documents import not_allowed, read_document
from service.api.matchers import check_pattern
from service.api.moments import read_moment
from service.api.parameters import ONLY_KNOWN
from service.api.problem import Problem
from service.api.stream_replies import body_of, replies
from service.store.silences import Silence as StoredSilence
from service.store.store import Store
from service.streams.messages import covers
from service.streams.telling import iso

router = APIRouter(tags=["alerts"], dependencies=[ONLY_KNOWN])

_EXAMPLE = {
    "matchers": [
        {"name": "stream", "value": "第九枚卫星"},
        {"name": "severity", "value": "info|warning", "isRegex": True},
    ],
    "endsAt": "2025-02-01T08:00:00+08:00",
    "createdBy": "mei",
    "comment": "点映场，已知",
}


@router.get("/silences", responses=replies(Silences, "All silences."))
async def list_silences(streams: Streams) -> dict[str, Any]:
    """All silences, those that are over too, the one that ends last first."""
    found = await streams.ask(Store.silences)
    now = time.time()
    return {"silences": [_document(each, now) for each in found]}


@router.post(
    "/silences",
    responses=replies(Silence, "The silence.", s404="There is no silence of that id."),
    openapi_extra=body_of(NewSilence, _EXAMPLE),
)
async def post_silence(request: Request, streams: Streams, bounds: Bounds) -> dict[str, Any]:
    """Silence the alerts that all matchers fit; with an id, change that silence.

    While it is in force webhooks are not told of them; what still fires when it ends, and nobody was told of, they are
    told then. Here alerts are shown as before, with `silencedBy`. An isRegex
    value is matched against the whole label; it may have 100 characters and three quantifiers or groups.
    """
    said = await read_document(request, NewSilence, bounds.max_bytes)
    now = time.time()
    silence = _checked(said, now)
    await streams.ask(lambda store: _keep(store, silence, known=said.id is not None))
    return _document(silence, now)


@router.delete(
    "/silences/{id}", responses=replies(Silence, "The silence, which is over now.", s404="There is no such silence.")
)
async def end_silence(
    name: Annotated[str, Path(alias="id", description="The silence's id.", max_length=100)], streams: Streams
) -> dict[str, Any]:
    """End a silence now; it stays in the list. Alerts that began to fire under it and still do are told to webhooks."""
    now = time.time()
    ended = await streams.ask(lambda store: store.expire_silence(name, now))
    if ended is None:
        raise _unknown(name)
    await streams.tell_untold()
    return _document(ended, now)


def _checked(said: NewSilence, now: float) -> StoredSilence:
    starts = now if said.startsAt is None else read_moment(said.startsAt, "startsAt")
    ends = read_moment(said.endsAt, "endsAt")
    if ends <= max(starts, now):
        raise not_allowed("endsAt", said.endsAt, "endsAt must lie in the future and behind startsAt.")
    for place, matcher in enumerate(said.matchers):
        if matcher.isRegex:
            try:
                check_pattern(matcher.value)
            except ValueError as error:
                raise not_allowed(f"matchers.{place}.value", matcher.value, str(error)) from None
    silence = StoredSilence(
        said.id or str(uuid.uuid4()),
        [matcher.model_dump() for matcher in said.matchers],
        starts,
        ends,
        said.createdBy,
        said.comment,
    )
    if covers(silence, {}):
        raise not_allowed(
            "matchers", silence.matchers, "The matchers fit every alert; one must ask for a label's value."
        )
    return silence


def _keep(store: Store, silence: StoredSilence, *, known: bool) -> None:
    if known and all(each.id != silence.id for each in store.silences()):
        raise _unknown(silence.id)
    store.add_silence(silence)


def _unknown(name: str) -> Problem:
    detail = f"There is no silence {name!r}; GET /silences lists those there are."
    return Problem(404, detail, kind="no-silence", title="No such silence")


def _document(silence: StoredSilence, now: float) -> dict[str, Any]:
    state = "pending" if now < silence.starts_at else "active" if now < silence.ends_at else "expired"
    return {
        "id": silence.id,
        "silenceID": silence.id,
        "matchers": list(silence.matchers),
        "startsAt": iso(silence.starts_at),
        "endsAt": iso(silence.ends_at),
        "createdBy": silence.created_by,
        "comment": silence.comment,
        "status": {"state": state},
    }
