import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.features import NgramSpec, hash_ngrams
from model.vocabulary import Vocabulary

CHARACTERS = NgramSpec(1, 0)
HASH = st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 40), st.integers(2**64 - 40, 2**64 - 1))


def vocabulary(hashes: list[int], idf: list[float] | None = None) -> Vocabulary:
    weights = np.ones(len(hashes), np.float32) if idf is None else np.asarray(idf, np.float32)
    return Vocabulary(np.asarray(sorted(hashes), np.uint64), weights, CHARACTERS)


def knowing(characters: str) -> Vocabulary:
    return vocabulary(hash_ngrams([characters], [[]], CHARACTERS)[1].tolist())


@given(st.sets(HASH, max_size=60), st.lists(HASH, max_size=40))
def test_find_gives_what_a_dict_gives(known: set[int], strangers: list[int]) -> None:
    asked = [*strangers, *known]
    column = {value: index for index, value in enumerate(sorted(known))}
    found = vocabulary(list(known)).find(np.asarray(asked, np.uint64))
    assert found.tolist() == [column.get(value, -1) for value in asked]


@pytest.mark.parametrize("top", [0, 2**63, 2**64 - 2**20])
def test_find_copes_with_hashes_that_all_share_their_top_bits(top: int) -> None:
    hashes = [top + step for step in range(500)]
    assert vocabulary(hashes).find(np.asarray([*hashes, top + 500], np.uint64)).tolist() == [*range(500), -1]


def test_count_counts_each_known_ngram_of_each_text() -> None:
    counts = knowing("好烂").count(["好好烂", "", "平"], [[], [], []]).toarray()
    assert sorted(counts[0].tolist()) == [1, 2]
    assert not counts[1:].any()


def test_weigh_gives_rows_of_length_one_and_leaves_empty_rows_empty() -> None:
    known = knowing("好烂看")
    weighed = known.weigh(known.count(["好好烂", "", "看", "平"], [[]] * 4)).toarray()
    assert np.linalg.norm(weighed, axis=1) == pytest.approx([1, 0, 1, 0])
    assert weighed.dtype == np.float32


def test_weigh_is_one_plus_log_count_times_idf() -> None:
    (good,), (bad,) = (hash_ngrams([c], [[]], CHARACTERS)[1].tolist() for c in "好烂")
    idf = {good: 2.0, bad: 3.0}
    known = vocabulary([good, bad], [idf[value] for value in sorted(idf)])
    weighed = known.weigh(known.count(["好好烂"], [[]])).toarray()[0]
    values = {value: weighed[column] for column, value in enumerate(sorted(idf))}
    assert values[good] / values[bad] == pytest.approx((1 + np.log(2)) * 2 / 3)


def test_a_vocabulary_of_nothing_knows_nothing() -> None:
    nothing = vocabulary([])
    assert nothing.find(np.asarray([0, 2**64 - 1], np.uint64)).tolist() == [-1, -1]
    assert nothing.weigh(nothing.count(["好"], [["好"]])).shape == (1, 0)
