"""Comments, scores and rows to fill a store with, as small as can be."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from model import FacetNames
from service.monitor.comments import F32
from service.store.alerts import Alert
from service.store.comments import NewComment, StoredComment
from service.store.intake import Incoming, Receipt
from service.store.models import Layout
from service.store.record import ScoredRow
from service.store.scores import pack_scores
from service.store.store import Store

LATENESS = 600.0
LAYOUT = Layout(FacetNames(("mother", "idol"), ("plot",), ()), 2)


def comment(id: str, time: float = 1000.0, text: str = "看完了", **known: Any) -> NewComment:  # noqa: A002
    return NewComment(id, time, text, **known)


def incoming(stream: str, *comments: NewComment) -> Incoming:
    return Incoming(stream, comments, LATENESS)


def accept(store: Store, stream: str, *comments: NewComment) -> Receipt:
    (receipt,) = store.accept([incoming(stream, *comments)], now=0.0)
    return receipt


def stream_id(store: Store, name: str) -> int:
    found = store.stream(name)
    assert found is not None
    return found.id


def scored_rows(comments: Sequence[StoredComment], model: int, negative: float = 0.5) -> list[ScoredRow]:
    """A row for each comment, every second of them a copy; the first number of its vector is its place."""
    n = len(comments)
    vectors: F32 = np.array([[each.seq, 0] for each in comments], np.float32).reshape(n, 2)
    polarity = np.tile(np.array([negative, 1 - negative, 0], np.float32), (n, 1))
    facets, decided = np.full((n, 3), 0.25, np.float32), np.tile([True, False, True], (n, 1))
    packed = pack_scores(polarity, facets, decided, vectors)
    return [
        ScoredRow(each.seq, each.stream, model, raw, each.seq % 2 == 0)
        for each, raw in zip(comments, packed, strict=True)
    ]


def alert(stream: int, id: str = "a-1", **changed: Any) -> Alert:  # noqa: A002
    kept: dict[str, Any] = {
        "id": id,
        "stream": stream,
        "fingerprint": "f",
        "alertname": "backlash",
        "state": "firing",
        "severity": "warning",
        "starts_at": 100.0,
        "ends_at": None,
        "updated_seq": 7,
        "document": {"labels": {"alertname": "backlash"}},
    }
    return Alert(**kept | changed)
