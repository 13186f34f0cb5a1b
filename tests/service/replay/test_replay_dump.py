from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.readers import RejectedRow, open_dump
from service.evaluation.truth import Scale, TruthError
from service.replay import dump as replay_dump
from service.replay.dump import By, Comments, Reading, ReplayError, read_streams
from service.replay.truth import IS_NEGATIVE, NOT_NEGATIVE, UNKNOWN, TruthColumn
from tests.service.replay.staged import NOON, dump, rows_of


def read(folder: Path, rows: Sequence[Mapping[str, Any]], by: By | None = None) -> Reading:
    return read_streams(open_dump(dump(folder, rows)), by)


def only(reading: Reading) -> Comments:
    [comments] = reading.streams
    return comments


def test_comments_come_in_the_order_of_time_and_equal_times_in_that_of_the_file(tmp_path: Path) -> None:
    rows = [{"content": text, "time": NOON + at} for text, at in (("晚", 60), ("早一", 0), ("早二", 0), ("中", 30))]
    comments = only(read(tmp_path, rows))
    assert comments.text == ["早一", "早二", "中", "晚"]
    assert comments.time.tolist() == [NOON, NOON, NOON + 30, NOON + 60]


def test_every_column_follows_the_order_of_time(tmp_path: Path) -> None:
    rows = rows_of(["一", "二"])
    for row, (platform, likes, gender) in zip(rows, (("weibo", 1, "女"), ("douban", 2, "男")), strict=True):
        row |= {"platform": platform, "likes": likes, "gender": gender, "note_id": platform}
    comments = only(read(tmp_path, rows[::-1]))
    assert comments.text == ["一", "二"]
    assert comments.platform == comments.thread == ["weibo", "douban"]
    assert comments.likes.tolist() == [1, 2]
    assert comments.gender == ["female", "male"]
    assert None not in comments.author and comments.author[0] != comments.author[1]


def test_a_comment_without_a_time_is_taken_with_the_one_before_it(tmp_path: Path) -> None:
    rows = [{"content": text, "time": at} for text, at in (("甲", None), ("乙", NOON + 9), ("丙", None), ("丁", NOON))]
    reading = read(tmp_path, rows)
    assert only(reading).text == ["丁", "甲", "乙", "丙"]
    assert only(reading).time.tolist() == [NOON, NOON + 9, NOON + 9, NOON + 9]
    assert reading.timeless == 2 and not reading.all_timeless


def test_a_dump_without_times_is_paced_in_the_order_of_the_file(tmp_path: Path) -> None:
    reading = read(tmp_path, [{"content": "甲"}, {"content": "乙"}])
    assert reading.all_timeless
    assert only(reading).text == ["甲", "乙"]
    assert only(reading).time.tolist() == [0, replay_dump.PACE]


def test_the_first_comment_of_an_id_stays(tmp_path: Path) -> None:
    rows = [{"id": "7", "content": "先来的", "time": NOON}, {"id": "7", "content": "后来的", "time": NOON - 60}]
    reading = read(tmp_path, rows)
    assert only(reading).text == ["先来的"]
    assert reading.repeated == 1


def test_without_ids_only_a_comment_alike_in_all_is_a_repeat(tmp_path: Path) -> None:
    rows = [{"content": "哈哈", "time": NOON}, {"content": "哈哈", "time": NOON + 1}, {"content": "哈哈", "time": NOON}]
    reading = read(tmp_path, rows)
    assert len(only(reading)) == 2
    assert reading.repeated == 1


def test_the_same_id_on_two_platforms_is_two_comments_of_two_streams(tmp_path: Path) -> None:
    rows = [{"id": "7", "content": "好", "platform": platform, "time": NOON} for platform in ("weibo", "douban")]
    assert [len(stream) for stream in read(tmp_path, rows, by="platform").streams] == [1, 1]
    assert read(tmp_path, rows).repeated == 1


@pytest.mark.parametrize(("works", "stream"), [(["年夜饭", "年夜饭"], "年夜饭"), (["年夜饭", "灯塔"], "night")])
def test_one_stream_is_named_by_its_work_or_else_by_the_file(tmp_path: Path, works: list[str], stream: str) -> None:
    rows = [{"content": "好", "title": work, "time": NOON + at} for at, work in enumerate(works)]
    assert only(read(tmp_path, rows)).stream == stream


def test_a_stream_for_each_work_comes_with_the_largest_first(tmp_path: Path) -> None:
    works = ["灯塔", "年夜饭", "年夜饭", None]
    rows = [{"content": "好", "title": work, "time": NOON + at} for at, work in enumerate(works)]
    streams = read(tmp_path, rows, by="work").streams
    assert [(stream.stream, stream.work, len(stream)) for stream in streams] == [
        ("年夜饭", "年夜饭", 2),
        ("灯塔", "灯塔", 1),
        ("unknown work", None, 1),
    ]


def test_streams_beyond_the_largest_are_left_out_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_dump, "MOST_STREAMS", 1)
    works = ["年夜饭", "灯塔", "年夜饭", "雨季"]
    reading = read(
        tmp_path, [{"content": "好", "title": work, "time": NOON + at} for at, work in enumerate(works)], "work"
    )
    assert [stream.stream for stream in reading.streams] == ["年夜饭"]
    assert (reading.left_out, reading.small_streams) == (2, 2)


def test_rows_that_are_no_comments_are_handed_over_and_counted(tmp_path: Path) -> None:
    rejected: list[RejectedRow] = []
    reading = read_streams(
        open_dump(dump(tmp_path, [{"content": "好", "time": NOON}, {"content": " "}])), on_rejected=rejected.append
    )
    assert reading.rejected == len(rejected) == 1
    assert rejected[0].number == 2


def test_a_dump_without_comments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="no comment that could be read"):
        read(tmp_path, [{"content": ""}])


def truth_of(folder: Path, values: list[Any], scale: Scale = "auto") -> list[int]:
    rows = [{"content": "好", "time": NOON + at, "label": value} for at, value in enumerate(values)]
    truth = only(read_streams(open_dump(dump(folder, rows)), truth=TruthColumn("label", scale))).truth
    assert truth is not None
    return [int(label) for label in truth]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1, 2, 3, 5, None], "auto"),
        (["1.0", "较差", "还行", "力荐", ""], "auto"),
        (["negative", "负面", "neutral", "正面", None], "auto"),
        (["0", 0, 1, "1", None], "binary"),
    ],
)
def test_truth_is_read_from_stars_and_from_labels(tmp_path: Path, values: list[Any], scale: Scale) -> None:
    expected = [IS_NEGATIVE, IS_NEGATIVE, NOT_NEGATIVE, NOT_NEGATIVE, UNKNOWN]
    assert truth_of(tmp_path, values, scale) == expected


def test_bare_zeros_and_ones_must_be_explained(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="--truth-scale binary"):
        truth_of(tmp_path, [0, 1, 1])


def test_a_column_of_truth_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = dump(tmp_path, rows_of(["好"]))
    with pytest.raises(ReplayError, match=r"no column 'star'.*content"):
        read_streams(open_dump(path), truth=TruthColumn("star", "auto"))


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=12))
def test_every_comment_is_kept_once_and_times_never_fall(
    tmp_path_factory: pytest.TempPathFactory, at: list[Any]
) -> None:
    rows = [
        {"id": str(place), "content": f"第{place}条", "time": None if time is None else NOON + time}
        for place, time in enumerate(at)
    ]
    comments = only(read(tmp_path_factory.mktemp("dumps"), rows))
    assert sorted(comments.text) == sorted(f"第{place}条" for place in range(len(at)))
    assert (comments.time[1:] >= comments.time[:-1]).all()
