import numpy as np
import pytest

from service.review.lanes import Lane, distances, lanes_of, reasons
from tests.service.review.made import NAMES, SURE, THRESHOLDS, scores_of


def test_every_facet_has_a_lane_behind_the_polarity() -> None:
    assert lanes_of(NAMES)[0] == Lane("polarity")
    assert lanes_of(NAMES)[-2:] == [Lane("aspect", "story"), Lane("stage", "seen")]


def test_a_comment_at_a_threshold_is_at_no_distance_from_it() -> None:
    away = distances(scores_of([(0.45, 0.1, 0.45)], senior=[0.3]), THRESHOLDS)[0]
    np.testing.assert_allclose(away[[0, 2]], 0, atol=1e-6)


def test_what_the_model_is_sure_of_is_out_of_reach() -> None:
    assert (distances(scores_of([SURE]), THRESHOLDS) >= 1).all()


@pytest.mark.parametrize("chance", [0.8, 0.2])
def test_a_facet_is_out_of_reach_from_four_times_its_odds_on_either_side(chance: float) -> None:
    away = distances(scores_of([SURE], family=[chance]), THRESHOLDS)[0, 1]
    assert away == pytest.approx(1, abs=1e-5)


def test_the_reason_shows_what_the_model_is_torn_between() -> None:
    told = reasons(scores_of([(0.41, 0.21, 0.38)], senior=[0.46]), 0)
    assert told[0] == "polarity .41/.38"
    assert told[2] == "circle: senior .46"
