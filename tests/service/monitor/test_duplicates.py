"""Near-copies are found while they are in the window, in whatever batches they come, and before and after a restart."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.monitor.brief_copies import MANY
from service.monitor.brief_copies import WINDOW as BRIEF_WINDOW
from service.monitor.duplicates import NO_GROUP, SPAN, WINDOW, Copies, CopyGroup, NearDuplicates
from service.monitor.state import pack, unpack
from tests.benchmarks.waves import copies

TEMPLATE = "良心国产片！导演真的用心了，特效剧情都在线，强烈推荐大家去看"
DIFFERENT = (
    "第一次看到把反派写得这么立体的片子",
    "排片太少了，跑了三家影院才买到票",
    "前排观众一直在聊天，体验被毁了一半",
    "小演员灵气十足，哭戏把我也看哭了",
    "说实话节奏有点拖，剪掉二十分钟会更好",
    "原著粉表示改动太大，最喜欢的角色没了",
    "片尾有两个彩蛋，千万别急着走",
    "宣传说是喜剧，结果从头哭到尾",
)


def update(
    index: NearDuplicates,
    texts: Sequence[str],
    times: Sequence[float] | None = None,
    authors: Sequence[str | None] | None = None,
    first_seq: int = 0,
) -> Copies:
    return index.update(
        texts,
        np.array(range(len(texts)) if times is None else times, np.float64),
        [None] * len(texts) if authors is None else authors,
        np.arange(first_seq, first_seq + len(texts)),
    )


def unlike(number: int, seed: int = 0, length: int = 12) -> list[str]:
    """Comments of random characters: no two have anything in common but by chance."""
    codes = np.random.default_rng(seed).integers(0x4E00, 0x9000, (number, length))
    return ["".join(map(chr, row)) for row in codes.tolist()]


def test_a_near_copy_is_of_the_group_of_the_first() -> None:
    found = update(NearDuplicates(), [TEMPLATE, DIFFERENT[0], TEMPLATE.replace("真的", "确实") + "👍"])
    assert found.copy.tolist() == [False, False, True]
    assert found.group.tolist() == [NO_GROUP, NO_GROUP, 0]


def test_different_comments_are_no_copies() -> None:
    assert not update(NearDuplicates(), [*DIFFERENT, TEMPLATE]).copy.any()


def test_what_many_say_in_a_few_words_is_no_copy() -> None:
    assert not update(NearDuplicates(), ["太好看了！", "好看好看好看", "太好看了！"] * 5).copy.any()


def test_a_wave_among_other_comments_is_caught() -> None:
    wave = copies(TEMPLATE, 200, seed=3)
    assert len(set(wave)) > 190
    stream = [text for one, four in zip(wave, np.reshape(unlike(800), (200, 4)), strict=True) for text in (one, *four)]
    found = update(NearDuplicates(), stream)
    in_wave = np.arange(len(stream)) % 5 == 0
    assert found.copy[in_wave].mean() > 0.97
    assert not found.copy[~in_wave].any()
    assert (found.group[found.copy] == 0).mean() > 0.9


def test_a_copy_counts_until_the_window_has_passed() -> None:
    between = unlike(WINDOW)
    assert update(NearDuplicates(), [TEMPLATE, *between[1:], TEMPLATE]).copy[-1]
    assert not update(NearDuplicates(), [TEMPLATE, *between, TEMPLATE]).copy.any()


def test_a_wave_of_a_few_words_is_caught_once_it_is_many() -> None:
    wave = copies("结局太敷衍了吧", 100, seed=1)
    stream = [text for one, other in zip(wave, unlike(100, length=8), strict=True) for text in (one, other)]
    index = NearDuplicates()
    found = update(index, stream, authors=[str(place) for place in range(200)])
    in_wave = np.arange(200) % 2 == 0
    assert not found.copy[: 2 * MANY].any() and not found.copy[~in_wave].any()
    assert found.copy[40:][in_wave[40:]].mean() > 0.8
    (group,) = index.groups(least=MANY)
    assert group.id % 2 == 0 and 15 < group.size <= BRIEF_WINDOW and group.authors == group.size


def test_a_template_at_the_border_is_caught_whole() -> None:
    wave = copies("结局写得太敷衍了，不如不写", 200, seed=1)
    found = update(NearDuplicates(), wave, authors=[str(place) for place in range(200)])
    assert found.copy[20:].mean() > 0.95


def test_short_comments_take_no_room_in_the_window() -> None:
    assert update(NearDuplicates(), [TEMPLATE, *["不错"] * (2 * WINDOW), TEMPLATE]).copy[-1]


def test_a_copy_counts_for_a_day_of_event_time() -> None:
    assert update(NearDuplicates(), [TEMPLATE, TEMPLATE], [0, SPAN]).copy.tolist() == [False, True]
    assert update(NearDuplicates(), [TEMPLATE, TEMPLATE], [0, SPAN + 1]).copy.tolist() == [False, False]


def test_groups_tell_their_size_authors_and_begin() -> None:
    index = NearDuplicates()
    texts = [DIFFERENT[1], TEMPLATE, DIFFERENT[1], TEMPLATE, TEMPLATE, DIFFERENT[2], TEMPLATE]
    authors = ["a", "b", "c", "b", "d", "e", None]
    update(index, texts, [10, 20, 30, 40, 50, 60, 70], authors, first_seq=100)
    big, small = CopyGroup(id=101, began=20, size=4, authors=2), CopyGroup(id=100, began=10, size=2, authors=2)
    assert index.groups(least=2) == [big, small]
    assert index.groups(least=3) == [big]


def test_groups_keep_their_begin_and_lose_what_has_left_the_window() -> None:
    index = NearDuplicates()
    update(index, [TEMPLATE] * 3, [0, 1_000, SPAN - 1_000])
    update(index, [TEMPLATE], [SPAN + 500], first_seq=3)
    assert index.groups() == [CopyGroup(id=0, began=0, size=3, authors=0)]
    update(index, unlike(WINDOW), [SPAN + 600] * WINDOW)
    assert index.groups() == []


def test_memory_grows_with_the_stream_up_to_a_bound() -> None:
    index = NearDuplicates()
    update(index, unlike(100))
    young = held(index)
    sizes = []
    for seed in range(1, 4):
        update(index, unlike(WINDOW, seed))
        sizes.append(held(index))
    assert young < 20_000
    assert sizes[0] <= sizes[1] == sizes[2] < 300_000
    assert {len(index.state()[name]) for name in ("sketches", "times", "authors", "groups", "begins")} == {WINDOW}
    assert len(index.state()["brief"]["times"]) == BRIEF_WINDOW


def test_sketches_of_another_version_are_forgotten() -> None:
    index = NearDuplicates()
    update(index, [TEMPLATE])
    other = NearDuplicates.from_state({**index.state(), "version": -1})
    assert not update(other, [TEMPLATE]).copy.any()


def test_a_state_without_brief_copies_goes_on() -> None:
    index = NearDuplicates()
    update(index, [TEMPLATE])
    before = {name: value for name, value in index.state().items() if name != "brief"}
    assert update(NearDuplicates.from_state(before), [TEMPLATE, "结局太敷衍"]).copy.tolist() == [True, False]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 5_500), max_size=6))
def test_batches_do_not_matter(cuts: list[int]) -> None:
    index = NearDuplicates()
    parts = [feed(index, start, end) for start, end in between(cuts)]
    whole, state = at_once()
    assert np.array_equal(np.concatenate([part.copy for part in parts]), whole.copy)
    assert np.array_equal(np.concatenate([part.group for part in parts]), whole.group)
    assert pack(index.state()) == state


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5_500))
def test_a_restart_does_not_matter(stop: int) -> None:
    index = NearDuplicates()
    feed(index, 0, stop)
    again = NearDuplicates.from_state(unpack(pack(index.state())))
    assert pack(again.state()) == pack(index.state())
    rest = feed(again, stop, 5_500)
    whole, state = at_once()
    assert np.array_equal(rest.group, whole.group[stop:])
    assert pack(again.state()) == state
    index = NearDuplicates.from_state(again.state())
    assert index.groups() == again.groups()


def test_one_by_one_is_as_all_at_once() -> None:
    index = NearDuplicates()
    found = [bool(feed(index, at, at + 1).copy[0]) for at in range(1_000)]
    assert found == at_once()[0].copy[:1_000].tolist()


@cache
def stream() -> tuple[list[str], list[float], list[str | None]]:
    """5,500 comments over two days, two and a half windows: unlike ones, short ones, copies of fifty templates, and of
    one of a few words, which come together."""
    rng = np.random.default_rng(7)
    templates = [f"{first}{TEMPLATE[:9]}{second}" for first, second in zip(unlike(50, 1), unlike(50, 2), strict=True)]
    copied = [text for seed, template in enumerate(templates) for text in copies(template, 20, seed)]
    texts = [*unlike(4_000, 3), *copied, *["还行吧"] * 500]
    texts = [texts[place] for place in rng.permutation(len(texts)).tolist()]
    texts[3_000:3_200:2] = copies(TEMPLATE[:7], 100)
    times = np.arange(len(texts)) * 31.4 + rng.integers(-600, 600, len(texts))
    authors = [f"author-{number}" if number else None for number in rng.integers(0, 900, len(texts)).tolist()]
    return texts, times.tolist(), authors


@cache
def at_once() -> tuple[Copies, bytes]:
    index = NearDuplicates()
    whole = feed(index, 0, 5_500)
    assert 800 < whole.copy.sum() < 1_050 and whole.copy[3_100:3_200:2].mean() > 0.7
    return whole, pack(index.state())


def feed(index: NearDuplicates, start: int, end: int) -> Copies:
    texts, times, authors = stream()
    return update(index, texts[start:end], times[start:end], authors[start:end], first_seq=start)


def between(cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
    return pairwise([0, *sorted(cuts), 5_500])


def held(index: NearDuplicates) -> int:
    columns = [*index._ring.columns.values(), *index._brief.ring.columns.values(), index._table]
    return sum(column.nbytes for column in columns)
