"""`/streams/{stream}/segments`: new groups of viewers, and how one becomes a circle."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path as Folder
from typing import Annotated, Any

import anyio.to_thread
import numpy as np
from fastapi import APIRouter, Path
from starlette.requests import Request

from model import Scorer
from service.api.asked import Bounds, KnownStream, Streams
from service.api.documents import read_document
from service.api.parameters import ONLY_KNOWN
from service.api.problem import Problem
from service.api.stream_replies import body_of, stream_replies
from service.api.stream_schema import Promoted, Promotion, Segments
from service.monitor.naming import name_segment
from service.monitor.rising_terms import RisingTerm
from service.store.streams import Stream
from service.streams.engine import Engine
from service.streams.promote import AlreadyPromotedError, PromotionError, clear_terms, default_key, promote_segment
from service.streams.telling import Teller

router = APIRouter(tags=["segments"], dependencies=[ONLY_KNOWN])

_NAMING_TERMS = 2
_EXAMPLE = {"key": "astronomy", "chinese": "天文迷", "english": "Stargazers"}

SegmentId = Annotated[str, Path(alias="id", description="The segment's id.", max_length=100)]


@router.get("/streams/{stream}/segments", responses=stream_replies(Segments, "The segments."))
async def list_segments(known: KnownStream, streams: Streams) -> dict[str, Any]:
    """The new groups of viewers followed now, then those followed once, with the terms that name each and examples."""
    found = await streams.with_engine(lambda engine, scorer: _segments(engine, scorer, known))
    return {"stream": known.name, "segments": found}


@router.post(
    "/streams/{stream}/segments/{id}/promote",
    responses=stream_replies(
        Promoted, "The circle is written.", s404="There is no such stream or segment.", s409="It cannot be written."
    ),
    openapi_extra=body_of(Promotion, _EXAMPLE, required=False),
)
async def promote(
    request: Request, known: KnownStream, name: SegmentId, streams: Streams, bounds: Bounds
) -> dict[str, Any]:
    """Write a segment as a circle of your own into `circles.toml` of POQUAN_HOME, for the next `make train`.

    Its cues are the terms that are clearly the segment's and its examples the segment's, where others are not given. A
    segment is written once, as long as its table is in the file.
    """
    said = await read_document(request, Promotion, bounds.max_bytes)
    (segment, terms), taken = await streams.with_engine(
        lambda engine, scorer: (
            _segment(engine, scorer, known, name),
            (*scorer.facet_names.aspects, *scorer.facet_names.stages),
        )
    )
    try:
        return await anyio.to_thread.run_sync(lambda: _promoted(known, segment, terms, said, bounds.home, taken))
    except AlreadyPromotedError as error:
        title = "The segment is a circle already"
        raise Problem(
            409, str(error), kind="already-promoted", title=title, key=error.key, file=str(error.path)
        ) from None
    except PromotionError as error:
        raise Problem(409, str(error), kind="not-promoted", title="The segment cannot be made a circle") from None


def _segments(engine: Engine, scorer: Scorer, stream: Stream) -> list[dict[str, Any]]:
    teller = engine.teller(stream, scorer)
    followed = [teller.segment(each) for each in teller.monitor.segments.current()]
    known = {segment["id"] for segment in followed}
    return followed + [dict(each.document) for each in engine.store.segments(stream.id) if each.id not in known]


def _segment(
    engine: Engine, scorer: Scorer, stream: Stream, name: str
) -> tuple[Mapping[str, Any], Sequence[RisingTerm]]:
    """A segment as it is told of, and the terms that name it."""
    teller = engine.teller(stream, scorer)
    for followed in teller.monitor.segments.current():
        if followed.id == name:
            return teller.segment(followed), _naming_terms(teller, name)
    for stored in engine.store.segments(stream.id):
        if stored.id == name:  # the comments beside it are not known any more: its terms go by their z-scores alone
            return stored.document, [RisingTerm(each["term"], each["z"], 0.0, 0.0) for each in stored.document["terms"]]
    detail = f"The stream {stream.name!r} has no segment {name!r}; GET /streams/…/segments lists those it has."
    raise Problem(404, detail, kind="no-segment", title="No such segment")


def _naming_terms(teller: Teller, name: str) -> Sequence[RisingTerm]:
    followed = teller.monitor.segments
    inside, outside = (
        teller.history.at(np.asarray(seqs, np.int64)) for seqs in (followed.members(name), followed.others())
    )
    return name_segment(inside, outside, teller.cut)


def _promoted(
    stream: Stream,
    segment: Mapping[str, Any],
    named: Sequence[RisingTerm],
    said: Promotion,
    home: Folder,
    taken: Collection[str],
) -> dict[str, Any]:
    terms = clear_terms(named)
    key = said.key or default_key(segment["id"], home, taken)
    path = promote_segment(
        home,
        key,
        said.chinese or "、".join(terms[:_NAMING_TERMS]),
        terms if said.cues is None else said.cues,
        segment["examples"] if said.examples is None else said.examples,
        english=said.english,
        definition=said.definition,
        taken=taken,
        # The place it was found at, as a stream that begins anew counts its segments from one again.
        origin=f"{segment['id']} of the stream {stream.name}, found at comment {segment['born_seq']}",
    )
    return {
        "stream": stream.name,
        "segment": segment["id"],
        "key": key,
        "file": str(path),
        "next": "Look through the cues in the file, then run make train.",
    }
