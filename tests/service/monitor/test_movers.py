import numpy as np
import pytest

from service.monitor.comments import F64, Bools
from service.monitor.movers import MOST_MOVERS, movers


def side(**groups: tuple[int, int]) -> tuple[F64, dict[str, Bools]]:
    """Comments of groups that do not overlap: how many of each there are and how many of those carry the signal."""
    signal = [float(place < hits) for n, hits in groups.values() for place in range(n)]
    names = np.array([name for name, (n, _) in groups.items() for _ in range(n)])
    return np.array(signal), {name: names == name for name in groups}


def test_the_group_that_turned_makes_up_the_rise() -> None:
    before, then = side(weibo=(100, 10), douban=(100, 10))
    after, now = side(weibo=(100, 60), douban=(100, 10))
    (weibo,) = movers(before, after, then, now)
    assert weibo.name == "weibo" and weibo.part.value == pytest.approx(1)
    assert (weibo.signal_before.value, weibo.signal_after.value) == (0.1, 0.6)
    assert weibo.before.value == weibo.after.value == 0.5


def test_a_group_that_only_grew_carries_a_rise_as_well() -> None:
    before, then = side(fans=(180, 0), angry=(20, 20))
    after, now = side(fans=(100, 0), angry=(100, 100))
    (angry,) = movers(before, after, then, now)
    assert angry.name == "angry" and angry.signal_before.value == angry.signal_after.value == 1
    assert angry.after.low > angry.before.high


def test_parts_of_groups_that_share_all_comments_between_them_sum_to_one() -> None:
    before, then = side(a=(200, 10), b=(200, 30))
    after, now = side(a=(200, 80), b=(200, 110))
    assert sum(each.part.value for each in movers(before, after, then, now)) == pytest.approx(1)


def test_a_change_that_chance_may_have_made_is_left_out() -> None:
    before, then = side(big=(200, 20), small=(10, 1))
    after, now = side(big=(200, 120), small=(10, 3))
    assert [each.name for each in movers(before, after, then, now)] == ["big"]


def test_a_group_that_was_not_there_before_may_have_moved_it_all() -> None:
    before, then = side(old=(100, 5))
    after, now = side(old=(100, 5), new=(50, 45))
    (new,) = movers(before, after, then, now)
    assert new.name == "new" and new.before.value == 0 and new.signal_before.comments == 0


def test_where_nothing_was_before_a_part_is_that_of_the_signal() -> None:
    after, now = side(a=(60, 45), b=(60, 15))
    parts = {each.name: each.part.value for each in movers(np.zeros(0), after, {}, now)}
    assert parts == pytest.approx({"a": 0.75, "b": 0.25})


def test_nothing_moved_a_share_that_did_not_rise() -> None:
    before, then = side(a=(100, 50))
    after, now = side(a=(100, 20))
    assert movers(before, after, then, now) == []


def test_at_most_five_are_told_the_largest_first() -> None:
    names = "abcdefg"
    before, then = side(**dict.fromkeys(names, (200, 0)))
    after, now = side(**{name: (200, 60 + 15 * place) for place, name in enumerate(names)})
    assert [each.name for each in movers(before, after, then, now)] == ["g", "f", "e", "d", "c"]
    assert MOST_MOVERS == 5
