"""Words join to their text, and rjieba cuts what jieba cuts."""

import gzip
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.segment import Segmenter
from model.text import normalise

ROOT = Path(__file__).parents[2]
CORPORA = Path(os.environ.get("POQUAN_CORPORA", ROOT.parent / "shared" / "data"))
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")

TEXTS = st.lists(st.text(max_size=30).map(normalise), max_size=8)


@pytest.fixture(scope="module")
def rjieba() -> Segmenter:
    return Segmenter(compiled=True)


@pytest.fixture(scope="module")
def jieba() -> Segmenter:
    segmenter = Segmenter(compiled=False)
    segmenter.cut(["好看"])  # jieba reads its dictionary at the first cut
    return segmenter


@pytest.mark.parametrize("cutter", ["rjieba", "jieba"])
def test_words_join_to_the_text_and_none_is_empty(cutter: str, request: pytest.FixtureRequest) -> None:
    segmenter: Segmenter = request.getfixturevalue(cutter)

    @given(TEXTS)
    def check(texts: list[str]) -> None:
        words = segmenter.cut(texts)
        assert ["".join(of_text) for of_text in words] == texts
        assert all(word for of_text in words for word in of_text)

    check()


@pytest.mark.parametrize("cutter", ["rjieba", "jieba"])
def test_a_text_is_cut_alike_alone_and_in_company(cutter: str, request: pytest.FixtureRequest) -> None:
    segmenter: Segmenter = request.getfixturevalue(cutter)

    @given(TEXTS)
    def check(texts: list[str]) -> None:
        assert segmenter.cut(texts) == [words for text in texts for words in segmenter.cut([text])]

    check()


@pytest.mark.parametrize("cutter", ["rjieba", "jieba"])
def test_texts_with_line_breaks_are_cut_one_by_one(cutter: str, request: pytest.FixtureRequest) -> None:
    segmenter: Segmenter = request.getfixturevalue(cutter)
    assert segmenter.cut(["好看\n推荐", "烂片"]) == [["好看", "\n", "推荐"], ["烂片"]]


def test_nothing_to_cut(rjieba: Segmenter) -> None:
    assert rjieba.cut([]) == []
    assert rjieba.cut(["", ""]) == [[], []]


def test_more_texts_than_a_batch_keep_their_order(rjieba: Segmenter) -> None:
    texts = [f"第{n}场" for n in range(4_500)]
    assert ["".join(words) for words in rjieba.cut(texts)] == texts


@pytest.mark.parametrize("cutter", ["rjieba", "jieba"])
def test_a_word_of_the_user_stays_whole_for_the_one_who_taught_it(cutter: str, request: pytest.FixtureRequest) -> None:
    untaught: Segmenter = request.getfixturevalue(cutter)
    taught = Segmenter({"雾港回执录": 10_000}, compiled=untaught.compiled)
    text = "看了雾港回执录的第一集"
    assert "雾港回执录" in taught.cut([text])[0]
    assert "雾港回执录" not in untaught.cut([text])[0]


def test_without_rjieba_words_are_cut_by_jieba_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)
    segmenter = Segmenter()
    assert not segmenter.compiled
    assert segmenter.cut(["这部电影真好看"]) == [["这部", "电影", "真", "好看"]]
    assert "pip install rjieba" in caplog.text


def test_both_cut_the_starter_comments_into_the_same_chinese_words(
    rjieba: Segmenter, jieba: Segmenter, starter_texts: list[str]
) -> None:
    assert differences(starter_texts, rjieba, jieba) == []


def test_both_cut_real_comments_into_the_same_chinese_words(rjieba: Segmenter, jieba: Segmenter) -> None:
    if not (CORPORA / "film").is_dir():
        pytest.skip("no comments to compare on: set POQUAN_CORPORA to the corpora folder")
    texts = list(sample(CORPORA))
    found = differences(texts, rjieba, jieba)
    print(*found, sep="\n")
    assert len(found) <= len(texts) / 10_000, "\n".join(found)


def differences(texts: Sequence[str], one: Segmenter, other: Segmenter) -> list[str]:
    """Give a line for each text whose Chinese words differ."""
    normal = [normalise(text) for text in texts]
    pairs = ((_chinese(a), _chinese(b)) for a, b in zip(one.cut(normal), other.cut(normal), strict=True))
    return [f"{'/'.join(a)} | {'/'.join(b)}" for a, b in pairs if a != b]


def sample(corpora: Path) -> Iterator[str]:
    """Give every 25th comment of the film, gold and stream files."""
    for file in sorted(file for name in ("film", "gold", "streams") for file in (corpora / name).glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line)["text"] for line in islice(lines, 0, None, 25))


def _chinese(words: Sequence[str]) -> list[str]:
    return [run for word in words for run in _CHINESE.findall(word)]
