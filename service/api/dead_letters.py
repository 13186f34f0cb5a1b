"""`/dead-letters`: messages to webhooks that were given up, and how they are tried again."""

import time
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query

from service.api.alert_schema import DeadLetters, Retried
from service.api.asked import LARGEST, Streams
from service.api.parameters import ONLY_KNOWN
from service.api.stream_replies import replies
from service.notify.addresses import shown
from service.store.deliveries import DeadLetter
from service.store.store import Store

router = APIRouter(tags=["alerts"], dependencies=[ONLY_KNOWN])

After = Annotated[int, Query(ge=0, le=LARGEST, description="The id behind which the page begins.")]
Limit = Annotated[int, Query(ge=1, le=1_000, description="Most to give.")]


@router.get("/dead-letters", responses=replies(DeadLetters, "A page of messages."))
async def list_dead_letters(streams: Streams, after: After = 0, limit: Limit = 100) -> dict[str, Any]:
    """The messages that were given up, in the order they were written, with the last error of each."""
    return await streams.ask(lambda store: _page(store, after, limit))


@router.post("/dead-letters/retry", responses=replies(Retried, "They are on their way."))
async def retry_dead_letters(streams: Streams) -> dict[str, int]:
    """Put every message that was given up on its way again."""
    retried = await streams.ask(lambda store: store.retry_dead(time.time()))
    streams.wake_notifier()
    return {"retried": retried}


def _page(store: Store, after: int, limit: int) -> dict[str, Any]:
    found = store.dead_letters(after, limit)
    return {
        "dead_letters": [_document(each) for each in found],
        "next": found[-1].id if len(found) == limit else None,
    }


def _document(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "address": shown(letter.url),
        "attempts": letter.attempts,
        "error": letter.error,
        "message": orjson.loads(letter.body),
    }
