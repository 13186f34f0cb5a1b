from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.facets import FacetNames, FacetScores
from model.metrics import Floats
from model.mix import Mix, audience_mix, count_for_mix, mix_of_counts, with_none
from model.shares import MixRates, estimate_shares, softened

NAMES = ["anime", "family"]


def mix_of(chances: Any, known: MixRates | None, names: list[str], **asked: Any) -> Mix:
    read = np.asarray(chances, np.float32)
    return audience_mix(FacetScores(FacetNames(tuple(names), (), ()), read, read > 0.5, known), **asked)


def rates(labels: int = 3, spread: float = -4.0) -> MixRates:
    """Four bins; chances above a half are decided; the blend trusts the likelihood alone."""
    blend, doubt = np.zeros((labels, 15)), np.zeros((labels, 5))
    blend[:, 1], doubt[:, 0] = 1, spread
    return MixRates(
        edges=np.tile([0.25, 0.5, 0.75], (labels, 1)),
        without=np.tile([800.0, 120.0, 60.0, 20.0], (labels, 1)),
        having=np.tile([20.0, 60.0, 120.0, 800.0], (labels, 1)),
        stated=np.tile([0.1, 0.4, 0.6, 0.9], (labels, 1)),
        decided=np.tile([0.0, 0.0, 1.0, 1.0], (labels, 1)),
        blend=blend,
        spread=doubt,
    )


def scores(having: int, without: int) -> Floats:
    """Chances of one label that fall in the bins just as the rates say; both numbers are multiples of 50."""
    shares = np.array([0.80, 0.12, 0.06, 0.02])
    counts = np.rint(having * shares[::-1]) + np.rint(without * shares)
    return np.repeat([0.1, 0.4, 0.6, 0.9], counts.astype(int))[:, None]


def test_a_share_is_corrected_for_missed_and_false_comments() -> None:
    found = estimate_shares(scores(150, 350), rates(1))
    assert found.value[0] == pytest.approx(0.3, abs=1e-6)
    assert found.low[0] < 0.3 < found.high[0]


def test_more_comments_narrow_the_interval_down_to_the_spread_between_sources() -> None:
    few, many, endless = (estimate_shares(scores(50 * n, 50 * n), rates(1)).error[0] for n in (1, 20, 2_000))
    assert few > many > endless
    assert endless > np.exp(-2.0)


def test_a_corrected_share_stays_between_the_readings_it_blends() -> None:
    wild, chances = rates(1), scores(150, 350)
    wild.blend[:, 0] = 50
    assert estimate_shares(chances, wild).value[0] == pytest.approx(max(chances.mean(), (chances > 0.5).mean()))


batches = st.lists(st.tuples(*[st.floats(0, 1)] * 2), min_size=1, max_size=30)


@given(batches, st.randoms(use_true_random=False))
def test_shares_are_ordered_bounded_and_know_no_order_of_comments(
    rows: list[tuple[float, float]], dice: Random
) -> None:
    mix = mix_of(rows, rates(), NAMES, expected={"anime": 0.5})
    for share in (*mix.shares.values(), mix.none):
        assert 0 <= share.low <= share.value <= share.high <= 1
    assert 1 <= mix.effective.low <= mix.effective.value <= mix.effective.high <= 2 + 1e-9
    dice.shuffle(rows)
    assert mix_of(rows, rates(), NAMES, expected={"anime": 0.5}) == mix


def test_a_busy_author_has_one_vote() -> None:
    chances = [[0.9, 0.1]] * 90 + [[0.1, 0.1]] * 10
    mix = mix_of(chances, rates(), NAMES, authors=["busy"] * 90 + [None] * 10)
    assert (mix.comments, mix.authors) == (100, 11)
    assert mix.by_author is not None
    assert mix.shares["anime"].value > 0.8
    assert mix.by_author["anime"].value < 0.2


def test_comments_of_few_authors_say_less_than_those_of_many() -> None:
    chances = scores(150, 350) * [1, 0.1]
    alone = mix_of(chances, rates(), NAMES).shares["anime"]
    crowd = mix_of(chances, rates(), NAMES, authors=[None] * 500).shares["anime"]
    few = mix_of(chances, rates(), NAMES, authors=[n % 10 for n in range(500)]).shares["anime"]
    assert crowd == alone
    assert few.value == alone.value
    assert few.high - few.low > alone.high - alone.low


def test_lift_is_the_share_over_the_expected_one_in_percent() -> None:
    mix = mix_of(scores(150, 350) * [1, 0.1], rates(), NAMES, expected={"anime": 0.15})
    assert list(mix.lift) == ["anime"]
    assert mix.lift["anime"].value == pytest.approx(200, abs=0.01)
    assert mix.lift["anime"].low == pytest.approx(mix.shares["anime"].low / 0.15 * 100)


@pytest.mark.parametrize(
    ("expected", "said"),
    [({"anime": 0.0}, "above 0"), ({"anime": 1.1}, "at most 1"), ({"anime": float("nan")}, "nan"), ({"x": 0.1}, "'x'")],
)
def test_an_expectation_that_cannot_be_is_refused(expected: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        mix_of([[0.5, 0.5]], rates(), NAMES, expected=expected)


@pytest.mark.parametrize(
    ("chances", "said"),
    [
        (np.zeros((0, 2)), "empty batch"),
        (np.array([[0.2, np.nan]]), r"\[0, 1\]"),
        (np.array([[0.2, 1.5]]), r"\[0, 1\]"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(chances: Floats, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        mix_of(chances, rates(), NAMES)


def test_chances_and_rates_must_be_of_the_same_labels() -> None:
    with pytest.raises(ValueError, match="rates of 3 labels"):
        mix_of(np.zeros((3, 4)), rates(), ["a", "b", "c", "d"])
    with pytest.raises(ValueError, match="no batch"):
        with_none(np.zeros(3))


def test_authors_and_weights_must_fit_the_comments() -> None:
    with pytest.raises(ValueError, match="2 authors"):
        mix_of([[0.5, 0.5]], rates(), NAMES, authors=["a", "b"])
    for weights in ([1.0, 1.0], [-1.0], [0.0], [np.nan]):
        with pytest.raises(ValueError, match="weights"):
            estimate_shares([[0.5]], rates(1), weights)


def test_two_weights_of_one_count_as_the_comment_twice() -> None:
    twice = estimate_shares([[0.9], [0.9], [0.1]], rates(1))
    assert estimate_shares([[0.9], [0.1]], rates(1), [2, 1]).value == pytest.approx(twice.value)


def test_even_shares_make_as_many_effective_circles_as_there_are() -> None:
    even = mix_of(np.tile(scores(150, 350), 2), rates(), NAMES).effective
    uneven = mix_of(scores(150, 350) * [1, 0.1], rates(), NAMES).effective
    assert even.value == pytest.approx(2)
    assert uneven.value < 1.5


def test_rates_come_back_from_the_arrays_of_a_model_folder() -> None:
    kept = rates()
    arrays = {**kept.as_arrays(), "head_biases_0": np.zeros(3)}
    again = MixRates.from_arrays(arrays).as_arrays()
    assert list(again) == [name for name in arrays if name.startswith("mix_")]
    assert all((again[name] == arrays[name]).all() for name in again)


def test_the_log_odds_of_nothing_and_all_are_finite_and_opposite() -> None:
    assert softened(0.0) == pytest.approx(-softened(1.0))
    assert np.isfinite(softened([0.0, 1.0])).all()
    assert with_none([[1.0, 0.0]])[0, -1] == 0


def test_counts_of_parts_add_up_to_the_mix_of_the_whole() -> None:
    read = (scores(150, 350) * [1, 0.2]).astype(np.float32)
    whole = FacetScores(FacetNames(tuple(NAMES), (), ()), read, read > 0.5, rates())
    parts = [
        FacetScores(whole.names, read[part], whole.decided[part], rates()) for part in (slice(200), slice(200, None))
    ]
    assert mix_of_counts(np.sum([count_for_mix(part) for part in parts], axis=0), rates(), NAMES) == audience_mix(whole)


def test_a_model_without_rates_says_so() -> None:
    with pytest.raises(ValueError, match="knows no rates"):
        mix_of([[0.1, 0.2]], None, NAMES)
