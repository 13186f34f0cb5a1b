"""`GET /streams/{stream}/series`: what happened in a stream over event time."""

import math
from typing import Annotated, Any

from fastapi import APIRouter, Query

from model import FacetNames
from service.api.asked import KnownStream, Streams
from service.api.documents import not_allowed
from service.api.moments import read_moment
from service.api.parameters import ONLY_KNOWN
from service.api.stream_replies import stream_replies
from service.api.stream_schema import Series
from service.monitor.series import BucketSums, parse_bucket, read_series
from service.store.store import Store

router = APIRouter(tags=["streams"], dependencies=[ONLY_KNOWN])

MOST_POINTS = 2_000

_ALWAYS = 1e15  # before its negative no comment was written, and none after it

Bucket = Annotated[str, Query(description="Width of a bucket: a multiple of ten minutes, such as 30m, 1h, 1d, 1w.")]
From = Annotated[str | None, Query(alias="from", description="Comments from this time on (ISO 8601).")]
To = Annotated[str | None, Query(description="Comments before this time.")]


@router.get("/streams/{stream}/series", responses=stream_replies(Series, "The points."))
async def get_series(
    known: KnownStream, streams: Streams, bucket: Bucket = "1h", start: From = None, to: To = None
) -> dict[str, Any]:
    """Counts, polarity, circles, aspects and stages of each bucket with comments, with 95 % intervals.

    Late comments count in the bucket of their time. Days begin at midnight of Asia/Shanghai.
    """
    try:
        seconds = parse_bucket(bucket)
    except ValueError as error:
        raise not_allowed("bucket", bucket, str(error)) from None
    first = -_ALWAYS if start is None else read_moment(start, "from")
    last = _ALWAYS if to is None else read_moment(to, "to")
    core, names = await streams.with_engine(
        lambda engine, scorer: (engine.monitor(known, scorer).core, scorer.facet_names)
    )
    points = await streams.ask(lambda store: _points(store, known.id, first, last, seconds, core, names))
    return {"stream": known.name, "bucket": bucket, "core": list(core), "points": points}


def _points(
    store: Store, stream: int, first: float, last: float, bucket: int, core: tuple[str, ...], names: FacetNames
) -> list[dict[str, Any]]:
    rows = [BucketSums(row.start, row.platform, row.sums) for row in store.series(stream, first, last)]
    points = len({math.floor(row.start / bucket) for row in rows})
    if points > MOST_POINTS:
        raise not_allowed(
            "bucket",
            bucket,
            f"There are {points} points, {MOST_POINTS} may be asked for; take wider ones or less time.",
        )
    return [point.document() for point in read_series(rows, names, bucket, core)]
