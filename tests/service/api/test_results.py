from collections.abc import Sequence
from typing import Any, cast

import pytest

from model import Scorer, Scores, WordEffect
from service.api.comments import check_comments
from service.api.results import Wanted, scored
from tests.service.batch.scored import scores_of


class Fixed:
    """Gives the same scores whatever it is asked."""

    version = "fixed"

    def __init__(self, scores: Scores) -> None:
        self._scores = scores

    def score(self, texts: Sequence[str], *, explain: bool = False) -> Scores:
        return self._scores


def rows_of(scores: Scores, **wanted: bool) -> list[dict[str, Any]]:
    batch = check_comments([{"text": "好"}] * len(scores))
    return scored(cast(Scorer, Fixed(scores)), batch, Wanted(**wanted))


FACETS = [[0.9, 0.6, 0.0, 0.71239, 0.0, 0.8], [0.1, 0.1, 0.2, 0.0, 0.4, 0.0]]


def test_named_facets_have_their_probabilities_to_four_decimals() -> None:
    first, second = rows_of(scores_of([[1, 0, 0]] * 2, facets=FACETS))
    assert (first["circles"], first["aspects"], first["stage"]) == (["senior", "mine"], ["sound"], "refund")
    assert first["p_circles"] == {"senior": 0.9, "mine": 0.6}
    assert (first["p_aspects"], first["p_stages"]) == ({"sound": 0.7124}, {"refund": 0.8})
    assert (second["circles"], second["aspects"], second["stage"]) == ([], [], None)
    assert second["p_circles"] == second["p_aspects"] == second["p_stages"] == {}


def test_with_probabilities_the_named_stay_and_the_others_are_told_too() -> None:
    second = rows_of(scores_of([[1, 0, 0]] * 2, facets=FACETS), probabilities=True)[1]
    assert (second["circles"], second["aspects"], second["stage"]) == ([], [], None)
    assert second["p_circles"] == {"senior": 0.1, "mine": 0.1}
    assert second["p_aspects"] == {"story": 0.2, "sound": 0.0}
    assert second["p_stages"] == {"rewatch": 0.4, "refund": 0.0}


def test_words_are_told_only_where_the_scores_explain() -> None:
    words, facet_words = [[WordEffect("退票", -0.43219)]], [{"refund": [WordEffect("退票", 0.71239)]}]
    explained = rows_of(scores_of([[1, 0, 0]], words=words, facet_words=facet_words), explain=True)[0]
    assert explained["words"] == [{"word": "退票", "effect": -0.4322}]
    assert explained["facet_words"] == {"refund": [{"word": "退票", "effect": 0.7124}]}
    assert not {"words", "facet_words"} & set(rows_of(scores_of([[1, 0, 0]]))[0])


@pytest.mark.parametrize("probabilities", [True, False])
def test_no_comments_give_no_rows(probabilities: bool) -> None:
    batch = check_comments([])
    assert scored(Scorer.load(), batch, Wanted(probabilities=probabilities)) == []
