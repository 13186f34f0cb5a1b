"""Recognise MediaCrawler's comment dumps: seven platforms, in every generation of the format.

A table is one of its dumps when it has the crawler's comment columns; the platform is told by the database table, the
folder (`data/weibo/jsonl/…`) or the file's name (`weibo_search_….xlsx`), else by the columns only that platform has.
"""

import re
from collections.abc import Collection

from corpora.readers.database import CRAWLED
from corpora.readers.delimited import DelimitedTable
from corpora.readers.tables import Table

CONTENT_IDS = {
    "xhs": "note_id",
    "douyin": "aweme_id",
    "kuaishou": "video_id",
    "bilibili": "video_id",
    "weibo": "note_id",
    "tieba": "note_id",
    "zhihu": "content_id",
}
"""The column with the id of the post, by platform."""

_FOLDERS = {name: name for name in CONTENT_IDS} | {"bili": "bilibili", "dy": "douyin", "ks": "kuaishou", "wb": "weibo"}
_FILE_PREFIX = re.compile(r"([a-z]+)_(?:search|detail|creator|comments)")

# Comment columns in the order of the csv files, newest generation first. A file that was begun before an upgrade of
# the crawler and continued after it holds rows of two of these.
_LAYOUTS = {
    "xhs": (
        "comment_id create_time note_id content creator_hash nickname sub_comment_count pictures parent_comment_id "
        "last_modify_ts like_count",
        "comment_id create_time ip_location note_id content user_id nickname avatar sub_comment_count pictures "
        "parent_comment_id last_modify_ts like_count",
        "comment_id create_time ip_location note_id content user_id nickname avatar sub_comment_count pictures "
        "parent_comment_id last_modify_ts",
    ),
    "douyin": (
        "comment_id create_time aweme_id content creator_hash nickname sub_comment_count like_count last_modify_ts "
        "parent_comment_id pictures",
        "comment_id create_time ip_location aweme_id content user_id sec_uid short_user_id user_unique_id "
        "user_signature nickname avatar sub_comment_count like_count last_modify_ts parent_comment_id pictures",
        "comment_id create_time ip_location aweme_id content user_id sec_uid short_user_id user_unique_id "
        "user_signature nickname avatar sub_comment_count like_count last_modify_ts parent_comment_id",
    ),
    "kuaishou": (
        "comment_id create_time video_id content creator_hash nickname sub_comment_count last_modify_ts",
        "comment_id create_time video_id content user_id nickname avatar sub_comment_count last_modify_ts",
    ),
    "bilibili": (
        "comment_id parent_comment_id create_time video_id content creator_hash nickname sub_comment_count "
        "like_count last_modify_ts",
        "comment_id parent_comment_id create_time video_id content user_id nickname sex sign avatar "
        "sub_comment_count like_count last_modify_ts",
        "comment_id parent_comment_id create_time video_id content user_id nickname sex sign avatar "
        "sub_comment_count last_modify_ts",
    ),
    "weibo": (
        "comment_id create_time create_date_time note_id content sub_comment_count comment_like_count "
        "last_modify_ts parent_comment_id creator_hash nickname",
        "comment_id create_time create_date_time note_id content sub_comment_count comment_like_count "
        "last_modify_ts ip_location parent_comment_id user_id nickname gender profile_url avatar",
    ),
    "tieba": (
        "comment_id parent_comment_id content creator_hash user_nickname publish_time sub_comment_count note_id "
        "note_url tieba_id tieba_name tieba_link last_modify_ts",
        "comment_id parent_comment_id content user_link user_nickname user_avatar publish_time ip_location "
        "sub_comment_count note_id note_url tieba_id tieba_name tieba_link last_modify_ts",
    ),
    "zhihu": (
        "comment_id parent_comment_id content publish_time sub_comment_count like_count dislike_count content_id "
        "content_type creator_hash user_nickname last_modify_ts",
        "comment_id parent_comment_id content publish_time ip_location sub_comment_count like_count dislike_count "
        "content_id content_type user_id user_link user_nickname user_avatar last_modify_ts",
    ),
}


def recognise(table: Table) -> str | None:
    """The platform of a MediaCrawler comment table, None for any other table.

    A csv file so recognised is told of the other generations' columns, for rows that do not match its header.
    """
    platform = _platform(table)
    if platform is not None and isinstance(table, DelimitedTable):
        table.parser.accept([layout.split() for layout in _LAYOUTS[platform]])
    return platform


def _platform(table: Table) -> str | None:
    columns = set(table.columns)
    content_ids = columns & set(CONTENT_IDS.values())
    if not {"comment_id", "content", "last_modify_ts"} <= columns or not content_ids:
        return None
    for hint in _hints(table):
        if CONTENT_IDS.get(hint) in content_ids:
            return hint
    return _platform_by_columns(columns)


def _hints(table: Table) -> list[str]:
    names = [CRAWLED.get(table.name or "", "")]
    prefix = _FILE_PREFIX.match(table.file.name)
    names.append(prefix[1] if prefix else "")
    names += [folder.name.lower() for folder in list(table.file.path.absolute().parents)[:3]]
    return [_FOLDERS[name] for name in names if name in _FOLDERS]


def _platform_by_columns(columns: Collection[str]) -> str:
    if "aweme_id" in columns:
        return "douyin"
    if "comment_like_count" in columns or "create_date_time" in columns:
        return "weibo"
    if "tieba_name" in columns:
        return "tieba"
    if "content_id" in columns:
        return "zhihu"
    if "note_id" in columns:
        return "xhs"
    return "bilibili" if "parent_comment_id" in columns else "kuaishou"
