"""Scored comments read back as the monitor is fed them."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, select

from service.monitor.comments import Bools, ScoredComments
from service.store.comments import STORED
from service.store.models import Layout, layout_of
from service.store.schema import comments, scores
from service.store.scores import unpack_scores

AT_A_TIME = 5000  # comments, a chunk

_STRETCH = (
    select(*STORED, scores.c.model, scores.c.packed, scores.c.copy)
    .join_from(comments, scores)
    .where(comments.c.stream == bindparam("of"), comments.c.seq.between(bindparam("first"), bindparam("last")))
    .limit(bindparam("most"))
)
_OLDEST = _STRETCH.order_by(comments.c.seq)
_OLDEST_ON_TIME, _NEWEST_ON_TIME = (
    _STRETCH.where(~comments.c.late).order_by(order) for order in (comments.c.seq, comments.c.seq.desc())
)


def chunk_after(
    connection: Connection, stream: int, seq: int, upto: int, late: bool, limit: int
) -> list[tuple[ScoredComments, Bools]]:
    """Give the first `limit` scored comments of a stream at the places `seq` < place <= `upto`, and which are late.

    Where `late` is False, without those that came late. They are in order, and in one piece for each run of comments
    that one model scored; an empty list tells that there are no more.
    """
    asked = {"of": stream, "first": seq + 1, "last": upto, "most": limit}
    return list(_pieces(connection, connection.execute(_OLDEST if late else _OLDEST_ON_TIME, asked).all()))


def between(
    connection: Connection, stream: int, first_seq: int, last_seq: int, limit: int, newest: bool
) -> list[ScoredComments]:
    """Give at most `limit` scored comments from `first_seq` to `last_seq`, both included, without those that came late.

    Where there are more, the newest or the oldest of them. They are in order and in pieces, as in `chunk_after`.
    """
    asked = {"of": stream, "first": first_seq, "last": last_seq, "most": limit}
    rows = connection.execute(_NEWEST_ON_TIME if newest else _OLDEST_ON_TIME, asked).all()
    return [piece for piece, _late in _pieces(connection, rows[::-1] if newest else rows)]


def _pieces(connection: Connection, rows: Sequence[Any]) -> Iterator[tuple[ScoredComments, Bools]]:
    layouts: dict[int, Layout] = {}
    for model, run in groupby(rows, attrgetter("model")):
        if model not in layouts:
            layouts[model] = layout_of(connection, model)
        yield _columns(list(run), layouts[model])


def _columns(rows: Sequence[Any], layout: Layout) -> tuple[ScoredComments, Bools]:
    seq, _, _, time, text, author, thread, platform, gender, likes, late, _, packed, copy = zip(*rows, strict=True)
    read = unpack_scores(packed, len(layout.names), layout.n_dimensions)
    scored = ScoredComments(
        names=layout.names,
        seq=np.array(seq, np.int64),
        time=np.array(time, np.float64),
        text=[each or "" for each in text],
        author=author,
        thread=thread,
        platform=platform,
        gender=gender,
        likes=np.array(likes, np.int64),
        polarity=read.polarity,
        facets=read.facets,
        decided=read.decided,
        vectors=read.vectors,
        copy=np.array(copy, np.bool_),
    )
    return scored, np.array(late, np.bool_)
