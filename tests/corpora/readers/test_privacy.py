"""Names, pictures, links and raw account ids never leave the reader."""

import json
from pathlib import Path

import pytest

from corpora.readers import ReadOptions, Row, open_dump
from corpora.readers.privacy import is_dropped, is_hashed, scrub, scrub_broken_json
from corpora.values import hash_author


@pytest.mark.parametrize(
    "column",
    ["nickname", "user_nickname", "avatar", "Signature", "sign", "profile_url", "user_link", "sec_uid", "short_user_id",
     "user_unique_id", "user_avatar", "昵称", "用户名", "用户昵称", "头像",
     "手机号", "userName", "评论用户昵称", "name"],
)  # fmt: skip
def test_dropped(column: str) -> None:
    assert is_dropped(column)


@pytest.mark.parametrize("column", ["user_id", "uid", "用户ID", "reply_user_id", "reply_to_user", "author", "作者"])
def test_hashed(column: str) -> None:
    assert is_hashed(column)


@pytest.mark.parametrize(
    "column",
    ["content", "movie_name", "片名", "design", "guid", "creator_hash", "video_id", "platform", "star", "title"],
)
def test_kept(column: str) -> None:
    assert not is_dropped(column)
    assert not is_hashed(column)


def only_row(path: Path, text: str, options: ReadOptions | None = None) -> Row:
    path.write_text(text, "utf-8")
    (row,) = open_dump(path, options).rows()
    assert isinstance(row, Row)
    return row


def test_an_account_is_hashed_under_its_own_column(tmp_path: Path) -> None:
    row = only_row(tmp_path / "a.csv", "用户ID,昵称,评论\n10086,小满,好看\n")
    assert row.fields == {"用户ID": hash_author("10086"), "评论": "好看"}
    assert row.comment.author == hash_author("10086")


def test_a_hash_stays_as_it_is(tmp_path: Path) -> None:
    row = only_row(tmp_path / "a.csv", "creator_hash,评论\nba7816bf8f01cfea,好看\n")
    assert row.comment.author == row.fields["creator_hash"] == "ba7816bf8f01cfea"


def test_a_name_as_author_gives_a_hash_and_no_field(tmp_path: Path) -> None:
    row = only_row(tmp_path / "a.csv", "昵称,评论\n小满,好看\n", ReadOptions(author_column="昵称"))
    assert row.comment.author == hash_author("小满")
    assert row.fields == {"评论": "好看"}


def test_a_column_the_user_names_for_another_role_stays(tmp_path: Path) -> None:
    row = only_row(tmp_path / "a.csv", "name,评论\n雾港来信,好看\n", ReadOptions(work_column="name"))
    assert row.comment.work == row.fields["name"] == "雾港来信"


def test_nested_objects_are_cleaned_too(tmp_path: Path) -> None:
    record = {
        "text": "好看",
        "user": {"uid": 7, "nickname": "小满"},
        "replies": [{"user": {"uname": "阿九"}, "text": "是"}],
    }
    row = only_row(tmp_path / "a.jsonl", json.dumps(record, ensure_ascii=False))
    assert row.fields["user"] == {"uid": hash_author(7)}
    assert row.fields["replies"] == [{"user": {}, "text": "是"}]


def test_objects_in_lists_are_cleaned() -> None:
    assert scrub([{"user_id": 5, "avatar": "u", "text": "x"}]) == [{"user_id": hash_author(5), "text": "x"}]


@pytest.mark.parametrize(
    "broken",
    [
        '{"content": "好", "nickname": "小满',
        '{"user_id": 10086, "content": "好',
        '{"user_id":"10086","x":',
        '{"昵称" : "小满" }}',
    ],
)
def test_a_broken_line_shows_nothing_personal(broken: str) -> None:
    scrubbed = scrub_broken_json(broken)
    assert "小满" not in scrubbed
    assert "10086" not in scrubbed
