from hypothesis import given
from hypothesis import strategies as st

from corpora.comment import Comment
from service.review.lanes import Lane
from service.review.pool import Pool, wording_of
from tests.service.review.made import NAMES, SURE, THRESHOLDS, different, pool_of, scores_of

SENIOR = Lane("circle", "senior")


@given(st.permutations(range(12)))
def test_the_nearest_to_a_threshold_are_kept_in_whatever_order_they_come(order: list[int]) -> None:
    texts = different(12)
    pool = Pool(NAMES, THRESHOLDS, capacity=3, sample_size=1)
    for number in order:
        pool.add([Comment(texts[number])], scores_of([SURE], senior=[0.3 + 0.01 * number]))
    assert [candidate.comment.text for _, candidate in pool.found[SENIOR]] == texts[:3]


def test_the_pool_does_not_grow_with_the_dump() -> None:
    pool = Pool(NAMES, THRESHOLDS, capacity=5, sample_size=7)
    for start in range(0, 600, 200):
        comments = [Comment(text) for text in different(600)[start : start + 200]]
        pool.add(comments, scores_of([(0.4, 0.3, 0.3)] * 200, family=[0.5] * 200))
    assert pool.comments == 600
    assert len(pool.found[Lane("circle", "family")]) == 5
    assert len(pool.sample) == 7


def test_copies_of_a_comment_take_one_place() -> None:
    texts = ["带爸妈看的，他们很喜欢", "带爸妈看的！他们很喜欢！！", "带爸妈看的 他们很很很喜欢"]
    pool = pool_of([Comment(text) for text in texts], scores_of([SURE] * 3, senior=[0.3] * 3))
    assert len(pool.found[SENIOR]) == 1


def test_a_comment_of_a_letter_or_two_is_not_asked_about_but_may_be_drawn() -> None:
    pool = pool_of([Comment("嗯…")], scores_of([(0.4, 0.3, 0.3)]))
    assert pool.found[Lane("polarity")] == []
    assert [candidate.comment.text for candidate in pool.sample] == ["嗯…"]


def test_what_has_been_labelled_before_is_left_out_everywhere() -> None:
    pool = Pool(NAMES, THRESHOLDS, 10, 10, known={wording_of("不知道该说什么好")})
    pool.add([Comment("不知道该说什么好！")], scores_of([(0.4, 0.3, 0.3)]))
    assert not pool.sample
    assert not any(pool.found.values())


def test_the_sample_draws_repeated_comments_as_often_as_they_stand_there() -> None:
    comments = [Comment("沙发沙发沙发")] * 900 + [Comment(text) for text in different(100)]
    sample = pool_of(comments, scores_of([SURE] * 1000), sample_size=200).sample
    assert 0.8 < sum(candidate.comment.text == "沙发沙发沙发" for candidate in sample) / 200 < 1


def test_the_sample_does_not_depend_on_how_the_dump_is_cut() -> None:
    comments = [Comment(text) for text in different(60)]
    whole = pool_of(comments, scores_of([SURE] * 60))
    cut = Pool(NAMES, THRESHOLDS, 100, 20)
    for start in range(0, 60, 7):
        part = comments[start : start + 7]
        cut.add(part, scores_of([SURE] * len(part)))
    assert [each.order for each in cut.sample] == [each.order for each in whole.sample]
