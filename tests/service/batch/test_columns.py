import numpy as np

from model import WordEffect
from service.batch.columns import LABELS, WORDS, label_rows, plan_layout
from tests.service.batch.scored import scores_of


def test_labels_stand_behind_the_columns_of_the_input() -> None:
    assert plan_layout(["id", "content"], explain=False).columns == ("id", "content", *LABELS)
    assert plan_layout(["id", "content"], explain=True).columns == ("id", "content", *LABELS, WORDS)


def test_a_column_of_the_user_that_has_a_labels_name_is_kept_under_another() -> None:
    layout = plan_layout(["text", "polarity", "input_polarity", "words"], explain=True)
    assert layout.names == ("text", "input_input_polarity", "input_polarity", "input_words")
    assert layout.renamed == {"polarity": "input_input_polarity", "words": "input_words"}


def test_words_is_an_ordinary_column_where_none_are_added() -> None:
    assert plan_layout(["text", "words"], explain=False).names == ("text", "words")


def test_the_labels_of_an_earlier_output_are_replaced() -> None:
    earlier = ["text", *LABELS, WORDS, "note"]
    assert plan_layout(earlier, explain=False).columns == ("text", "note", *LABELS)
    assert plan_layout(earlier, explain=False).renamed == {}


def test_label_rows_are_decision_score_and_probabilities_to_four_decimals() -> None:
    scores = scores_of([[0.123456, 0.2, 0.676544]])
    assert list(label_rows(scores)) == [("positive", 0.5531, 0.1235, 0.2, 0.6765)]


def test_words_are_objects_with_their_effect() -> None:
    scores = scores_of([[1, 0, 0]], words=[[WordEffect("退票", -0.43219)]])
    assert next(label_rows(scores))[-1] == [{"word": "退票", "effect": -0.4322}]


def test_no_comments_give_no_rows() -> None:
    assert list(label_rows(scores_of(np.empty((0, 3))))) == []
