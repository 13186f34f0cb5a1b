"""MediaCrawler dumps of every platform, generation and sink are read without being told what they are."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpora.comment import Comment
from corpora.readers import ReadOptions, RejectedRow, Row, open_dump
from tests.corpora.readers import mediacrawler_fixtures as crawler
from tests.corpora.readers.mediacrawler_fixtures import Said

SAID = [
    Said(1, "港口那场戏哭了[笑哭]"),
    Said(2, "回复 @某人 :配乐太满，\n把台词盖住了", answers=1, likes=12000),
]


def read(path: Path, options: ReadOptions | None = None) -> list[Row]:
    rows = list(open_dump(path, options).rows())
    assert not [row for row in rows if isinstance(row, RejectedRow)]
    return [row for row in rows if isinstance(row, Row)]


def comments(path: Path, options: ReadOptions | None = None) -> list[Comment]:
    return [row.comment for row in read(path, options)]


@pytest.mark.parametrize(("platform", "generation", "sink"), crawler.CASES)
def test_every_field_finds_its_place(platform: str, generation: str, sink: str, tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, platform, generation, sink, SAID)
    dump = open_dump(path)
    kind = {"excel": "xlsx"}.get(sink, sink)
    assert dump.kind == f"mediacrawler/{platform} {kind}"

    first, second = comments(path)
    columns = crawler.fields_of(platform, generation)
    assert (first.text, second.text) == (SAID[0].text, SAID[1].text)
    assert first.id == crawler.comment_id(platform, 1)
    assert first.thread == crawler.post_id(platform)
    moment = datetime(2024, 7, 21, 3, 10, 1, tzinfo=UTC)
    assert first.time is not None
    assert timedelta(0) <= first.time - moment < timedelta(seconds=0.01)
    assert first.platform == {"xhs": "xiaohongshu"}.get(platform, platform)
    assert first.work == crawler.TITLE
    assert first.parent is None
    if "parent_comment_id" in columns:
        assert second.parent == crawler.comment_id(platform, 1)
    if {"like_count", "comment_like_count"} & set(columns):
        assert (first.likes, second.likes) == (3, 12000)
    assert first.replies == 2
    assert first.author == crawler.author(platform, generation)
    assert first.region == ("四川" if "ip_location" in columns else None)
    assert first.gender == ("female" if {"gender", "sex"} & set(columns) else None)


def test_fields_name_the_platform_and_the_joined_work(tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, *crawler.CASES[0], SAID)
    dump = open_dump(path)
    assert {"platform", "work"} <= set(dump.columns)
    comment, fields = read(path)[0].comment, read(path)[0].fields
    assert (fields["platform"], fields["work"]) == (comment.platform, crawler.TITLE)


@pytest.mark.parametrize(("platform", "generation", "sink"), crawler.CASES)
def test_nothing_personal_leaves_the_reader(platform: str, generation: str, sink: str, tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, platform, generation, sink, [*SAID, Said(3, "")])
    dump = open_dump(path)
    seen = str([dump.columns, *(row for row in dump.rows())])
    assert "港口那场戏" in seen
    for secret in (*crawler.SECRETS, "桥***舟"):
        assert secret not in seen


@pytest.mark.parametrize("platform", crawler.PLATFORMS)
@pytest.mark.parametrize("generation", crawler.SINKS)
def test_a_file_without_its_folder_is_told_by_its_columns(platform: str, generation: str, tmp_path: Path) -> None:
    record = crawler.record(platform, generation, SAID[0])
    path = crawler.write_csv(tmp_path / "export.csv", [record])
    expected = platform
    if platform == "xhs" and "pictures" not in record:
        pytest.skip("the oldest form has nothing of its own")
    assert open_dump(path).kind == f"mediacrawler/{expected} csv"


def test_a_whole_data_folder_is_one_dump(tmp_path: Path) -> None:
    for number, platform in enumerate(crawler.PLATFORMS):
        crawler.write_dump(tmp_path, platform, "G3", ["csv", "json", "jsonl", "excel"][number % 4], SAID)
    crawler.write_dump(tmp_path, "weibo", "G1", "sqlite", [Said(9, "数据库里的一条")])
    rows = read(tmp_path)
    assert {row.comment.platform for row in rows} == {
        *set(crawler.PLATFORMS) - {"xhs"},
        "xiaohongshu",
    }
    assert len(rows) == 2 * len(crawler.PLATFORMS) + 1


def test_a_recrawled_comment_is_given_once_in_its_newest_version(tmp_path: Path) -> None:
    said = [Said(1, "一刷", likes=1, crawled=5), Said(2, "路过"), Said(1, "一刷", likes=9, crawled=8)]
    path = crawler.write_dump(tmp_path, "weibo", "G3", "jsonl", said)
    assert [(one.text, one.likes) for one in comments(path)] == [("路过", 3), ("一刷", 9)]


def test_the_newest_version_wins_wherever_it_stands(tmp_path: Path) -> None:
    newest = [Said(1, "甲", likes=9, crawled=8)]
    crawler.write_dump(tmp_path, "weibo", "G3", "csv", newest)
    crawler.write_dump(tmp_path, "weibo", "G3", "jsonl", [Said(1, "甲", likes=1, crawled=5)])
    assert [one.likes for one in comments(tmp_path)] == [9]


def test_of_versions_of_the_same_moment_the_last_one_wins(tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, "zhihu", "G2", "jsonl", [Said(1, "旧"), Said(1, "新")])
    assert [one.text for one in comments(path)] == ["新"]


def test_an_unreadable_newer_version_does_not_take_the_older_one_away(tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, "zhihu", "G2", "jsonl", [Said(1, "在", crawled=1), Said(1, " ", crawled=2)])
    texts = [row.comment.text if isinstance(row, Row) else row.reason for row in open_dump(path).rows()]
    assert texts == ["在", "the text in column 'content' is empty"]


def test_equal_ids_of_two_platforms_are_two_comments(tmp_path: Path) -> None:
    crawler.write_dump(tmp_path, "weibo", "G3", "jsonl", [Said(1, "微博的")])
    crawler.write_dump(tmp_path, "zhihu", "G3", "jsonl", [Said(1, "知乎的")])
    assert sorted(one.text for one in comments(tmp_path)) == ["微博的", "知乎的"]


@pytest.mark.parametrize("platform", crawler.PLATFORMS)
def test_rows_written_after_an_upgrade_of_the_crawler_are_read(platform: str, tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, platform, "G2", "csv", SAID[:1])
    newer = crawler.write_csv(tmp_path / "newer.csv", [crawler.record(platform, "G3", SAID[1])])
    rows_below = newer.read_text("utf-8-sig").split("\n", 1)[1]
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(rows_below)
    dump = open_dump(path)
    rows = [row for row in dump.rows() if isinstance(row, Row)]
    assert [row.comment.text for row in rows] == [SAID[0].text, SAID[1].text]
    assert {row.comment.author for row in rows} == {crawler.author(platform, "G3")}
    assert set(dump.columns) >= set(rows[0].fields) | set(rows[1].fields)


def test_a_named_work_stands_over_the_titles(tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, "weibo", "G3", "jsonl", SAID)
    assert {one.work for one in comments(path, ReadOptions(work="雾港来信"))} == {"雾港来信"}


def test_the_keyword_of_the_search_can_name_the_work(tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, "bilibili", "G2", "csv", SAID)
    assert {one.work for one in comments(path, ReadOptions(work_from="keyword"))} == {"雾港来信"}


def test_a_post_without_a_title_gives_its_keyword(tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, "douyin", "G3", "jsonl", SAID)
    post = {**crawler.post("douyin"), "title": "", "desc": ""}
    crawler.write_jsonl(path.with_name("search_contents_2026-01-01.jsonl"), [post])
    assert {one.work for one in comments(path)} == {"雾港来信"}


def test_unknown_fields_of_forks_are_kept(tmp_path: Path) -> None:
    record = {**crawler.record("weibo", "G3", SAID[0]), "run_id": "r-7"}
    path = crawler.write_jsonl(tmp_path / "weibo" / "jsonl" / "detail_comments_r7.jsonl", [record])
    assert read(path)[0].fields["run_id"] == "r-7"


def test_a_database_with_two_platforms_gives_both(tmp_path: Path) -> None:
    import sqlite3

    path = crawler.write_dump(tmp_path, "weibo", "G1", "sqlite", SAID)
    other = crawler.write_dump(tmp_path / "other", "tieba", "G1", "sqlite", SAID)
    connection = sqlite3.connect(path)
    connection.execute("ATTACH ? AS other", [str(other)])
    connection.execute("DROP TABLE tieba_comment")
    connection.execute("CREATE TABLE tieba_comment AS SELECT * FROM other.tieba_comment")
    connection.commit()
    connection.close()
    assert [one.platform for one in comments(path)] == ["weibo", "weibo", "tieba", "tieba"]
    assert open_dump(path).total_rows == 4


def test_a_compressed_dump_is_the_same_dump(tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, "douyin", "G2", "csv", SAID)
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert comments(packed) == comments(path)


def test_a_half_written_array_gives_what_is_complete(tmp_path: Path) -> None:
    path = crawler.write_dump(tmp_path, "weibo", "G1", "json", SAID)
    path.write_text(path.read_text("utf-8")[:-40], "utf-8")
    first, rest = open_dump(path).rows()
    assert isinstance(first, Row)
    assert isinstance(rest, RejectedRow)
    assert "past its item 1" in rest.reason


def test_ids_stay_exact_in_the_fields(tmp_path: Path) -> None:
    record = {**crawler.record("douyin", "G2", SAID[0]), "comment_id": 7_393_712_345_678_901_237}
    path = crawler.write_jsonl(tmp_path / "comments.jsonl", [record])
    (row,) = read(path)
    assert row.fields["comment_id"] == 7_393_712_345_678_901_237
    assert row.comment.id == "7393712345678901237"
    assert json.dumps(row.fields["comment_id"]) == "7393712345678901237"


def test_the_order_is_the_same_at_each_reading(tmp_path: Path) -> None:
    for platform in crawler.PLATFORMS:
        crawler.write_dump(tmp_path, platform, "G2", "jsonl", [*SAID, SAID[0]])
    dump = open_dump(tmp_path)
    assert list(dump.rows()) == list(dump.rows()) == list(open_dump(tmp_path).rows())
    assert dump.bytes_read == dump.total_bytes
