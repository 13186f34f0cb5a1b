import numpy as np
import pytest
from scipy.sparse import csr_matrix

from model.signals import CueReader, FacetViewReader, VectorReader, ViewReader, read_shape


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


def test_a_long_comment_keeps_part_of_its_length_in_the_facet_views() -> None:
    read = FacetViewReader(np.ones((1, 1), np.float32), np.zeros(1, np.int32), 1)
    rows = csr_matrix(np.ones((2, 1), np.float32))
    short, long = read(rows, np.asarray([70, 280], np.float32)).ravel()
    assert short == pytest.approx(1)
    assert 1 < long < 4


def test_a_cue_speaks_once_however_often_it_stands() -> None:
    read = CueReader(np.asarray([0, 1], np.int32), np.asarray([0, 1]), np.asarray([1.5, -1], np.float32), (2, 2))
    rows = csr_matrix(np.asarray([[1, 0], [3, 2], [0, 0]], np.float32))
    assert read(rows).tolist() == [[1.5, 0], [1.5, -1], [0, 0]]
