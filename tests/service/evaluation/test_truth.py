import pytest

from service.evaluation.truth import APART, NEGATIVE, NEUTRAL, POSITIVE, Scale, TruthError, Truths


def read(scale: Scale, *values: object) -> list[int | None]:
    truths = Truths(scale, "label")
    return [truths.read(value) for value in values]


@pytest.mark.parametrize(
    ("truth", "values"),
    [
        (NEGATIVE, ["negative", "NEG", "负面", "消极", "-1", -1, "−1", -1.0, "差评"]),
        (NEUTRAL, ["neutral", "Neu", "中性", "0", 0, 0.0]),
        (POSITIVE, ["positive", " pos ", "正面", "积极", "1", "+1", "１", 1, "1.0", "好评"]),
        (APART, ["mixed", "混合"]),
    ],
)
def test_the_usual_ways_to_write_a_polarity(truth: int, values: list[object]) -> None:
    assert read("auto", *values) == [truth] * len(values)


def test_binary_has_no_neutral() -> None:
    assert read("binary", 0, 1, "负面", "neutral", "2") == [NEGATIVE, POSITIVE, NEGATIVE, None, None]


def test_stars_one_and_two_are_negative_and_four_and_five_positive() -> None:
    assert read("stars", 1, "2", 2.5, "3星", 4.0, "5 stars", "力荐", "还行") == [
        *[NEGATIVE] * 2,
        *[APART] * 2,
        *[POSITIVE] * 3,
        APART,
    ]
    assert read("stars", 0, 10, "好", None) == [None] * 4


def test_empty_and_unknown_values_are_counted() -> None:
    truths = Truths("auto", "label")
    for value in ["neg", "pos", "pos", "?", None, " "]:
        truths.read(value)
    truths.check()
    assert truths.empty == 2
    assert truths.unread == {"?": 1}


def test_nothing_but_0_and_1_must_be_told_apart_by_the_user() -> None:
    truths = Truths("auto", "label")
    for value in [0, 1, 1]:
        truths.read(value)
    with pytest.raises(TruthError, match=r"--truth-scale binary.*--truth-scale three"):
        truths.check()


@pytest.mark.parametrize("values", [[1, 2, 3, 4, 5], ["a", "b"], [None], []])
def test_a_column_that_is_no_polarity_is_refused_with_what_is_known(values: list[object]) -> None:
    truths = Truths("auto", "star")
    for value in values:
        truths.read(value)
    with pytest.raises(TruthError, match=r"'star'.*--truth-scale stars"):
        truths.check()
