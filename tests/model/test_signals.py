import numpy as np
import pytest
from scipy.sparse import csr_matrix

from model.signals import PLATFORMS, VectorReader, ViewReader, read_platforms, read_shape


def test_a_view_gives_its_value_and_the_weight_of_evidence_on_both_sides() -> None:
    read = ViewReader(np.asarray([[2.0], [-3.0]], np.float32))
    rows = csr_matrix(np.asarray([[1, 1], [0, 0], [1, 0]], np.float32))
    assert read(rows).tolist() == [[-1, 5], [0, 0], [2, 2]]


def test_a_word_vector_is_the_sum_of_the_known_words_over_the_root_of_their_number() -> None:
    # Columns 0 and 2 of three n-grams are words; column 1 has no vector.
    read = VectorReader(np.asarray([[1, 0], [0, 2]], np.float32), np.asarray([2, 0], np.int32), 3)
    rows = csr_matrix(np.asarray([[1, 5, 1], [0, 5, 0], [3, 0, 0], [0, 0, 0]], np.float32))
    expected = np.asarray([[0.5**0.5, 2 * 0.5**0.5], [0, 0], [0, 6], [0, 0]])
    np.testing.assert_allclose(read(rows), expected, rtol=1e-6)


def test_shape_is_the_log_of_length_known_ngrams_and_marks() -> None:
    shape = np.expm1(read_shape(["不好看!!", ""], np.asarray([4, 0])))
    assert shape.shape == (2, 10)
    np.testing.assert_allclose(shape[0], [5, 4, 0, 2, 0, 0, 0, 0, 0, 1], atol=1e-5)
    assert not shape[1].any()


@pytest.mark.parametrize("name", ["weibo", "WEIBO", " wb ", "微博"])
def test_a_platform_is_known_by_each_of_its_names(name: str) -> None:
    assert read_platforms([name], 1).nonzero()[1].tolist() == [PLATFORMS.index("weibo")]


@pytest.mark.parametrize("name", [None, "", "myspace", "微"])
def test_an_unknown_platform_has_no_column(name: str | None) -> None:
    assert not read_platforms([name], 1).any()


def test_no_platforms_at_all_read_as_unknown() -> None:
    assert read_platforms(None, 2).tolist() == read_platforms([None, None], 2).tolist()


@pytest.mark.parametrize("name", ["kuaishou", "xiaohongshu", "tieba", "douyin", "zhihu", "mgtv"])
def test_a_platform_with_few_or_no_gold_labels_has_no_calibration_of_its_own(name: str) -> None:
    assert not read_platforms([name], 1).any()
