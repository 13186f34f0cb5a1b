"""Finding cues: substrings, gaps, counter-cues, batches - and the same answers as a plain search gives."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import cues
from corpora.cues import MAX_GAP, CueMatcher
from corpora.errors import CorporaError
from corpora.taxonomy import GAP, Facet
from model.text import normalise


def facet(*cues: str, counter: tuple[str, ...] = (), key: str = "one") -> Facet:
    return Facet(key, key, key, "", cues, counter, ())


def votes(facets: list[Facet], *texts: str) -> list[list[int]]:
    given: list[list[int]] = CueMatcher(facets).votes(texts).tolist()
    return given


def stands(matcher: CueMatcher, text: str) -> list[str]:
    return [matcher.cues[column] for column in matcher.hits([text]).indices]


def test_hits_name_the_cue_and_the_facet_it_belongs_to() -> None:
    matcher = CueMatcher([facet("国漫", "作画"), facet("原著", key="two")])
    hits = matcher.hits(["国漫的作画", "好看", "原著党"])
    assert hits.dtype == np.int8
    assert hits.toarray().tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert matcher.cues == ("国漫", "作画", "原著")
    assert matcher.facet_of.tolist() == [0, 0, 1]


@pytest.mark.parametrize("cue", ["剧", "追剧", "短剧荒", "短剧荒了", "一部短剧荒了三年"])
def test_a_cue_of_any_length_is_found_at_the_edges_of_a_text_and_not_across_texts(cue: str) -> None:
    matcher = CueMatcher([facet(cue)])
    split = [cue[:-1], cue[-1:]] if len(cue) > 1 else ["", "集"]
    assert matcher.votes([cue, f"{cue}。", f"。{cue}", *split]).ravel().tolist() == [1, 1, 1, 0, 0]


def test_a_cue_that_stands_twice_is_one_hit() -> None:
    assert CueMatcher([facet("哈哈")]).hits(["哈哈哈哈"]).toarray().tolist() == [[1]]


@pytest.mark.parametrize(
    ("text", "vote"),
    [
        ("带爸妈", 1),
        ("带着我的老爸妈", 1),
        ("带" + "一" * MAX_GAP + "爸妈", 1),
        ("带" + "一" * (MAX_GAP + 1) + "爸妈", 0),
        ("爸妈带我", 0),
        ("带带" + "一" * MAX_GAP + "爸妈", 1),
    ],
)
def test_a_gap_is_a_few_characters_or_none(text: str, vote: int) -> None:
    assert votes([facet("带…爸妈")], text) == [[vote]]


def test_a_gap_does_not_reach_into_the_next_text() -> None:
    assert votes([facet("带…爸妈")], "带", "爸妈") == [[0], [0]]


def test_a_counter_cue_outweighs_every_cue_of_its_own_facet_and_of_no_other() -> None:
    facets = [facet("原著", counter=("没看过原著",)), facet("看过", key="two")]
    assert votes(facets, "原著党", "没看过原著", "没…") == [[1, 0], [-1, 1], [0, 0]]


def test_a_counter_cue_speaks_where_no_cue_stands() -> None:
    assert votes([facet("原著", counter=("没读过",))], "没读过") == [[-1]]


def test_cues_take_the_spelling_of_the_texts_when_told_how() -> None:
    own = [facet("ＣＰ感", "這部…戲")]
    texts = [normalise(text) for text in ("有CP感", "这部好戏")]
    assert CueMatcher(own).votes(texts).ravel().tolist() == [0, 0]
    assert CueMatcher(own, normalise).votes(texts).ravel().tolist() == [1, 1]


def test_a_cue_nothing_is_left_of_is_refused() -> None:
    with pytest.raises(CorporaError, match=r"https://t\.cn/A.*empty part"):
        CueMatcher([facet("https://t.cn/A")], normalise)


def test_no_texts_and_no_facets_give_empty_arrays() -> None:
    assert CueMatcher([facet("国漫")]).votes([]).shape == (0, 1)
    assert CueMatcher([]).votes(["国漫"]).shape == (1, 0)
    assert CueMatcher([]).hits(["国漫"]).shape == (1, 0)


def test_emoji_and_emotes_are_cues_like_any_other() -> None:
    matcher = CueMatcher([facet("[doge]", "😭😭", "️")])
    assert stands(matcher, "看哭😭😭[doge]") == ["[doge]", "😭😭"]


LETTERS = "甲乙丙a\U0001f602"
TEXTS = st.lists(st.text(LETTERS, max_size=14), max_size=8)
PARTS = st.lists(st.text(LETTERS, min_size=1, max_size=5), min_size=1, max_size=3)
CUES = st.lists(PARTS.map(GAP.join), min_size=1, max_size=4, unique=True)


@given(TEXTS, CUES, st.sampled_from([1, 20, 1000]))
def test_hits_are_those_of_a_regular_expression_whatever_the_batch(
    texts: list[str], given: list[str], size: int
) -> None:
    gap = f".{{0,{MAX_GAP}}}"
    patterns = [re.compile(gap.join(map(re.escape, cue.split(GAP)))) for cue in given]
    expected = [[int(bool(pattern.search(text))) for pattern in patterns] for text in texts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cues, "_BATCH", size)
        assert CueMatcher([facet(*given)]).hits(texts).toarray().tolist() == expected
