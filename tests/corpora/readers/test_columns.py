"""Columns are found by their usual names, and the user's word stands above every guess."""

from dataclasses import asdict

import pytest

from corpora.readers.columns import guess_columns
from corpora.readers.options import ReadOptions


def roles(header: str, **options: str) -> dict[str, str]:
    columns = guess_columns(header.split(","), ReadOptions(**options))  # type: ignore[arg-type]
    return {role: column for role, column in asdict(columns).items() if column is not None}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "评论ID,用户昵称,评论内容,评论时间,点赞数,回复数,IP属地,性别,电影名称",
            {"id": "评论ID", "text": "评论内容", "time": "评论时间", "likes": "点赞数", "replies": "回复数",
             "region": "IP属地", "gender": "性别", "work": "电影名称"},
        ),
        (
            "ID,Movie_Name_CN,Username,Date,Star,Comment,Like",
            {"id": "ID", "work": "Movie_Name_CN", "time": "Date", "text": "Comment", "likes": "Like"},
        ),
        ("label,review", {"text": "review"}),
        ("平台,标题,正文,发布时间", {"platform": "平台", "work": "标题", "text": "正文", "time": "发布时间"}),
        ("user_id,createTime,comment_text", {"author": "user_id", "time": "createTime", "text": "comment_text"}),
        ("观众短评,评分", {"text": "观众短评"}),
        ("内容,评论数,点赞", {"text": "内容", "replies": "评论数", "likes": "点赞"}),
        ("a,b,c", {}),
    ],
)  # fmt: skip
def test_usual_headers(header: str, expected: dict[str, str]) -> None:
    assert roles(header) == expected


def test_a_named_column_stands_above_the_guess() -> None:
    assert roles("content,remark", text_column="remark")["text"] == "remark"


def test_a_named_column_may_be_written_in_another_case() -> None:
    assert roles("Remark,x", text_column="remark")["text"] == "Remark"


def test_a_column_of_counts_is_not_the_text() -> None:
    sample: list[dict[str, object]] = [{"评论": "12", "博文": "开场就很稳"}, {"评论": "1.2万", "博文": "节奏拖"}]
    assert guess_columns(["评论", "博文"], ReadOptions(), sample).text == "博文"
