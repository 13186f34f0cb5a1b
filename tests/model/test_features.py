from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.features import NgramSpec, hash_ngrams

WORDS = st.lists(st.lists(st.text("好看烂片ab ", min_size=1, max_size=3), max_size=6), max_size=6)


def ngrams(texts: list[str], words: list[list[str]], spec: NgramSpec = NgramSpec()) -> list[Counter[int]]:
    rows, hashes = hash_ngrams(texts, words, spec)
    assert rows.dtype == np.int64 and hashes.dtype == np.uint64 and len(rows) == len(hashes)
    return [Counter(hashes[rows == row].tolist()) for row in range(len(texts))]


def of(words: list[str], spec: NgramSpec = NgramSpec()) -> Counter[int]:
    return ngrams(["".join(words)], [words], spec)[0]


@given(WORDS)
def test_an_ngram_has_one_hash_in_any_company(words: list[list[str]]) -> None:
    together = ngrams(["".join(w) for w in words], words)
    assert together == [of(w) for w in words]


@given(st.text(max_size=12), st.integers(1, 5))
def test_each_character_ngram_is_taken_once_an_occurrence(text: str, longest: int) -> None:
    found = ngrams([text], [[]], NgramSpec(longest, 0))[0]
    expected = Counter(text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1))
    assert sorted(found.values()) == sorted(expected.values())


@given(st.lists(st.text("好看烂片ab", min_size=1, max_size=3), max_size=8))
def test_each_word_and_each_pair_of_neighbours_is_taken(words: list[str]) -> None:
    found = of(words, NgramSpec(0, 2))
    expected = Counter([*words, *pairwise(words)])
    assert sorted(found.values()) == sorted(expected.values())


def test_the_same_word_has_the_same_hash_wherever_it_stands() -> None:
    single = NgramSpec(0, 1)
    (word,) = of(["好看"], single)
    assert word in of(["真", "好看"], single)
    assert word in of(["a" * 4000, "好看", "吗"], single)


def test_a_character_a_word_a_pair_and_a_longer_ngram_never_share_a_hash() -> None:
    word = NgramSpec(0, 1)
    kinds = [
        of(["好"], NgramSpec(1, 0)),
        of(["好"], word),
        of(["看"], word),
        of(["好看"], word),
        of(["好看"], NgramSpec(2, 0)) - of(["好看"], NgramSpec(1, 0)),
        of(["好", "看"], NgramSpec(0, 2)) - of(["好", "看"], word),
        of(["看", "好"], NgramSpec(0, 2)) - of(["看", "好"], word),
    ]
    assert [len(kind) for kind in kinds] == [1] * 7
    assert len(set().union(*kinds)) == 7


def test_no_two_of_sixty_thousand_ngrams_collide() -> None:
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 20_000)]
    rows, hashes = hash_ngrams(["".join(characters)], [characters], NgramSpec(2, 1))
    assert len(np.unique(hashes)) == len(hashes) == len(rows) == 59_999


def test_a_space_parts_characters_but_is_no_word() -> None:
    assert of(["好", " ", "看"], NgramSpec(0, 2)) == of(["好", "看"], NgramSpec(0, 2))
    assert of(["好", " ", "看"], NgramSpec(2, 0)) != of(["好", "看"], NgramSpec(2, 0))


@pytest.mark.parametrize("texts", [[], [""], ["", "", ""]])
def test_empty_texts_have_no_ngrams(texts: list[str]) -> None:
    rows, hashes = hash_ngrams(texts, [[] for _ in texts])
    assert len(rows) == len(hashes) == 0


def test_an_empty_text_takes_nothing_from_its_neighbours() -> None:
    assert ngrams(["好", "", "看"], [["好"], [], ["看"]])[1] == Counter()


def test_hashes_are_what_they_were_when_the_shipped_model_was_fitted() -> None:
    _, hashes = hash_ngrams(["好看"], [["好看"]])
    assert [f"{value:016x}" for value in hashes.tolist()] == PINNED


PINNED = [
    "382c756049bed1a8",
    "393b1f8bac270cb7",
    "5fadfae4a5690402",
    "d30ede89ab5b2e9c",
]
