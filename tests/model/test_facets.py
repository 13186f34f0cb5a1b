import numpy as np
import pytest

from model import Scorer
from model.facets import FacetNames, FacetScores, decide_facets

NAMES = FacetNames(("family", "gamer"), ("story",), ("want", "seen"))


def test_a_facet_is_named_from_its_own_threshold_on() -> None:
    chances = np.array([[0.3, 0.3, 0.3, 0.1, 0.1]], np.float32)
    decided = decide_facets(chances, np.array([0.3, 0.31, 0.2, 0.5, 0.5], np.float32), NAMES)
    assert decided.tolist() == [[True, False, True, False, False]]


def test_of_several_stages_the_one_farthest_above_its_threshold_stays() -> None:
    chances = np.array([[0, 0, 0, 0.6, 0.9], [0, 0, 0, 0.6, 0.5]], np.float32)
    decided = decide_facets(chances, np.array([0.5, 0.5, 0.5, 0.2, 0.45], np.float32), NAMES)
    assert decided[:, 3:].tolist() == [[True, False], [True, False]]


def test_most_comments_name_nothing_and_each_list_is_its_own() -> None:
    decided = np.zeros((3, 5), np.bool_)
    decided[1, [1, 2, 4]] = True
    scores = FacetScores(NAMES, decided.astype(np.float32), decided)
    assert scores.circles == [[], ["gamer"], []]
    assert scores.aspects == [[], ["story"], []]
    assert scores.stage == [None, "seen", None]
    scores.circles[0].append("family")
    assert scores.circles[2] == []


def test_the_shipped_model_reads_plain_cases(scorer: Scorer) -> None:
    facets = scorer.score(["作画崩了，声优也不行", "带孩子看的，娃很喜欢", "哪天上映？"]).facets
    assert "anime" in facets.circles[0] and "family" in facets.circles[1] and facets.circles[2] == []
    assert "visual" in facets.aspects[0]
    assert facets.chances.shape == (3, len(scorer.facet_names)) and facets.chances.dtype == np.float32
    assert facets.circle_chances.shape == (3, 20)


@pytest.mark.parametrize("text", ["", "\x00", "\ud83d", "好" * 100_000])
def test_odd_texts_have_finite_chances(scorer: Scorer, text: str) -> None:
    chances = scorer.score([text]).facets.chances
    assert ((chances >= 0) & (chances <= 1)).all()
