import numpy as np
import pytest

from model import WordEffect
from service.batch.columns import FACET_WORDS, FACETS, LABELS, POLARITY, WORDS, label_rows, plan_layout
from tests.service.batch.scored import scores_of

CHANCES = ("p_circle_senior", "p_circle_mine")


def test_labels_stand_behind_the_columns_of_the_input() -> None:
    assert plan_layout(["id", "content"], explain=False).columns == ("id", "content", *LABELS)
    assert plan_layout(["id", "content"], True, ["senior", "mine"]).columns == (
        *("id", "content"),
        *LABELS,
        *CHANCES,
        *(WORDS, FACET_WORDS),
    )


@pytest.mark.parametrize("name", [*LABELS, *CHANCES, WORDS, FACET_WORDS])
def test_a_column_of_the_user_that_has_a_labels_name_is_kept_under_another(name: str) -> None:
    layout = plan_layout(["text", name, f"input_{name}"], explain=True, circles=["senior", "mine"])
    assert layout.names == ("text", f"input_input_{name}", f"input_{name}")
    assert layout.renamed == {name: f"input_input_{name}"}


@pytest.mark.parametrize("name", [*CHANCES, WORDS, FACET_WORDS])
def test_the_name_of_a_label_that_is_not_added_is_an_ordinary_name(name: str) -> None:
    assert plan_layout(["text", name], explain=False).names == ("text", name)


def test_the_labels_of_an_earlier_output_are_replaced() -> None:
    earlier = ["text", *LABELS, *CHANCES, "p_circle_of_another_model", WORDS, FACET_WORDS, "note"]
    assert plan_layout(earlier, explain=False).columns == ("text", "note", *LABELS)
    assert plan_layout(earlier, explain=False).renamed == {}


def test_the_labels_of_an_output_from_before_the_facets_are_replaced_too() -> None:
    assert plan_layout(["text", *POLARITY, WORDS, "note"], explain=False).columns == ("text", "note", *LABELS)


@pytest.mark.parametrize("own", [*FACETS, FACET_WORDS])
def test_in_an_output_from_before_the_facets_a_column_named_like_one_is_the_users_own(own: str) -> None:
    layout = plan_layout(["text", own, *POLARITY], explain=True)
    assert layout.columns == ("text", f"input_{own}", *LABELS, WORDS, FACET_WORDS)


def test_label_rows_are_decision_score_and_probabilities_to_four_decimals_then_facets() -> None:
    scores = scores_of([[0.123456, 0.2, 0.676544]])
    assert list(label_rows(scores)) == [("positive", 0.5531, 0.1235, 0.2, 0.6765, [], [], None)]


def test_named_facets_are_lists_of_keys_and_one_stage() -> None:
    scores = scores_of([[1, 0, 0]] * 2, facets=[[0.9, 0.6, 0.0, 0.7, 0.0, 0.8], [0.1, 0.1, 0.9, 0.0, 0.4, 0.0]])
    assert [row[5:] for row in label_rows(scores)] == [
        (["senior", "mine"], ["sound"], "refund"),
        ([], ["story"], None),
    ]


def test_the_probability_of_each_wanted_circle_stands_behind_the_facets() -> None:
    scores = scores_of([[1, 0, 0]] * 2, facets=[[0.123456, 0.6, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]])
    assert [row[8:] for row in label_rows(scores, ["senior", "mine"])] == [(0.1235, 0.6), (0.0, 1.0)]
    assert [row[8:] for row in label_rows(scores, ["mine"])] == [(0.6,), (1.0,)]


def test_words_are_objects_with_their_effect_and_those_of_facets_name_the_facet() -> None:
    facet_words = {"senior": [WordEffect("爸妈", 0.81239), WordEffect("陪", 0.1)], "refund": [WordEffect("退票", 0.5)]}
    scores = scores_of([[1, 0, 0]], words=[[WordEffect("退票", -0.43219)]], facet_words=[facet_words])
    words, told = next(label_rows(scores))[-2:]
    assert words == [{"word": "退票", "effect": -0.4322}]
    assert told == [
        {"facet": "senior", "word": "爸妈", "effect": 0.8124},
        {"facet": "senior", "word": "陪", "effect": 0.1},
        {"facet": "refund", "word": "退票", "effect": 0.5},
    ]


def test_no_comments_give_no_rows() -> None:
    assert list(label_rows(scores_of(np.empty((0, 3))))) == []
    assert list(label_rows(scores_of(np.empty((0, 3))), ["senior"])) == []
