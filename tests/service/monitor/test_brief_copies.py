"""Few words are copies when many have them, and not because some say the same."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.monitor.brief_copies import MANY, WINDOW, BriefCopies
from service.monitor.duplicates import NO_GROUP
from service.monitor.sketches import sketch
from service.monitor.state import pack, unpack

SAME, SPAN = "结局太敷衍了", 1_000.0


def enter(
    index: BriefCopies,
    texts: Sequence[str],
    times: Sequence[float] | None = None,
    authors: Sequence[int] | None = None,
    first: int = 0,
) -> tuple[list[int], list[int]]:
    """Give how many were near each, and the groups; every comment is by another author where none are given."""
    places = np.arange(first, first + len(texts))
    joined = np.full(len(texts), NO_GROUP)
    at = places.astype(np.float64) if times is None else np.array(times, np.float64)
    by = places if authors is None else np.array(authors, np.int64)
    return index.enter(sketch(texts)[2], at, by, places, SPAN, joined).tolist(), joined.tolist()


def unlike(number: int, seed: int = 0) -> list[str]:
    codes = np.random.default_rng(seed).integers(0x4E00, 0x9000, (number, 7))
    return ["".join(map(chr, row)) for row in codes.tolist()]


def test_the_first_are_no_copies_and_all_are_of_the_group_of_the_first() -> None:
    index = BriefCopies()
    near, groups = enter(index, [SAME] * (MANY + 3), first=5)
    assert near == list(range(MANY + 3))
    assert groups == [NO_GROUP] * MANY + [5] * 3
    assert index.ring["groups"][: MANY + 3].tolist() == [5] * (MANY + 3)
    assert index.ring["begins"][: MANY + 3].tolist() == [5.0] * (MANY + 3)


def test_what_some_say_again_and_again_is_no_copy() -> None:
    said = [text for start in range(0, 300, 10) for text in (SAME, *unlike(9, start))]
    near, groups = enter(BriefCopies(), said)
    assert set(groups) == {NO_GROUP} and 3 < max(near) < MANY


def test_half_of_the_characters_make_two_near() -> None:
    near, _ = enter(BriefCopies(), ["一二三四五六", "二三四五六七", "四五六七八九"])
    assert near == [0, 1, 1]


def test_one_author_and_another_day_do_not_count() -> None:
    assert enter(BriefCopies(), [SAME] * 3, authors=[7, 7, 8])[0] == [0, 0, 2]
    assert enter(BriefCopies(), [SAME] * 3, authors=[-1, -1, -1])[0] == [0, 1, 2]
    assert enter(BriefCopies(), [SAME] * 3, times=[0, SPAN, SPAN + 1])[0] == [0, 1, 1]


def test_a_group_goes_on_when_its_first_has_left() -> None:
    index = BriefCopies()
    enter(index, [SAME] * (WINDOW + 10))
    near, groups = enter(index, [*unlike(2), SAME], first=WINDOW + 10)
    assert near == [0, 0, WINDOW - 2] and groups == [NO_GROUP, NO_GROUP, 0]


@given(st.lists(st.sampled_from([SAME, "结局真是敷衍了", *unlike(3)]), max_size=150), st.integers(0, 150))
def test_neither_cuts_nor_a_restart_make_a_difference(texts: list[str], stop: int) -> None:
    whole, first = BriefCopies(), BriefCopies()
    near, groups = enter(whole, texts)
    begun = enter(first, texts[:stop])
    second = BriefCopies.from_state(unpack(pack(first.state())))
    rest = enter(second, texts[stop:], first=min(stop, len(texts)))
    assert begun[0] + rest[0] == near and begun[1] + rest[1] == groups
    assert pack(second.state()) == pack(whole.state())
