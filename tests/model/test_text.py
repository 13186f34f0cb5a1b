import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.text import MAX_CHARACTERS, normalise

# Any code point there is, lone surrogates too, with what the rules act on far more often than chance would give.
ANY = st.text(st.characters(exclude_categories=()), max_size=80)
PIECES = st.sampled_from((
    "哈哈哈哈", "！！！！", "@路人甲 ", "https://t.cn/A6x", "//t.cn/a", "//@", "&amp;", "&#13;", "&#10;", "&lt;", "\n",
    "\r\n", "\x00", "\x1f", "\x85", "\u2028", "\u200b", "\ufeff", "\ud83d", "\ude00",
    "😭", "[doge]", "電影", "　", "ＧＯＯＤ",
))  # fmt: skip
MESSY = st.lists(st.one_of(ANY, PIECES), max_size=12).map("".join)


@given(MESSY)
def test_the_result_holds_no_control_character_lone_surrogate_or_line_break(text: str) -> None:
    result = normalise(text)
    assert [c for c in result if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}] == []
    assert len(result.splitlines()) <= 1
    result.encode("utf-8")


@given(MESSY)
def test_spaces_are_single_and_never_at_the_edges(text: str) -> None:
    result = normalise(text)
    assert result == result.strip()
    assert re.search(r"\s\s", result) is None


@given(MESSY)
def test_no_character_is_left_more_than_three_times_in_a_row(text: str) -> None:
    assert re.search(r"(\S)\1{3}", normalise(text)) is None


@given(MESSY.filter(lambda text: "&" not in text and "＆" not in text and "@" not in text and "＠" not in text))
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.lists(st.sampled_from(["@路人甲", "@USER ", "//@小明:", "好看", " ", "@"]), max_size=12).map("".join))
def test_mentions_of_ordinary_length_are_folded_once_and_for_all(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(MESSY, st.integers(1, 2000))
def test_a_long_comment_is_read_by_its_two_ends(text: str, times: int) -> None:
    assert len(normalise(text * times)) <= MAX_CHARACTERS + 1


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ""),
        (" 　\t\r\n", ""),
        ("\x00", ""),
        ("好\x00看", "好 看"),
        ("好看\r\n\r\n真的", "好看 真的"),
        ("&quot;神作&quot; &lt;3 &amp; 哭&#33;", '"神作" <3 & 哭!'),
        ("一行&#10;两行&#x2028;三行", "一行 两行 三行"),
        ("&amp;lt;", "&lt;"),
        ("&不是实体;", "&不是实体;"),
        ("看 https://v.example.com/a?b=1#c 吧", "看 吧"),
        ("看//t.cn/A6xYz吧", "看 吧"),
        ("真棒//@小明:同意", "真棒//@:同意"),
        ("@路人甲 你看", "@ 你看"),
        ("联系 a@b.com", "联系 a@.com"),
        ("哈哈", "哈哈"),
        ("哈哈哈", "哈哈哈"),
        ("哈哈哈哈哈哈", "哈哈哈"),
        ("2000000 票房", "2000 票房"),
        ("。。。。。。", "。。。"),
        ("這齣戲後勁很強", "这出戏后劲很强"),
        ("ＶＩＰ！？", "vip!?"),
        ("IMAX", "imax"),
        ("😭😭😭😭😭[泪][泪][泪][泪]", "😭😭😭[泪][泪][泪][泪]"),
        ("好\u200b看\ufeff", "好看"),
        ("\ud83d断", "\ufffd断"),
    ],
)
def test_one_spelling_for_one_thing(written: str, read: str) -> None:
    assert normalise(written) == read


def test_a_family_of_joined_emoji_stays_joined() -> None:
    assert normalise("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧"


def test_a_hundred_kilobytes_keep_their_opening_and_their_verdict() -> None:
    result = normalise("开头" + "平" * 100_000 + "结论")
    assert result.startswith("开头平平平") and result.endswith("平平平结论")
