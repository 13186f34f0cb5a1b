from collections import Counter

import pytest

from corpora.comment import Comment
from service.errors import SettingsError
from service.review.choose import Plan, choose, make_plan
from service.review.lanes import Lane
from tests.service.review.made import FAR, SURE, different, pool_of, scores_of, weigh

TORN = (0.42, 0.17, 0.41)


def test_a_tenth_is_random_half_is_for_the_circles_and_a_tenth_for_other_facets() -> None:
    plan = make_plan(200, None, 20)
    assert (plan.random, plan.circles, plan.facets, plan.polarity) == (20, 100, 20, 60)


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_a_short_queue_is_never_dealt_out_twice(count: int) -> None:
    plan = make_plan(count, None, 20)
    assert min(plan.random, plan.circles, plan.facets, plan.polarity) >= 0
    assert plan.random + plan.circles + plan.facets + plan.polarity == count


def test_more_for_each_circle_than_there_is_room_for_is_refused_with_what_to_give() -> None:
    with pytest.raises(SettingsError, match=r"--per-circle 20 asks for 400 .* give --count 446"):
        make_plan(200, 20, 20)
    assert make_plan(446, 20, 20).circles == 400


def test_a_rare_circle_is_not_drowned_by_a_frequent_one() -> None:
    comments = [Comment(text) for text in different(200)]
    rare = [0.3 if number % 50 == 0 else FAR for number in range(200)]
    pool = pool_of(comments, scores_of([SURE] * 200, family=[0.5] * 200, senior=rare))
    queue = choose(pool, Plan(count=9, random=1, circles=8, facets=0), weigh)
    assert Counter(chosen.lane.name for chosen in queue) == {"": 1, "family": 4, "senior": 4}


def test_of_comments_that_say_the_same_one_is_chosen() -> None:
    texts = ["剧情前半段不错后半段崩了", "剧情前半段不错，后半段崩掉了", "剧情前半段还不错后半段崩了", *different(3)]
    pool = pool_of([Comment(text) for text in texts], scores_of([TORN] * 6), sample_size=0)
    queue = choose(pool, Plan(6, 0, 0, 0), weigh)
    assert sum("剧情前半段" in chosen.candidate.comment.text for chosen in queue) == 1
    assert len(queue) == 4


def test_works_are_spread_where_the_doubt_is_the_same() -> None:
    works = ["甲"] * 30 + ["乙"] * 6
    comments = [Comment(text, work=work) for text, work in zip(different(36), works, strict=True)]
    queue = choose(pool_of(comments, scores_of([TORN] * 36)), Plan(10, 0, 0, 0), weigh)
    assert Counter(chosen.candidate.comment.work for chosen in queue)["乙"] >= 4


def test_what_the_circles_leave_over_goes_to_the_polarity() -> None:
    pool = pool_of([Comment(text) for text in different(50)], scores_of([TORN] * 50))
    queue = choose(pool, Plan(count=10, random=1, circles=5, facets=2), weigh)
    assert Counter(chosen.lane for chosen in queue) == {Lane("polarity"): 9, Lane("random"): 1}


def test_where_the_model_is_sure_of_everything_the_random_sample_grows() -> None:
    pool = pool_of([Comment(text) for text in different(50)], scores_of([SURE] * 50))
    queue = choose(pool, Plan(count=10, random=1, circles=5, facets=2), weigh)
    assert [chosen.why for chosen in queue] == ["random"] * 10


def test_no_comment_comes_twice_and_the_queue_is_the_same_each_time() -> None:
    comments = [Comment(text) for text in different(80)]
    scores = scores_of([TORN] * 80, family=[0.5] * 80, senior=[0.3] * 80, story=[0.45] * 80)
    first, second = (
        [chosen.candidate.order for chosen in choose(pool_of(comments, scores), make_plan(40, None, 3), weigh)]
        for _ in range(2)
    )
    assert len(set(first)) == 40
    assert first == second


def test_an_empty_dump_gives_an_empty_queue() -> None:
    assert choose(pool_of([], scores_of([SURE])), make_plan(10, None, 3), lambda texts: weigh(["x"])[:0]) == []
