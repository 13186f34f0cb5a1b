from dataclasses import replace

import numpy as np

from corpora.readers import CommentBatch
from model import FacetScores
from service.batch.scoring import count_audiences
from service.batch.tally import OTHERS, AudienceCounts
from tests.service.batch.scored import rates, scores_of

# senior, mine; story, sound; rewatch, refund
CHANCES = [[0.9, 0.1, 0.9, 0.1, 0.9, 0.1], [0.1, 0.1, 0.9, 0.9, 0.1, 0.1], [0.1, 0.6, 0.1, 0.1, 0.1, 0.9]]
BATCH = CommentBatch(
    texts=["陪老婆看的", "好看", "难看"], works=["灯火", None, "灯火"], genders=["male", None, "female"]
)


def facets() -> FacetScores:
    return scores_of(np.full((3, 3), 1 / 3), facets=CHANCES, rates=rates()).facets


def test_the_audience_is_counted_by_work() -> None:
    counted = dict(count_audiences(BATCH, None, facets()))
    assert list(counted) == ["灯火", None]
    assert counted["灯火"].gender == (2, 1, 1, 0, 1)
    assert counted["灯火"].named == (1, 0, 1, 1)
    assert counted["灯火"].bins == ((1, 0, 0, 1), (1, 0, 1, 0), (1, 1, 0, 0))
    assert counted[None].named == (1, 1, 0, 0)


def test_works_counted_apart_add_up_to_the_chunk() -> None:
    apart = sum((counts for _, counts in count_audiences(BATCH, None, facets())), AudienceCounts())
    together = CommentBatch(texts=BATCH.texts, works=[None] * 3, genders=BATCH.genders)
    assert list(count_audiences(together, None, facets())) == [(None, apart)]


def test_without_rates_there_are_no_bins_to_count() -> None:
    counted = dict(count_audiences(BATCH, None, replace(facets(), rates=None)))
    assert {counts.bins for counts in counted.values()} == {()}
    assert counted["灯火"].gender == (2, 1, 1, 0, 1)


def test_works_beyond_those_followed_are_counted_together() -> None:
    apart = dict(count_audiences(BATCH, None, facets()))
    assert dict(count_audiences(BATCH, frozenset({"灯火"}), facets())) == {"灯火": apart["灯火"], OTHERS: apart[None]}
