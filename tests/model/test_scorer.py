import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import POLARITIES, DamagedModel, Scorer
from model.files import read_model, write_model
from model.scorer import DEFAULT

ODD = ["", " ", "\x00", "\ud83d", "\ude00\ud83d", "😭😭😭", "👨\u200d👩\u200d👧", "abc", "。", "\n\n", "好" * 100_000]
TEXTS = st.lists(st.one_of(st.sampled_from(ODD[:-1]), st.text(max_size=40)), max_size=12)


def test_a_comment_reads_the_same_whatever_stands_beside_it(scorer: Scorer) -> None:
    @given(TEXTS, TEXTS)
    @settings(deadline=None)
    def check(one: list[str], other: list[str]) -> None:
        together = scorer.score([*one, *other]).probabilities
        apart = [scorer.score(one).probabilities, scorer.score(other).probabilities]
        np.testing.assert_allclose(together, np.concatenate(apart), atol=1e-6)

    check()


def test_batches_change_nothing(scorer: Scorer, starter_texts: list[str]) -> None:
    # More than two batches of 2,000, against comments read one at a time.
    many = (starter_texts * 7)[:4_321]
    alone = np.concatenate([scorer.score([text]).probabilities for text in starter_texts])
    expected = np.concatenate([alone] * 7)[:4_321]
    np.testing.assert_allclose(scorer.score(many).probabilities, expected, atol=1e-6)


def test_threads_read_the_same(scorer: Scorer, starter_texts: list[str]) -> None:
    expected = scorer.score(starter_texts).probabilities
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: scorer.score(starter_texts).probabilities, range(8)))
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_what_scores_hold(scorer: Scorer, starter_texts: list[str]) -> None:
    scores = scorer.score(starter_texts)
    n = len(starter_texts)
    assert len(scores) == len(scores.polarity) == n
    assert scores.probabilities.shape == (n, 3) and scores.probabilities.dtype == np.float32
    assert scores.score.shape == (n,) and scores.score.dtype == np.float32
    assert scores.words is None
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(scores.score, scores.probabilities[:, 2] - scores.probabilities[:, 0])
    assert set(scores.polarity) == set(POLARITIES)


def test_odd_texts_have_scores_like_any_other(scorer: Scorer) -> None:
    scores = scorer.score(ODD, explain=True)
    assert np.isfinite(scores.probabilities).all()
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1, atol=1e-6)
    assert scores.words is not None and len(scores.words) == len(ODD)


def test_a_comment_without_anything_to_read_is_not_taken_for_praise_or_blame(scorer: Scorer) -> None:
    assert set(scorer.score(["", " ", "\x00"]).polarity) == {"neutral"}


def test_no_comments_no_scores(scorer: Scorer) -> None:
    scores = scorer.score([], explain=True)
    assert len(scores) == 0 and scores.probabilities.shape == (0, 3)
    assert scores.polarity == [] and scores.words == [] and scores.score.tolist() == []


def test_one_spelling_one_score(scorer: Scorer) -> None:
    plain, full_width, traditional, marked = scorer.score(
        ["这电影vip看的!", "这电影ＶＩＰ看的！", "這電影VIP看的!", "  这电影vip看的!\n"]
    ).probabilities
    assert plain.tolist() == full_width.tolist() == traditional.tolist() == marked.tolist()


def test_a_column_of_a_table_can_be_scored(scorer: Scorer) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"text": ["太好看了", "烂片"]}, index=[7, 3])
    scores = scorer.score(table["text"])
    expected = scorer.score(["太好看了", "烂片"])
    assert scores.probabilities.tolist() == expected.probabilities.tolist()


@pytest.mark.parametrize("gap", [None, float("nan"), 5, b"\xe5\xa5\xbd"])
def test_a_text_that_is_no_string_is_named_by_its_place(scorer: Scorer, gap: Any) -> None:
    texts: Sequence[Any] = ["好看", "烂片", gap, "好看"]
    with pytest.raises(TypeError, match=r"^Text 2 is .*must be a string"):
        scorer.score(texts)


@pytest.mark.parametrize("size", [1, 7, 32, 45])
def test_a_score_does_not_depend_on_the_company_a_comment_is_in(
    scorer: Scorer, starter: list[dict[str, Any]], size: int
) -> None:
    texts = [row["text"] for row in starter[:90]]
    together = scorer.score(texts)
    apart = [scorer.score(texts[start : start + size]) for start in range(0, len(texts), size)]
    assert np.array_equal(np.concatenate([part.probabilities for part in apart]), together.probabilities)
    assert np.array_equal(np.concatenate([part.facets.chances for part in apart]), together.facets.chances)
    assert np.array_equal(np.concatenate([part.vectors for part in apart]), together.vectors)


def test_the_inputs_are_left_as_they_were(scorer: Scorer) -> None:
    texts = ["ＧＯＯＤ", "烂片"]
    scorer.score(texts, explain=True)
    assert texts == ["ＧＯＯＤ", "烂片"]


def test_most_starter_comments_are_read_as_their_reader_read_them(
    scorer: Scorer, starter: list[dict[str, Any]]
) -> None:
    # A floor that only a broken model falls through: the labels are one reader's.
    rows = [row for row in starter if row["polarity"] in POLARITIES]
    read = scorer.score([row["text"] for row in rows]).polarity
    hits = sum(mine == row["polarity"] for mine, row in zip(read, rows, strict=True))
    assert hits / len(rows) > 0.45


def test_a_model_of_two_characters_reads_what_it_was_given(tiny: Path) -> None:
    scorer = Scorer.load(str(tiny))
    scores = scorer.score(["好", "平", "烂"])
    # Logits of -3, 0 and 3 for a row of length one.
    certain = (np.exp(3) - np.exp(-3)) / (np.exp(3) + 1 + np.exp(-3))
    assert scores.polarity[0] == "positive" and scores.polarity[2] == "negative"
    assert scores.score.tolist() == pytest.approx([certain, 0, -certain], abs=1e-6)
    assert scorer.version == "tiny-1" and scorer.card == "# tiny\n" and scorer.path == tiny


def test_the_words_a_model_brings_are_cut_whole(tiny: Path) -> None:
    assert Scorer.load(tiny).segmenter.cut(["真是大烂片"])[0][-1] == "大烂片"


def test_a_model_without_a_card_has_an_empty_one(tiny: Path) -> None:
    (tiny / "MODEL_CARD.md").unlink()
    assert Scorer.load(tiny).card == ""


def test_a_folder_that_is_no_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DamagedModel, match=r"no model folder.*give the folder"):
        Scorer.load(tmp_path)


def test_a_model_replaced_on_disk_leaves_the_loaded_one_as_it_was(tmp_path: Path) -> None:
    texts = ["烂片，退票", "神作！", "带着爸妈去看的"]
    manifest, arrays = read_model(DEFAULT)
    folder = write_model(tmp_path / "m", manifest | {"version": "old"}, arrays)
    mapped = Scorer.load(folder)
    before = mapped.score(texts).probabilities
    turned = {**arrays, "views": -np.asarray(arrays["views"])}
    write_model(folder, manifest | {"version": "new"}, turned)
    assert np.array_equal(mapped.score(texts).probabilities, before)
    replaced = Scorer.load(folder)
    assert (mapped.version, replaced.version) == ("old", "new")
    assert not np.array_equal(replaced.score(texts).probabilities, before)
    shutil.rmtree(folder)
    assert np.array_equal(mapped.score(texts).probabilities, before)
