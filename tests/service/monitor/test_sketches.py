"""A comment's sketch stays near under the changes a copy is made with, and tells other comments apart."""

from itertools import combinations

import numpy as np
import pytest

from service.monitor.sketches import BRIEF, LEAST_CHARACTERS, PLACES, WORDS, sketch

SAID = "前半段笑点很密，后半段突然开始煽情，结尾太仓促了"
OTHERS = (
    "男主的台词功底真的可以，打戏也没有用替身",
    "带爸妈一起去看的，他们说比预告片里好得多",
    "配乐一响我就起鸡皮疙瘩，回家路上还在循环",
    "编剧是不是中途换人了，前后人设完全对不上",
    "这个票价看这种特效，我宁可在家刷短视频",
)


def equal(one: str, other: str) -> float:
    """The share of equal places of the sketches of two comments."""
    sketches, rows, _ = sketch([one, other])
    assert rows.tolist() == [0, 1]
    return float((sketches[0] == sketches[1]).mean())


@pytest.mark.parametrize(
    "same",
    [
        "后半段突然开始煽情，前半段笑点很密，结尾太仓促了",
        "前半段笑点很密！！后半段突然开始煽情～～结尾太仓促了。。。",
        "前半段笑点很密😂，后半段突然开始煽情，结尾太仓促了[doge][doge]",
        "前半段笑點很密，後半段突然開始煽情，結尾太倉促了",
        "#今天看什么# 前半段笑点很密，后半段突然开始煽情，结尾太仓促了 https://t.cn/A1b2",
        "回复@路人甲：前半段笑点很密，后半段突然开始煽情，结尾太仓促了//@路人乙：说得好，我也是这么想的",
        "前半段笑点很密\n后半段突然开始煽情\n结尾太仓促了",
    ],
)
def test_what_is_no_ones_own_words_does_not_change_a_sketch(same: str) -> None:
    assert equal(SAID, same) == 1


def test_a_few_edited_characters_leave_most_of_a_sketch() -> None:
    assert 0.6 < equal(SAID, "前半段笑点挺密，后半段突然就开始煽情，结尾仓促了") < 1


def test_other_comments_share_little() -> None:
    assert max(equal(one, other) for one, other in combinations((SAID, *OTHERS), 2)) < 0.3


def test_short_comments_have_no_sketch() -> None:
    enough = "一二三四五六七八九十"
    assert len(enough) == LEAST_CHARACTERS
    sketches, rows, _ = sketch(
        ["太好看了", "哈哈哈！！！！！！！！！", enough[1:] + "😂😂", enough, "just some words in English"]
    )
    assert rows.tolist() == [3]
    assert sketches.shape == (1, PLACES)


def test_nothing_gives_nothing() -> None:
    assert sketch([])[0].shape == sketch(["", "嗯"])[0].shape == (0, PLACES)
    assert sketch([])[2].shape == (0, WORDS) and not sketch(["", "嗯"])[2].any()


def test_a_lone_surrogate_is_read_over() -> None:
    assert equal(SAID, SAID.replace("，", "\ud83d")) == 1


def test_a_comment_has_the_same_sketch_in_any_company() -> None:
    said = (SAID, *OTHERS, "#话题# 看哭了@某人，太真实")
    together, rows, characters = sketch(said)
    assert rows.tolist() == list(range(len(said) - 1)) and characters[-1].any()
    for row, text in enumerate(said):
        alone, _, its_characters = sketch([text])
        assert (alone == together[row : row + len(alone)]).all() and (its_characters == characters[row]).all()


def brief(text: str) -> set[int]:
    """The bits of the characters of a brief comment."""
    return set(np.flatnonzero(np.unpackbits(sketch([text])[2].view(np.uint8), bitorder="little")).tolist())


def test_a_brief_comment_is_the_set_of_its_characters() -> None:
    characters = brief("特效真的差")
    assert len(characters) == 5
    assert brief("真的，特效差！！😂[doge]") == brief("#电影# 差差差的特效真 @某人 ") == characters
    assert len(characters & brief("特效真不行")) == 3


def test_brief_comments_have_few_chinese_characters_but_not_the_same_ones_again_and_again() -> None:
    most = "一二三四五六七八九十天地人和你"
    assert len(most) == BRIEF[1] + 1
    assert brief(most[1:]) and brief(most[: BRIEF[0]])
    for other in (most, most[: BRIEF[0] - 1], "好看" * 4, "just some words"):
        assert not brief(other)
