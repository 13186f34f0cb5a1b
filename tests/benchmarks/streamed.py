"""Rows of the corpora as the monitor is fed them, and monitors run over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import Scorer
from service.monitor.alerts import AlertChange
from service.monitor.comments import ScoredComments
from service.monitor.stream import StreamMonitor
from service.store.comments import StoredComment
from service.streams.scored import score_comments

_CHINA = timezone(timedelta(hours=8))
_STEP = 256


def scored_rows(scorer: Scorer, rows: Sequence[Mapping[str, Any]]) -> ScoredComments:
    """Score rows in their order, as the engine does; a row without a time has that of the one before."""
    time = 0.0
    comments = []
    for place, row in enumerate(rows, 1):
        if row.get("time"):
            time = datetime.fromisoformat(row["time"]).replace(tzinfo=_CHINA).timestamp()
        comments.append(
            StoredComment(
                seq=place,
                stream=1,
                id=str(place),
                time=time,
                text=row["text"],
                author=row.get("user"),
                thread=None,
                platform=row.get("platform"),
                gender=row.get("gender"),
                likes=row.get("likes") or 0,
                late=False,
            )
        )
    return score_comments(scorer, comments)


def chosen(comments: ScoredComments, places: NDArray[np.int64]) -> ScoredComments:
    """Give some comments in the order of ``places``, numbered from 1, one a minute, as of one platform.

    Negative comments drawn from several platforms come from those that have many, so a planted shift would be one of
    platforms, against which the monitor holds each comment.
    """
    some = comments[places]
    return replace(
        some,
        platform=[None] * len(some),
        seq=np.arange(1, len(some) + 1),
        time=np.arange(len(some), dtype=np.float64) * 60,
    )


def shuffled(comments: ScoredComments, seed: int) -> ScoredComments:
    """Give the same comments in another order; the times stay where they were."""
    some = comments[np.random.default_rng(seed).permutation(len(comments))]
    return replace(some, seq=comments.seq, time=comments.time)


def watched(comments: ScoredComments, monitor: StreamMonitor | None = None) -> list[AlertChange]:
    """Run the shipped monitor over a stream; give what it told, unconfirmed alerts left out."""
    monitor = monitor or StreamMonitor("stream", comments.names.circles)
    changes: list[AlertChange] = []
    for start in range(0, len(comments), _STEP):
        changes += monitor.update(comments[start : start + _STEP]).changes
    confirmed = {change.id for change in changes if change.state == "firing"}
    return [change for change in changes if change.id in confirmed]


def first_firing(changes: Sequence[AlertChange], alertname: str, **labels: str) -> AlertChange | None:
    """Give the first alert of that name and labels that fired."""
    for change in changes:
        if (
            change.state == "firing"
            and change.labels["alertname"] == alertname
            and labels.items() <= change.labels.items()
        ):
            return change
    return None
