import pytest

from model.author_gender import GenderCounts, author_gender, count_gender


def test_declared_gender_goes_before_what_is_read_from_texts() -> None:
    found = author_gender(GenderCounts(1000, declared_women=60, declared_men=40, speaking_women=1, speaking_men=40))
    assert found is not None and (found.basis, found.witnesses) == ("declared", 100)
    assert found.share.value == 0.6
    assert (found.share.low, found.share.high) == pytest.approx((0.502, 0.691), abs=1e-3)


def test_self_references_give_a_wide_interval_however_many_there_are() -> None:
    few, many = (author_gender(GenderCounts(10_000, 0, 0, n, n)) for n in (20, 2_000))
    assert few is not None and many is not None
    assert few.basis == "self-references"
    assert few.share.low < 0.3 and few.share.high > 0.7
    assert many.share.high - many.share.low > 0.4


def test_more_womens_self_references_mean_more_women() -> None:
    shares = [author_gender(GenderCounts(5_000, 0, 0, women, 40 - women)) for women in (4, 20, 36)]
    values = [found.share.value for found in shares if found is not None]
    assert values == sorted(values) and len(values) == 3 and values[0] < 0.3 < 0.7 < values[2]


def test_too_few_witnesses_tell_nothing() -> None:
    assert author_gender(GenderCounts(500, 10, 9, 10, 9)) is None


@pytest.mark.parametrize(
    ("text", "women", "men"),
    [
        ("和男朋友看的", 1, 0),
        ("陪我老婆二刷", 0, 1),
        ("我男朋友和我女朋友", 0, 0),
        ("老公这个词", 0, 0),
        ("男主好帅", 0, 0),
    ],
)
def test_only_a_framed_self_reference_speaks(text: str, women: int, men: int) -> None:
    found = count_gender([text], [None])
    assert (found.speaking_women, found.speaking_men) == (women, men)


def test_counts_of_parts_add_up() -> None:
    one, other = count_gender(["陪老婆"], ["male"]), count_gender(["跟男友", "好看"], ["female", ""])
    assert one + other == GenderCounts(3, 1, 1, 1, 1)
