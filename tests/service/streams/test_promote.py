"""A segment becomes a circle that the next training reads, and nothing that was there is touched."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.cues import CueMatcher
from corpora.taxonomy import read_own_circles
from model.text import normalise
from service.errors import ServiceError
from service.monitor.rising_terms import RisingTerm
from service.streams.promote import AlreadyPromotedError, PromotionError, clear_terms, default_key, promote_segment

CAMPING = """# 我自己的圈层
[camping]
chinese = '露营' # 先试试
cues = ["露营", "天幕"]
"""


def test_what_is_written_is_read_as_a_circle(tmp_path: Path) -> None:
    path = promote_segment(
        tmp_path / "home", "vtuber", "虚拟主播", ["直播回放", "中之人"], ["蹲一个直播回放"], english="Virtual streamers"
    )
    (circle,) = read_own_circles(path.parent)
    assert (circle.key, circle.chinese, circle.english) == ("vtuber", "虚拟主播", "Virtual streamers")
    assert circle.cues == ("直播回放", "中之人") and circle.examples == ("蹲一个直播回放",)


def test_quotes_backslashes_and_emoji_come_back_as_they_were(tmp_path: Path) -> None:
    cues = ['"名场面"', "c:\\games", "😭哭了", "'''", "# 话题", "a = [1]", "打…call"]
    examples = ['他说"走"，我就\\走了😭', "两行\n并成一行"]
    promote_segment(tmp_path, "odd", '带"引号"的\\名字', cues, examples)
    (circle,) = read_own_circles(tmp_path)
    assert circle.chinese == '带"引号"的\\名字'
    assert circle.cues == tuple(cues)
    assert circle.examples == ('他说"走"，我就\\走了😭', "两行 并成一行")


@given(st.lists(st.text(), max_size=8), st.lists(st.text(), max_size=4))
def test_any_text_gives_a_circle_that_reads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, cues: list[str], examples: list[str]
) -> None:
    home = tmp_path_factory.mktemp("home")
    promote_segment(home, "any", "任意", ["直播", *cues], examples)
    (circle,) = read_own_circles(home)
    assert circle.cues[0] == "直播"
    assert all(normalise(cue) == cue for cue in circle.cues)


def test_cues_are_written_in_the_spelling_they_are_matched_in(tmp_path: Path) -> None:
    promote_segment(tmp_path, "streams", "直播", ["ＶＴＢ直播", "聯動", "vtb直播"], [])
    (circle,) = read_own_circles(tmp_path)
    assert circle.cues == ("vtb直播", "联动")
    assert CueMatcher([circle], normalise).votes([normalise("明天有聯動")]).tolist() == [[1]]


def test_cues_beyond_thirty_and_those_that_can_be_none_are_left_out(tmp_path: Path) -> None:
    many = [f"第{number}个词" for number in range(40)]
    promote_segment(tmp_path, "many", "很多", ["…开头", "断…", "长短" * 16, " ", *many], [])
    (circle,) = read_own_circles(tmp_path)
    assert circle.cues == tuple(many[:30])


def test_tables_that_are_there_stay_to_the_letter(tmp_path: Path) -> None:
    (tmp_path / "circles.toml").write_text(CAMPING, encoding="utf-8")
    path = promote_segment(tmp_path, "vtuber", "虚拟主播", ["直播回放"], [])
    assert path.read_text(encoding="utf-8").startswith(CAMPING)
    assert [circle.key for circle in read_own_circles(tmp_path)] == ["camping", "vtuber"]


def test_a_segment_is_written_once_as_long_as_its_table_is_there(tmp_path: Path) -> None:
    origin = 'segment_1 of the stream 追光 # "点映", found at comment 12'
    path = promote_segment(tmp_path, "vtuber", "虚拟主播", ["直播回放"], [], origin=origin)
    with pytest.raises(
        AlreadyPromotedError, match=r"already promoted as the circle vtuber in .*circles\.toml"
    ) as again:
        promote_segment(tmp_path, "other", "别的名字", ["联动"], [], origin=origin)
    assert (again.value.key, again.value.path) == ("vtuber", path)
    promote_segment(tmp_path, "other", "别的名字", ["联动"], [], origin=origin.replace("12", "13"))
    path.write_text("".join(f"# {line}\n" for line in path.read_text("utf-8").splitlines()), "utf-8")
    promote_segment(tmp_path, "again", "虚拟主播", ["直播回放"], [], origin=origin)
    assert [circle.key for circle in read_own_circles(tmp_path)] == ["again"]


def test_a_table_that_was_given_another_key_is_still_the_segments(tmp_path: Path) -> None:
    path = promote_segment(tmp_path, "segment_1", "新群体", ["直播回放"], [], origin="segment_1 of x")
    path.write_text(path.read_text("utf-8").replace("[segment_1]", "[vtuber]"), "utf-8")
    with pytest.raises(AlreadyPromotedError, match="as the circle vtuber"):
        promote_segment(tmp_path, "segment_1", "新群体", ["直播回放"], [], origin="segment_1 of x")


def test_only_terms_that_are_clearly_the_segments_become_cues() -> None:
    named = ("望远镜", "星图", "目镜", "星云", "彗星")
    own = [RisingTerm(term, 9.0 - place, 0.009, 0.2) for place, term in enumerate(named)]
    everyday = [RisingTerm("不好", 8.0, 0.01, 0.2), RisingTerm("看完", 3.9, 0.0, 0.1), RisingTerm("哈", 9.0, 0.0, 0.3)]
    assert clear_terms([*own, *everyday]) == list(named)
    assert clear_terms([*everyday, *own[:4]]) == ["望远镜", "星图", "目镜", "星云", "不好"]


def test_a_file_of_comments_alone_takes_a_first_circle(tmp_path: Path) -> None:
    (tmp_path / "circles.toml").write_text("# 还没有\n", encoding="utf-8")
    promote_segment(tmp_path, "vtuber", "虚拟主播", ["直播回放"], [])
    assert [circle.key for circle in read_own_circles(tmp_path)] == ["vtuber"]


@pytest.mark.parametrize(
    ("key", "chinese", "cues", "told"),
    [
        ("camping", "露营", ["露营"], "camping is there already, in"),
        ("anime", "动画", ["番剧"], "anime is there already, among the shipped circles"),
        ("tea", "茶", ["喝茶"], "tea is there already, elsewhere"),
        ("虚拟主播", "虚拟主播", ["直播"], "'虚拟主播' cannot be the key"),
        ("vtuber", " ", ["直播"], "vtuber has no name"),
        ("vtuber", "虚拟主播", ["", "…"], "vtuber has no usable cue"),
    ],
)
def test_what_cannot_be_a_circle_is_refused_and_nothing_is_written(
    tmp_path: Path, key: str, chinese: str, cues: list[str], told: str
) -> None:
    (tmp_path / "circles.toml").write_text(CAMPING, encoding="utf-8")
    with pytest.raises(PromotionError, match=told):
        promote_segment(tmp_path, key, chinese, cues, [], taken=("tea",))
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("circles.toml", CAMPING)]


@pytest.mark.parametrize("broken", ["[camping\n", "[camping]\nchinese = '露营'\ncues = []\n"])
def test_a_file_that_is_damaged_is_named_and_left_alone(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "circles.toml"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(ServiceError, match=r"circles\.toml"):
        promote_segment(tmp_path, "vtuber", "虚拟主播", ["直播回放"], [])
    assert file.read_text(encoding="utf-8") == broken


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "circles.toml"
    file.write_text(CAMPING, encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PromotionError, match="No space left on device"):
        promote_segment(tmp_path, "vtuber", "虚拟主播", ["直播回放"], [])
    assert [each.name for each in tmp_path.iterdir()] == ["circles.toml"]
    assert file.read_text(encoding="utf-8") == CAMPING


def test_a_key_is_made_of_the_segment_where_the_user_gives_none(tmp_path: Path) -> None:
    assert default_key("segment_3", tmp_path) == "segment_3"
    promote_segment(tmp_path, "segment_3", "新群体", ["直播回放"], [])
    assert default_key("segment_3", tmp_path, taken=("segment_3_2",)) == "segment_3_3"
