"""One author and one thread lose weight as they go on; everything else counts in full."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.monitor.dependence import Dependence
from service.monitor.state import pack, unpack

Rows = list[tuple[str | None, str | None, bool]]

names = st.sampled_from([None, "甲", "乙", "丙", "丁"])
rows = st.lists(st.tuples(names, names, st.booleans()), max_size=60)


def weights(
    dependence: Dependence,
    authors: Sequence[str | None],
    threads: Sequence[str | None] | None = None,
    copy: Sequence[bool] | None = None,
) -> list[float]:
    many = len(authors)
    given = dependence.update(authors, threads or [None] * many, np.array(copy or [False] * many, np.bool_))
    return [float(weight) for weight in given]


def test_an_authors_next_comments_count_ever_less() -> None:
    assert weights(Dependence(), ["a", "a", "b", "a"]) == [1, 1 / 4, 1, 1 / 9]


def test_unknown_authors_and_threads_count_in_full() -> None:
    assert weights(Dependence(room=1), [None] * 5) == [1] * 5


def test_a_near_copy_counts_nothing_and_is_not_remembered() -> None:
    assert weights(Dependence(), ["a", "a", "a"], copy=[True, False, True]) == [0, 1, 0]
    assert weights(Dependence(), ["a", "a", "a"], copy=[False, True, False]) == [1, 0, 1 / 4]


def test_what_others_have_said_in_as_few_words_counts_ever_less() -> None:
    copy, near = np.array([False] * 5 + [True]), np.array([0, 1, 2, 3, 0, 8])
    assert Dependence().update([None] * 6, [None] * 6, copy, near).tolist() == [1, 1, 1 / 4, 1 / 9, 1, 0]


def test_where_all_is_said_in_one_thread_all_of_it_counts() -> None:
    assert weights(Dependence(), [None] * 200, ["film"] * 200) == [1] * 200


def test_threads_of_like_size_count_in_full() -> None:
    assert min(weights(Dependence(), [None] * 400, ["film", "trailer", "clip", "poster"] * 100)) > 0.95


def test_a_thread_that_swells_among_small_ones_counts_less() -> None:
    dependence = Dependence()
    assert weights(dependence, [None] * 1_000, [f"post {number}" for number in range(1_000)]) == [1] * 1_000
    swollen = weights(dependence, [None] * 100, ["quarrel"] * 100)
    assert swollen == [min(1, 30 / size) for size in range(1, 101)]
    assert weights(dependence, [None], ["another post"]) == [1]


def test_an_author_in_a_swollen_thread_loses_by_both() -> None:
    dependence = Dependence(room=1)
    weights(dependence, ["a", *"bcdef"], [None, *"23456"])
    # The sizes of the threads are 1, 1, 1, 1, 1 and then 1, 2, 3, so the parts are 6 / 6, 9 / 7 and 14 / 8.
    assert weights(dependence, ["a", "g", "a"], ["1"] * 3) == pytest.approx([1 / 4, 9 / 7 / 2, 1 / 9 * 14 / 8 / 3])


def test_what_is_two_generations_old_is_forgotten() -> None:
    after = {}
    for between in (5, 7, 8, 11):
        dependence = Dependence(generation=4)
        weights(dependence, ["a", *[None] * between])
        after[between] = weights(dependence, ["a"])[0]
    assert after == {5: 1 / 4, 7: 1, 8: 1, 11: 1}


def test_memory_is_bounded() -> None:
    dependence = Dependence(generation=50)
    people = [f"author {number}" for number in range(1_000)]
    weights(dependence, people, people)
    state = dependence.state()
    assert all(len(state[who][which]) <= 50 for who in ("authors", "threads") for which in ("before", "current"))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        weights(Dependence(), ["a", "b"], ["thread"])


@pytest.mark.parametrize(("generation", "room"), [(0, 30), (10, 0)])
def test_remembering_nothing_is_refused(generation: int, room: int) -> None:
    with pytest.raises(ValueError, match=f"generation of {generation} comments with room for {room} .* at least 1"):
        Dependence(generation, room)


@given(rows, st.integers(1, 20), st.integers(1, 5))
def test_weights_are_as_defined(comments: Rows, generation: int, room: int) -> None:
    assert fed(Dependence(generation, room), comments) == slowly(comments, generation, room)


@given(rows, st.lists(st.integers(0, 60), max_size=4), st.integers(1, 20))
def test_batches_and_restarts_do_not_matter(comments: Rows, cuts: list[int], generation: int) -> None:
    whole, parted = Dependence(generation, 2), Dependence(generation, 2)
    found = []
    bounds = [0, *sorted(cuts), len(comments)]
    for start, end in pairwise(bounds):
        found += fed(parted, comments[start:end])
        parted = Dependence.from_state(unpack(pack(parted.state())))
    assert found[: len(comments)] == fed(whole, comments)
    assert pack(parted.state()) == pack(whole.state())


def fed(dependence: Dependence, comments: Rows) -> list[float]:
    authors, threads, copy = zip(*comments, strict=True) if comments else ((), (), ())
    return weights(dependence, authors, threads, copy)


def slowly(comments: Rows, generation: int, room: int) -> list[float]:
    """The weights from the definition: each time all that is remembered is counted anew."""
    counted: Rows = []
    result = []
    for author, thread, copied in comments:
        if copied:
            result.append(0.0)
            continue
        remembered = counted[max(0, len(counted) // generation - 1) * generation :]
        weight = 1.0
        if author is not None:
            weight /= (1 + sum(author == other for other, _, _ in remembered)) ** 2
        if thread is not None:
            sizes = Counter([thread, *(other for _, other, _ in remembered if other is not None)])
            part = sum(size**2 for size in sizes.values()) / sizes.total()
            weight *= min(1.0, max(part, room) / sizes[thread])
        result.append(weight)
        counted.append((author, thread, copied))
    return result
