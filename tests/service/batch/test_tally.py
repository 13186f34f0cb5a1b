import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.batch.tally import (
    MOST_AUDIENCES,
    MOST_GROUPS,
    OTHERS,
    AudienceCounts,
    AudienceTally,
    Counts,
    Tally,
    count_polarities,
    net_sentiment,
)


def test_polarities_are_counted_by_work_and_platform() -> None:
    groups = [("灯火", "weibo"), ("灯火", None), ("灯火", "weibo")]
    assert count_polarities(groups, ["negative", "neutral", "positive"]) == [
        (("灯火", "weibo"), Counts(negative=1, positive=1)),
        (("灯火", None), Counts(neutral=1)),
    ]


def test_a_tally_adds_up_and_survives_json() -> None:
    tally = Tally()
    tally.add([(("灯火", "weibo"), Counts(1, 2, 3))])
    tally.add([(("灯火", "weibo"), Counts(1, 0, 0)), ((None, None), Counts(0, 0, 5))])
    assert tally.total == Counts(2, 2, 8)
    assert Tally.from_json(json.loads(json.dumps(tally.as_json()))).counts == tally.counts


def test_works_beyond_the_most_are_counted_together() -> None:
    tally = Tally()
    tally.add([((str(number), None), Counts(1, 0, 0)) for number in range(MOST_GROUPS + 5)])
    assert len(tally.counts) == MOST_GROUPS + 1
    assert tally.counts[OTHERS, None] == Counts(5, 0, 0)
    assert tally.total.comments == MOST_GROUPS + 5


ONE, OTHER = AudienceCounts((2, 1, 0), (1, 0), ((2, 0), (1, 1))), AudienceCounts((1, 0, 1), (0, 3), ((1, 0), (0, 1)))


def test_audiences_add_up_and_survive_json() -> None:
    tally = AudienceTally()
    tally.add([("灯火", ONE), (None, OTHER)])
    tally.add([("灯火", OTHER)])
    assert tally.counts == {"灯火": AudienceCounts((3, 1, 1), (1, 3), ((3, 0), (1, 2))), None: OTHER}
    assert tally.total == AudienceCounts((4, 1, 2), (1, 6), ((4, 0), (1, 3)))
    assert tally.total.comments == 4
    assert AudienceTally.from_json(json.loads(json.dumps(tally.as_json()))).counts == tally.counts


def test_no_comments_have_no_audience_and_add_nothing() -> None:
    assert AudienceTally().total == AudienceCounts()
    assert AudienceCounts().comments == 0
    assert AudienceCounts() + ONE == ONE == ONE + AudienceCounts()


def test_the_audience_is_followed_for_the_first_works_met() -> None:
    tally = AudienceTally()
    works = [str(number) for number in range(MOST_AUDIENCES + 2)]
    tally.add([(work, ONE) for work in works[:-3]])
    assert tally.followed is None
    tally.add([(work, ONE) for work in (*works[-3:], works[0], OTHERS)])
    assert list(tally.counts) == [*works[:MOST_AUDIENCES], OTHERS]
    assert tally.counts["0"] == ONE + ONE
    assert tally.counts[OTHERS] == ONE + ONE + ONE
    assert tally.followed == frozenset(works[:MOST_AUDIENCES])


def test_no_comments_have_no_net_sentiment() -> None:
    assert net_sentiment(Counts()) is None


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_the_interval_stays_in_bounds_and_mirrors_when_praise_and_blame_change_places(a: int, b: int, c: int) -> None:
    one, other = net_sentiment(Counts(a, b, c)), net_sentiment(Counts(c, b, a))
    if one is None or other is None:
        assert a + b + c == 0
        return
    assert -1 <= one.low <= one.high <= 1
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))


def test_twenty_comments_that_all_agree_do_not_make_it_certain() -> None:
    net = net_sentiment(Counts(positive=20))
    assert net is not None
    assert net.value == 1
    assert net.low < 0.95


def test_the_interval_holds_the_truth_in_about_95_of_100_samples() -> None:
    shares = (0.25, 0.35, 0.4)
    held = 0
    for negative, neutral, positive in np.random.default_rng(1).multinomial(60, shares, 2000):
        net = net_sentiment(Counts(int(negative), int(neutral), int(positive)))
        assert net is not None
        held += net.low <= 0.15 <= net.high
    assert 0.935 < held / 2000 < 0.97
