"""The compiled segmentation gives jieba's words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Scorer
from model.compiled.reader import CompiledReader
from model.segment import Segmenter
from model.text import normalise

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=8)
COMMON = st.sampled_from(
    "这部电影真好看 烂片 差差差差 活着 演技炸裂 作画崩了 破防 绝绝子 退票 \U00020000好 "  # noqa: SIM905
    "南京市长江大桥 乒乓球拍卖完了".split()
)
OTHER = st.sampled_from(
    [
        "",
        " ",
        "。",
        "!",
        "[doge]",
        "2",
        "3d",
        "vip",
        "b站",
        "t恤",
        "😭",
        "·",
        "é",
        "1.5",
        "a-b",
        "x_y",
        "+",
        "%",
        ".",
        "-",
    ]
)
RARE = st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF), max_size=2)
TIE = st.sampled_from(["", "常在想", "一一一一"])  # two ways are as likely; one of them a text, as each is its own tie
PARTS = st.lists(st.one_of(HAN, COMMON, COMMON, OTHER, OTHER, RARE), max_size=4).map("".join)
TEXT = st.tuples(PARTS, TIE, PARTS).map("".join)


def chinese(words: list[str]) -> list[str]:
    """The words of the characters that jieba's model knows; it cuts Latin letters otherwise than rjieba."""
    return [word for word in words if all("\u4e00" <= character <= "\u9fd5" for character in word)]


@pytest.fixture(scope="module")
def reader() -> CompiledReader:
    compiled = Scorer.load(compiled=True)._compiled
    assert compiled is not None and compiled._dictionary is not None
    return compiled


@pytest.fixture(scope="module")
def rjieba() -> Segmenter:
    return Segmenter(compiled=True)


@pytest.fixture(scope="module")
def jieba() -> Segmenter:
    return Segmenter(compiled=False)


def test_words_are_those_of_rjieba_and_in_ties_those_of_jieba(
    reader: CompiledReader, rjieba: Segmenter, jieba: Segmenter
) -> None:
    @given(st.lists(TEXT, max_size=6))
    @settings(deadline=None, max_examples=400)
    def check(texts: list[str]) -> None:
        whole = [normalise(text) for text in texts]
        for mine, ours, theirs in zip(reader.words(texts).lists(), rjieba.cut(whole), jieba.cut(whole), strict=True):
            assert mine == ours or chinese(mine) == chinese(theirs)

    check()


def test_starter_comments_are_cut_as_the_segmenter_cuts_them(
    reader: CompiledReader, rjieba: Segmenter, starter_texts: list[str]
) -> None:
    assert reader.words(starter_texts).lists() == rjieba.cut([normalise(text) for text in starter_texts])


def test_words_join_to_the_text(reader: CompiledReader) -> None:
    @given(st.lists(st.text(max_size=20), max_size=6))
    @settings(deadline=None)
    def check(texts: list[str]) -> None:
        assert ["".join(words) for words in reader.words(texts).lists()] == [normalise(text) for text in texts]

    check()


def test_the_words_of_a_lexicon_are_cut_whole(reader: CompiledReader) -> None:
    scorer = Scorer.load(compiled=True)
    taught = Segmenter({"雾港回执录": 10_000, "有 空格": 5})
    assert scorer._compiled is not None
    known = type(reader)(scorer._arrays, scorer.vocabulary, scorer._polarity, scorer._facets, taught)
    text = "看了雾港回执录的第一集"
    assert "雾港回执录" in known.words([text]).lists()[0]
    assert "雾港回执录" not in reader.words([text]).lists()[0]
    assert known.words([text]).lists() == taught.cut([text])
