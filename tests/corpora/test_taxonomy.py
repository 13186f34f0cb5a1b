"""The shipped facets keep their form, and a file of another form is refused with a sentence that helps."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from corpora.cues import CueMatcher
from corpora.errors import CorporaError
from corpora.taxonomy import ASPECTS, CIRCLES, GAP, MAX_CUE, STAGES, Facet, read_facets, read_own_circles
from model.text import normalise

ROOT = Path(__file__).parents[2]
KEYS = {
    CIRCLES: "anime family scifi history beauty women student worker senior smalltown cinephile fandom bookfan gamer "
    "romance suspense comedy military lifestyle overseas",
    ASPECTS: "story acting visual sound pace marketing cinema people values humour",
    STAGES: "want seen rewatch recommend dissuade refund",
}
FACETS = [facet for path in KEYS for facet in read_facets(path)]
each_facet = pytest.mark.parametrize("facet", FACETS, ids=lambda facet: facet.key)

# ------------------------------------------------------------------ the shipped files


@pytest.mark.parametrize("path", KEYS, ids=lambda path: path.stem)
def test_the_facets_stand_in_the_order_the_model_knows(path: Path) -> None:
    assert [facet.key for facet in read_facets(path)] == KEYS[path].split()


@each_facet
def test_a_facet_is_named_and_described_in_both_languages(facet: Facet) -> None:
    assert re.search(r"[\u4e00-\u9fff]", facet.chinese) and facet.english.isascii()
    assert len(facet.definition) >= 20 and facet.definition.endswith("。")


@each_facet
def test_a_facet_has_as_many_cues_counter_cues_and_examples_as_it_should(facet: Facet) -> None:
    fewest, most = (40, 80) if facet.key in KEYS[CIRCLES].split() else (25, 60)
    assert fewest <= len(facet.cues) <= most
    assert len(facet.counter_cues) >= 3
    assert 4 <= len(facet.examples) <= 6


@each_facet
def test_no_phrase_is_given_twice_and_none_is_cue_and_counter_cue(facet: Facet) -> None:
    phrases = [*facet.cues, *facet.counter_cues]
    assert sorted(set(phrases)) == sorted(phrases)


@each_facet
def test_no_cue_holds_a_counter_cue_that_would_always_silence_it(facet: Facet) -> None:
    assert [cue for cue in facet.cues if any(counter in cue for counter in facet.counter_cues)] == []


@each_facet
def test_phrases_are_in_the_spelling_of_normalised_texts(facet: Facet) -> None:
    parts = [part for phrase in (*facet.cues, *facet.counter_cues) for part in phrase.split(GAP)]
    assert [part for part in parts if normalise(part) != part] == []


@each_facet
def test_most_examples_are_found_by_the_cues(facet: Facet) -> None:
    votes = CueMatcher([facet]).votes([normalise(example) for example in facet.examples])
    assert (votes == 1).mean() > 0.5 and (votes >= 0).all()


def test_no_example_stands_in_the_public_corpora() -> None:
    digests = Path(os.environ.get("POQUAN_CORPORA", ROOT.parent / "shared" / "data")) / "digests.bin"
    if not digests.exists():
        pytest.skip("no digests.bin: set POQUAN_CORPORA to the corpora folder to check for copied sentences")
    raw = digests.read_bytes()
    known = {raw[i : i + 6] for i in range(0, len(raw), 6)}
    assert [example for facet in FACETS for example in facet.examples if _digest(example) in known] == []


def _digest(text: str) -> bytes:
    return hashlib.sha1(re.sub(r"\s+", "", text).encode(), usedforsecurity=False).digest()[:6]


# ------------------------------------------------------------------ reading


def written(folder: Path, text: str) -> Path:
    path = folder / "circles.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_one_name_and_cues_are_enough(tmp_path: Path) -> None:
    hanfu, dogs = '[hanfu]\nchinese = "汉服"\ncues = ["汉服", "穿…出街"]', '[dogs]\nenglish = "Dogs"\ncues = ["狗狗"]'
    path = written(tmp_path, f"{hanfu}\n{dogs}")
    assert read_facets(path) == (
        Facet("hanfu", "汉服", "汉服", "", ("汉服", "穿…出街"), (), ()),
        Facet("dogs", "Dogs", "Dogs", "", ("狗狗",), (), ()),
    )


def test_a_byte_order_mark_is_no_part_of_the_first_table(tmp_path: Path) -> None:
    assert read_facets(written(tmp_path, '\ufeff[dogs]\nenglish = "Dogs"\ncues = ["狗狗"]'))[0].key == "dogs"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no table"),
        ("[dogs", "is not TOML"),
        ('[狗狗]\ncues = ["狗狗"]', "is not TOML.*`chinese`"),
        ('["狗狗"]\ncues = ["狗狗"]', r"\[狗狗\].*put the Chinese name in `chinese`"),
        ('[Dogs]\ncues = ["狗狗"]', r"\[Dogs\].*begins with a letter"),
        (f'[{"d" * 33}]\ncues = ["狗狗"]', "1 to 32"),
        ('dogs = "狗狗"', "sets dogs to '狗狗' outside a table"),
        ('[dogs]\nchinese = "狗"\ncue = ["狗狗"]', r"\[dogs\] has cue = \['狗狗'\]; allowed are chinese, .*remove it"),
        ('[dogs]\nchinese = 7\ncues = ["狗狗"]', r"\[dogs\] has chinese = 7; it must be a text"),
        ('[dogs]\nchinese = "狗"\ncues = "狗狗"', r"\[dogs\] has cues = '狗狗'; it must be a list"),
        ('[dogs]\nchinese = "狗"\ncues = ["狗狗", 7]', r"\[dogs\] has cues = \['狗狗', 7\]; it must be a list"),
        (
            '[dogs]\nchinese = "狗"\ncues = ["狗狗"]\nexamples = "汪"',
            r"\[dogs\] has examples = '汪'; it must be a list",
        ),
        ('[dogs]\ncues = ["狗狗"]', r"\[dogs\] has no name"),
        ('[dogs]\nchinese = "狗"', r"\[dogs\] has no cues"),
        ('[dogs]\nchinese = "狗"\ncues = []', r"\[dogs\] has no cues"),
        ('[dogs]\nchinese = "狗"\ncues = ["狗狗", " "]', r"\[dogs\] has ' ' in cues; .*empty"),
        ('[dogs]\nchinese = "狗"\ncues = ["狗狗…"]', r"\[dogs\] has '狗狗…' in cues; .*begin or end"),
        ('[dogs]\nchinese = "狗"\ncues = ["狗狗"]\ncounter_cues = [""]', r"\[dogs\] has '' in counter_cues"),
        ('[dogs]\nchinese = "狗"\ncues = ["狗\\n狗"]', r"\[dogs\] has '狗\\n狗' in cues; .*line break"),
        (f'[dogs]\nchinese = "狗"\ncues = ["{"狗" * (MAX_CUE + 1)}"]', "31 characters; at most 30"),
    ],
)
def test_another_form_is_refused_in_one_sentence_naming_the_place(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(CorporaError, match=told) as caught:
        read_facets(path)
    assert str(caught.value).startswith(str(path)) and str(caught.value).endswith(".")


def test_a_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorporaError, match="cannot be read"):
        read_facets(tmp_path / "none.toml")
    path = tmp_path / "gbk.toml"
    path.write_bytes('[dogs]\nchinese = "狗"'.encode("gbk"))
    with pytest.raises(CorporaError, match="save it as UTF-8"):
        read_facets(path)


def test_own_circles_are_read_where_there_are_any(tmp_path: Path) -> None:
    assert read_own_circles(tmp_path) == ()
    written(tmp_path, '[anime]\nchinese = "二次元"\ncues = ["谷圈"]\n[hanfu]\nchinese = "汉服"\ncues = ["汉服"]')
    assert [facet.key for facet in read_own_circles(tmp_path)] == ["anime", "hanfu"]
