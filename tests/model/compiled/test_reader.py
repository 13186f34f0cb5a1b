"""The compiled path reads what the modules it follows read, and a comment alike in every company."""

import gzip
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Scorer, Scores
from model.text import normalise
from tests.model.conftest import tiny_arrays, write_tiny

ROOT = Path(__file__).parents[3]
CORPORA = Path(os.environ.get("POQUAN_CORPORA", ROOT.parent / "shared" / "data"))

#: How far a probability may be from the one the reference gives.
_TOLERANCE = 1e-4

PIECES = [
    "", " ", "\u3000", "\xa0", "\x00", "\n", "\r\n", "\x85", "\u2028", "\u200b", "\ufeff", "\ud83d", "\U0001f62d",
    "&", "&amp;", "&lt;", "&#65;", "＆", "@", "＠", "@路人 ", "//", "/", "/\u200b/", "https://t.cn/A6x", "://", ":",
    "哈", "哈哈哈哈", "！", "!!!!", "。", "……", "?", "但", "不", "[doge]", "ＡＢＣ", "Good", "LG-C960", "3.5", "1080p",
    "这部电影真好看", "烂片退票", "電影難看", "演技", "作画崩了", "二刷", "劇情", "\u9fff", "\U00020000", "\uf900",
]  # fmt: skip
ODD = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12).map("".join)
TEXTS = st.lists(ODD, max_size=8)


@pytest.fixture(scope="module")
def reference() -> Scorer:
    return Scorer.load(compiled=False)


@pytest.fixture(scope="module")
def compiled() -> Scorer:
    return Scorer.load(compiled=True)


def test_odd_texts_read_as_the_reference_reads_them(compiled: Scorer, reference: Scorer) -> None:
    @given(TEXTS)
    @settings(deadline=None, max_examples=300)
    def check(texts: list[str]) -> None:
        assert_alike(compiled.score(texts), reference.score(texts))

    check()


def test_every_code_point_is_folded_as_the_reference_folds_it(compiled: Scorer, reference: Scorer) -> None:
    points = [chr(code) for code in range(0x30000)]
    texts = ["".join(points[begin : begin + 64]) for begin in range(0, len(points), 64)]
    assert_alike(compiled.score(texts), reference.score(texts))


def test_starter_comments_read_as_the_reference_reads_them(
    compiled: Scorer, reference: Scorer, starter_texts: list[str]
) -> None:
    assert_alike(compiled.score(starter_texts), reference.score(starter_texts))


def test_long_comments_read_as_the_reference_reads_them(compiled: Scorer, reference: Scorer) -> None:
    texts = ["好看" * 2_047, "好看" * 2_048, "好看" * 2_049, "好" * 10_000, "".join(map(chr, range(0x4E00, 0x9000)))]
    assert_alike(compiled.score(texts), reference.score(texts))


def test_real_comments_read_as_the_reference_reads_them(compiled: Scorer, reference: Scorer) -> None:
    if not (CORPORA / "film").is_dir():
        pytest.skip("no comments to compare on: set POQUAN_CORPORA to the corpora folder")
    texts = []
    for file in sorted((CORPORA / "film").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in islice(lines, 0, None, 100)]
    assert len(texts) > 1_000
    assert compiled._compiled is not None
    words, expected = (
        compiled._compiled.words(texts).lists(),
        reference.segmenter.cut([normalise(text) for text in texts]),
    )
    same = [text for text, mine, theirs in zip(texts, words, expected, strict=True) if mine == theirs]
    assert len(texts) - len(same) <= len(texts) / 10_000  # ties in the dynamic programme
    assert_alike(compiled.score(same), reference.score(same))


def test_a_comment_reads_alike_to_the_last_bit_whatever_stands_beside_it(compiled: Scorer) -> None:
    @given(TEXTS, TEXTS)
    @settings(deadline=None)
    def check(one: list[str], other: list[str]) -> None:
        together = compiled.read([*one, *other])
        for whole, first, second in zip(together, compiled.read(one), compiled.read(other), strict=True):
            assert np.array_equal(whole, np.concatenate([first, second]))

    check()


@pytest.mark.parametrize("size", [1, 3, 4, 31, 32, 33, 255, 256, 257])
def test_batches_change_no_bit(compiled: Scorer, starter_texts: list[str], size: int) -> None:
    texts = (starter_texts * 3)[:600]
    together = compiled.read(texts)
    apart = [compiled.read(texts[begin : begin + size]) for begin in range(0, len(texts), size)]
    for part, whole in enumerate(together):
        assert np.array_equal(whole, np.concatenate([each[part] for each in apart]))


def test_threads_change_no_bit(compiled: Scorer, starter_texts: list[str]) -> None:
    expected = compiled.read(starter_texts)
    with ThreadPoolExecutor(4) as threads:
        for reading in threads.map(compiled.read, [starter_texts] * 8):
            assert all(np.array_equal(mine, theirs) for mine, theirs in zip(reading, expected, strict=True))


def test_jiebas_own_words_are_read_too(compiled: Scorer, starter_texts: list[str], monkeypatch: Any) -> None:
    # Without the dictionary's file all words are the segmenter's.
    monkeypatch.setattr("model.segment._rjieba_loads", lambda: False)
    monkeypatch.setattr("model.compiled.reader.load_dictionary", absent)
    by_jieba = Scorer.load(compiled=True)
    assert not by_jieba.segmenter.compiled
    assert_alike(by_jieba.score(starter_texts[:200]), Scorer.load(compiled=False).score(starter_texts[:200]))


def absent(_: Any) -> None:
    raise OSError("no dict.txt")


def test_a_cutter_that_joins_what_is_apart_is_asked_text_by_text(compiled: Scorer) -> None:
    texts = ["好看", "", "烂片 退票"]
    scorer = Scorer.load(compiled=True)
    assert scorer._compiled is not None
    scorer._compiled._dictionary = None
    scorer.segmenter._cutter = lambda text: [text]
    alone = [scorer.read([text]) for text in texts]
    for part, whole in enumerate(scorer.read(texts)):
        assert np.array_equal(whole, np.concatenate([each[part] for each in alone]))


def test_a_users_own_circles_and_corrections_are_read(tmp_path: Path) -> None:
    folder = _with_own(tmp_path)
    texts = ["好", "烂", "好烂好", "", "平", "好" * 50]
    compiled, reference = Scorer.load(folder, compiled=True), Scorer.load(folder, compiled=False)
    assert_alike(compiled.score(texts), reference.score(texts))
    plain = Scorer.load(write_tiny(tmp_path / "plain"), compiled=True)
    assert not np.allclose(plain.read(["好烂"]).polarity, compiled.read(["好烂"]).polarity)


def _with_own(tmp_path: Path) -> Path:
    """Write a tiny model with two own circles, a correction of polarity and one of facets."""
    random = np.random.default_rng(5)
    width = len(tiny_arrays()["facet_head_centre"])
    added = {
        "own_weights": random.normal(size=(width, 2)).astype(np.float32),
        "own_biases": np.array([-1, 0.5], np.float32),
        "own_cues_columns": np.array([1, 0, 0], np.int32),
        "own_cues_facets": np.array([0, 1, 2], np.int32),
        "own_cues_weights": np.array([0.5, 0.25, -0.75], np.float16),
        "correction_columns": np.array([1], np.int32),
        "correction": np.array([[0.5, -1, 0.25]], np.float32),
        "facet_correction_columns": np.array([0, 1], np.int32),
        "facet_correction": random.normal(size=(2, 4)).astype(np.float32),
        "facet_thresholds": np.full(4, 0.5, np.float32),
    }
    return write_tiny(tmp_path / "own", changed=added, said={"own_circles": ["mine", "yours"]})


def test_where_code_cannot_be_compiled_comments_are_read_without_and_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, reference: Scorer
) -> None:
    def broken(*_: Any) -> None:
        raise ImportError("no compiler here")

    monkeypatch.setattr("model.compiled.reader.CompiledReader.read", broken)
    scorer = Scorer.load()
    assert np.array_equal(scorer.read(["好看"]).polarity, reference.read(["好看"]).polarity)
    assert [record.message for record in caplog.records if "no compiler here" in record.message]
    assert "pip install numba" in caplog.text
    with pytest.raises(RuntimeError, match="leave out compiled=True"):
        Scorer.load(compiled=True)


def assert_alike(scores: Scores, expected: Scores) -> None:
    """Every probability within the tolerance, every word vector nearly the same."""
    pairs: Sequence[tuple[Any, Any]] = (
        (scores.probabilities, expected.probabilities),
        (scores.facets.chances, expected.facets.chances),
    )
    for mine, theirs in pairs:
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=_TOLERANCE)
    np.testing.assert_allclose(scores.vectors, expected.vectors, rtol=1e-3, atol=1e-3)
