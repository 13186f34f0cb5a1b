from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from corpora.taxonomy import Facet
from model.facets import FacetNames
from training.cue_weights import phrase_hashes, read_cues, weigh_cues
from training.evaluate_facets import facet_figures
from training.facet_head import calibrate_facets, choose_facet_thresholds
from training.labels import facet_targets
from training.topics import documents, fit_topics, join_vectors

NAMES = FacetNames(("family", "gamer"), ("story",), ("seen",))


def test_what_a_record_does_not_list_is_untold() -> None:
    records: list[dict[str, Any]] = [
        {"circles": ["gamer"], "aspects": [], "stage": "seen"},
        {"circles": []},
        {"aspects": ["story"]},
        {},
    ]
    told = facet_targets(records, NAMES)
    nan = np.nan
    expected = [[0, 1, 0, 1], [0, 0, nan, nan], [nan, nan, 1, 0], [nan] * 4]
    np.testing.assert_array_equal(told, np.array(expected, np.float32))


def test_a_long_cue_is_known_by_its_middle_and_one_with_a_gap_not_at_all() -> None:
    cues = read_cues([Facet("x", "x", "x", "", ("二次元", "国产动画电影", "带…爸妈"), ("漫威",), ())])
    assert cues.facets.tolist() == [0, 0, 1]
    assert set(cues.hashes.tolist()) == set(phrase_hashes(["二次元", "产动画电", "漫威"]).tolist())


def test_a_cue_that_is_mostly_right_weighs_more_than_one_that_is_mostly_wrong() -> None:
    cues = read_cues([Facet("x", "x", "x", "", ("甲", "乙"), (), ())])
    there = csr_matrix(np.array([[1, 0]] * 50 + [[0, 1]] * 50, np.float32))
    targets = np.array([[1]] * 45 + [[0]] * 50 + [[1]] * 5, np.float32)
    weights = weigh_cues(there, cues, np.arange(2, dtype=np.int32), targets)
    first, second = weights[0], weights[1]
    assert first > 1 > second


def test_words_of_one_document_get_near_vectors() -> None:
    words = np.array([0, 1, 0, 1, 2, 3, 2, 3], np.int32)
    places = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    vectors = fit_topics(words, places, 4, 2)
    assert vectors[0] @ vectors[1] > 0.9 > 0.3 > vectors[0] @ vectors[2]


def test_joined_vectors_keep_what_both_parts_say() -> None:
    one, other = np.array([[1, 0], [1, 0.1], [-1, 0]]), np.array([[0, 1], [0, -1], [0, 1]])
    joined = join_vectors([one.astype(np.float32), other.astype(np.float32)], np.ones(3), 3)
    distances = np.linalg.norm(joined[:, None] - joined, axis=2)
    assert distances[0, 1] > 1 and distances[0, 2] > 1 and distances[1, 2] > 1


def test_documents_are_threads_videos_or_parts_of_a_community() -> None:
    rows = [{"thread_id": "7"}, {"bvid": "BV1"}, {"community": "toutiao_edu"}, {"title": "深空邮差"}]
    assert documents("x", rows) == ["x 7", "x BV1", "x toutiao_edu 0", "x 深空邮差 0"]


def test_calibration_undoes_a_stretch_and_a_shift() -> None:
    dice = np.random.default_rng(0)
    true = dice.normal(-1, 2, (5_000, 1)).astype(np.float32)
    targets = (dice.random((5_000, 1)) < 1 / (1 + np.exp(-true))).astype(np.float32)
    slopes, offsets = calibrate_facets((true - 1) * 2, targets)
    assert slopes[0] == pytest.approx(0.5, abs=0.05) and offsets[0] == pytest.approx(1, abs=0.15)


def test_thresholds_part_what_can_be_parted() -> None:
    chances = np.array([[0.2, 0.6], [0.3, 0.5], [0.5, 0.2], [0.6, 0.1]], np.float32)
    targets = np.array([[0, 1], [0, 1], [1, 0], [1, 0]], np.float32)
    decided = chances >= choose_facet_thresholds(chances, targets)
    np.testing.assert_array_equal(decided, targets > 0)


def test_rare_facets_stay_out_of_the_macro_f1() -> None:
    truth = np.zeros((100, 2), np.bool_)
    truth[:50, 0], truth[:3, 1] = True, True
    decided = truth.copy()
    decided[:, 1] = False
    found = facet_figures(truth, decided, ("family", "overseas"), np.arange(100), repeats=20)
    assert found.measures["macro_f1"].value == 1
    assert found.f1["overseas"].value == 0 and found.carry == {"family": 50, "overseas": 3}
    assert found.measures["recall"].value == pytest.approx(50 / 53)
