import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.store.errors import StoreError
from service.store.scores import pack_scores, rounded, unpack_scores


@given(n=st.integers(0, 5), n_facets=st.integers(0, 20), n_dimensions=st.integers(0, 9), seed=st.integers(0, 2**32 - 1))
def test_scores_come_back_as_they_were_rounded(n: int, n_facets: int, n_dimensions: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    polarity, facets, vectors = (
        random.normal(size=(n, width)).astype(np.float32) for width in (3, n_facets, n_dimensions)
    )
    decided = facets > 0
    packed = pack_scores(polarity, facets, decided, vectors)
    back = unpack_scores(packed, n_facets, n_dimensions)
    for given_, found in ((polarity, back.polarity), (facets, back.facets), (vectors, back.vectors)):
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, rounded(given_))
    assert back.decided.dtype == np.bool_
    np.testing.assert_array_equal(back.decided, decided)


def test_a_comment_has_the_same_bytes_in_whatever_batch() -> None:
    random = np.random.default_rng(1)
    polarity, facets, vectors = (random.random((4, width), np.float32) for width in (3, 9, 5))
    together = pack_scores(polarity, facets, facets > 0.5, vectors)
    apart = [pack_scores(polarity[[n]], facets[[n]], facets[[n]] > 0.5, vectors[[n]])[0] for n in range(4)]
    assert together == apart
    assert {len(each) for each in together} == {2 * (3 + 9 + 5) + 2}


def test_rounding_twice_changes_nothing_more() -> None:
    once = rounded(np.random.default_rng(2).random(100))
    np.testing.assert_array_equal(rounded(once), once)


def test_scores_of_another_length_are_damage() -> None:
    with pytest.raises(StoreError, match="has 9 bytes, its model writes 11"):
        unpack_scores([b"x" * 11, b"x" * 9], n_facets=1, n_dimensions=1)
