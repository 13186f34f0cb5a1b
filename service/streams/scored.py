"""From accepted comments to scored ones: the same numbers that come back from the store after a restart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model import Scorer
from service.monitor.comments import Bools, ScoredComments
from service.store.comments import StoredComment
from service.store.models import Layout
from service.store.scores import pack_scores, rounded

#: Dimensions of the word vectors that are kept: they come in the order of their weight, and segments need no more.
DIMENSIONS = 64


def layout_of(scorer: Scorer) -> Layout:
    """What the scores of a model are read by."""
    return Layout(scorer.facet_names, DIMENSIONS)


def score_comments(scorer: Scorer, comments: Sequence[StoredComment]) -> ScoredComments:
    """Score accepted comments, of whatever streams, together."""
    texts = [comment.text or "" for comment in comments]
    scores = scorer.score(texts)
    return ScoredComments(
        names=scores.facets.names,
        seq=np.array([comment.seq for comment in comments], np.int64),
        time=np.array([comment.time for comment in comments], np.float64),
        text=texts,
        author=[comment.author for comment in comments],
        thread=[comment.thread for comment in comments],
        platform=[comment.platform for comment in comments],
        gender=[comment.gender for comment in comments],
        likes=np.array([comment.likes for comment in comments], np.int64),
        polarity=rounded(scores.probabilities),
        facets=rounded(scores.facets.chances),
        decided=scores.facets.decided,
        vectors=rounded(scores.vectors[:, :DIMENSIONS]),
        copy=np.zeros(len(texts), np.bool_),
    )


def packed(scored: ScoredComments) -> list[bytes]:
    """What the store keeps of the scores of each comment."""
    return pack_scores(scored.polarity, scored.facets, scored.decided, scored.vectors)


def late_of(comments: Sequence[StoredComment]) -> Bools:
    """``(n,)`` which comments came late."""
    return np.array([comment.late for comment in comments], np.bool_)
