from collections.abc import Sequence

from model.words import Words
from service.monitor.rising_terms import MOST_TERMS, RisingTerm, rising_terms, terms_of


def risen(before: Sequence[list[str]], after: Sequence[list[str]]) -> list[RisingTerm]:
    return rising_terms(Words.of(before), Words.of(after))


def terms(*words: str) -> set[str]:
    found = terms_of(Words.of([words]))
    return {found.text(place) for place in range(len(found.keys))}


def test_what_both_say_did_not_rise_however_common_it_is() -> None:
    before = [["电影", "，", "剧情", "不错"]] * 100
    after = [["电影", "，", "剧情", "注水"]] * 60
    assert [each.term for each in risen(before, after)] == ["注水"]


def test_a_term_has_the_shares_of_the_comments_it_stands_in() -> None:
    (term,) = risen([["广告", "好看"]] * 2 + [["好看"]] * 98, [["广告", "广告"]] * 20 + [["好看"]] * 20)
    assert (term.term, term.before, term.after) == ("广告", 0.02, 0.5)


def test_a_term_that_stands_in_two_comments_did_not_surely_rise() -> None:
    assert risen([["好看"]] * 50, [["注水"]] * 2) == []


def test_the_surest_come_first_and_ten_at_most() -> None:
    words = [f"{letter}{letter}" for letter in "abcdefghijklmn"]
    after = [[word] for place, word in enumerate(words) for _ in range(20 + 5 * place)]
    found = risen([["好看"]] * 200, after)
    assert len(found) == MOST_TERMS
    assert [each.term for each in found[:2]] == ["nn", "mm"]
    assert [each.z for each in found] == sorted((each.z for each in found), reverse=True)


def test_a_negation_is_kept_with_its_word_and_told_once() -> None:
    found = risen([["好笑"], ["好看"]] * 40, [["不", "好笑"]] * 30)
    assert [each.term for each in found] == ["不好笑"]


def test_particles_punctuation_numbers_and_single_characters_are_no_terms() -> None:
    assert terms("我", "的", "！", "3", "烂", "。", "如果", "a") == set()


def test_a_phrase_does_not_reach_over_a_break() -> None:
    assert terms("难看", "，", "烂") == {"难看"}
    assert terms("太", "难看") == {"难看", "太难看"}


def test_latin_words_are_terms_and_words_of_both_scripts_are_none() -> None:
    assert terms("imax", "doge", "3d", "x战警") == {"imax", "doge"}


def test_nothing_rises_out_of_nothing() -> None:
    assert risen([], []) == []
    assert risen([["好看"]] * 9, []) == []
