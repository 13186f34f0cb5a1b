import numpy as np
import pytest

from model import Scorer
from model.explain import candidates, strongest, without
from model.text import normalise


def test_candidates_are_the_words_once_each_without_punctuation() -> None:
    assert candidates(["好看", "，", " ", "真", "好看", "！", "😭", "_", "3d"]) == ["好看", "真", "😭", "3d"]


def test_every_occurrence_of_a_word_is_taken_out() -> None:
    assert without(["好", "不", "好"], "好") == "不"


def test_the_strongest_come_first_whichever_way_they_push() -> None:
    named = strongest(["一", "二", "三", "四"], np.asarray([0.1, -0.5, 0.2, 0.3]))
    assert named == [("二", -0.5), ("四", 0.3), ("三", 0.2), ("一", 0.1)]


def test_at_most_eight_words_are_named() -> None:
    assert len(strongest([str(n) for n in range(20)], np.linspace(0.1, 1, 20))) == 8


def test_three_words_are_named_however_little_they_move_a_clear_score() -> None:
    named = strongest(list("一二三四"), np.asarray([0.0004, 0.0003, 0.00002, 0.00001]))
    assert named == [("一", 0.0004), ("二", 0.0003), ("三", 0.00002)]


def test_a_word_that_moves_nothing_but_the_rounding_is_not_named() -> None:
    assert strongest(["一", "二"], np.asarray([0.0, 1.2e-7])) == []


def test_without_words_nothing_is_named() -> None:
    assert strongest([], np.empty(0)) == []


def test_taking_a_named_word_out_moves_the_score_by_its_effect(scorer: Scorer, starter_texts: list[str]) -> None:
    texts = starter_texts[::7]
    scores = scorer.score(texts, explain=True)
    assert scores.words is not None
    cut = scorer.segmenter.cut([normalise(text) for text in texts])
    named = [(row, effect) for row, effects in enumerate(scores.words) for effect in effects]
    left = scorer.score([without(cut[row], effect.word) for row, effect in named]).score
    moved = scores.score[[row for row, _ in named]] - left
    assert len(named) > 300
    np.testing.assert_allclose([effect.effect for _, effect in named], moved, atol=2e-6)


def test_effects_come_strongest_first_and_each_word_once(scorer: Scorer, starter_texts: list[str]) -> None:
    for effects in scorer.score(starter_texts[::7], explain=True).words or []:
        strengths = [abs(effect.effect) for effect in effects]
        assert strengths == sorted(strengths, reverse=True)
        assert len({effect.word for effect in effects}) == len(effects)


def test_every_comment_with_words_has_deciding_words(scorer: Scorer, starter_texts: list[str]) -> None:
    texts = starter_texts[::4]
    words = scorer.score(texts, explain=True).words
    assert words is not None
    bare = [text for text, effects in zip(texts, words, strict=True) if not effects]
    assert [text for text in bare if candidates(scorer.segmenter.cut([normalise(text)])[0])] == []


@pytest.mark.parametrize(
    "text",
    [
        "烂片烂片，难看，恶心，退票！垃圾，浪费时间浪费钱，千万别看",
        "太好看了！神作，必须二刷，强烈推荐，感动哭了，五星好评",
    ],
)
def test_a_comment_without_doubt_still_names_its_words(scorer: Scorer, text: str) -> None:
    scores = scorer.score([text], explain=True)
    assert abs(scores.score[0]) > 0.95
    assert scores.words is not None and len(scores.words[0]) >= 3
    strongest_word = scores.words[0][0]
    assert np.sign(strongest_word.effect) == np.sign(scores.score[0])


@pytest.mark.parametrize("text", ["", "。。。", "  ", "\x00"])
def test_a_comment_without_words_names_none(scorer: Scorer, text: str) -> None:
    assert scorer.score([text], explain=True).words == [[]]


def test_each_named_facet_has_words_of_its_own(scorer: Scorer) -> None:
    scores = scorer.score(["带爸妈看的，必须二刷"], explain=True)
    assert scores.facet_words is not None
    (words,) = scores.facet_words
    assert list(words) == [*scores.facets.circles[0], *scores.facets.aspects[0], "rewatch"]
    assert words["senior"][0].word == "爸妈" and words["rewatch"][0].word == "二刷"
    without_word = scorer.score(["带爸妈看的，必须"]).facets.chances[0, scorer.facet_names.all.index("rewatch")]
    whole = scores.facets.chances[0, scorer.facet_names.all.index("rewatch")]
    assert words["rewatch"][0].effect == pytest.approx(whole - without_word, abs=2e-6)
