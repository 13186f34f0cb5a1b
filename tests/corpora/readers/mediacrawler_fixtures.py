"""Small MediaCrawler dumps of every platform, generation and sink, written from the record schemas."""

import csv
import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PLATFORMS = ("xhs", "douyin", "kuaishou", "bilibili", "weibo", "tieba", "zhihu")
SINKS = {"G0": ("csv", "json", "sqlite"), "G1": ("csv", "json", "sqlite", "excel")}
SINKS |= {"G2": (*SINKS["G1"], "jsonl"), "G3": (*SINKS["G1"], "jsonl")}
CASES = [(platform, generation, sink) for platform in PLATFORMS for generation in SINKS for sink in SINKS[generation]]

MINUTE = 1_721_531_400  # 2024-07-21 03:10:00 UTC
SECRETS = ("桥下小舟", "https://img.example/a.png", "https://u.example/9001", "爱看海的人", "MS4wSEC", "9001001")
ACCOUNT = "9001001"
LINK = "https://u.example/9001"
TITLE = "雾港来信：第一集看完"

_PERSONAL = (
    "user_id sec_uid short_user_id user_unique_id user_signature avatar ip_location gender sex sign profile_url "
    "user_link user_avatar"
)
_FIELDS = {
    "xhs": "comment_id create_time ip_location note_id content user_id creator_hash nickname avatar sub_comment_count "
    "pictures parent_comment_id last_modify_ts like_count",
    "douyin": "comment_id create_time ip_location aweme_id content user_id creator_hash sec_uid short_user_id "
    "user_unique_id user_signature nickname avatar sub_comment_count like_count last_modify_ts parent_comment_id "
    "pictures",
    "kuaishou": "comment_id create_time video_id content user_id creator_hash nickname avatar sub_comment_count "
    "last_modify_ts",
    "bilibili": "comment_id parent_comment_id create_time video_id content user_id creator_hash nickname sex sign "
    "avatar sub_comment_count like_count last_modify_ts",
    "weibo": "comment_id create_time create_date_time note_id content sub_comment_count comment_like_count "
    "last_modify_ts ip_location parent_comment_id user_id creator_hash nickname gender profile_url avatar",
    "tieba": "comment_id parent_comment_id content creator_hash user_link user_nickname user_avatar publish_time "
    "ip_location sub_comment_count note_id note_url tieba_id tieba_name tieba_link last_modify_ts",
    "zhihu": "comment_id parent_comment_id content publish_time ip_location sub_comment_count like_count "
    "dislike_count content_id content_type creator_hash user_id user_link user_nickname user_avatar last_modify_ts",
}
_POST_ID = {"xhs": "note_id", "douyin": "aweme_id", "kuaishou": "video_id", "bilibili": "video_id"}
_POST_ID |= {"weibo": "note_id", "tieba": "note_id", "zhihu": "content_id"}
_TABLES = {
    "xhs": ("xhs_note_comment", "xhs_note"),
    "douyin": ("douyin_aweme_comment", "douyin_aweme"),
    "kuaishou": ("kuaishou_video_comment", "kuaishou_video"),
    "bilibili": ("bilibili_video_comment", "bilibili_video"),
    "weibo": ("weibo_note_comment", "weibo_note"),
    "tieba": ("tieba_comment", "tieba_note"),
    "zhihu": ("zhihu_comment", "zhihu_content"),
}
Record = dict[str, object]


@dataclass(frozen=True)
class Said:
    """One comment to be written: `number` makes its ids, `crawled` the time of the crawl."""

    number: int
    text: str
    answers: int | None = None
    likes: int = 3
    crawled: int = 1


def comment_id(platform: str, number: int) -> str:
    """An id in the platform's form; digits beyond 2^53 where the platform has them."""
    return f"66aa00bb11cc22dd33ee{number:04x}" if platform == "xhs" else str(7_393_712_345_678_901_000 + number)


def post_id(platform: str) -> str:
    """The id of the one post of a dump."""
    return "66ff00ff00ff00ff00ff0001" if platform == "xhs" else "7393700000000000123"


def author(platform: str, generation: str) -> str:
    """The hash a reader gives for the one account of a dump."""
    raw = LINK if platform == "tieba" else ACCOUNT
    return hashlib.sha256(raw.encode()).hexdigest()[:16]


def fields_of(platform: str, generation: str) -> list[str]:
    """The comment columns in file order."""
    if generation == "G3":
        return [name for name in _FIELDS[platform].split() if name not in _PERSONAL.split()]
    names = [name for name in _FIELDS[platform].split() if name != "creator_hash"]
    if generation == "G0":
        late = {"xhs": "like_count", "bilibili": "like_count", "douyin": "pictures"}
        names = [name for name in names if name != late.get(platform)]
    return names


def record(platform: str, generation: str, said: Said) -> Record:
    """A comment as the crawler's dictionary."""
    moment = MINUTE + said.number
    root: object = {"douyin": "0", "bilibili": "0", "zhihu": None}.get(platform, "")
    if platform == "xhs" and generation != "G3":
        root = 0
    if platform == "weibo" and said.answers is None:
        root = comment_id(platform, said.number)
    written: object = moment * 1000 + 7 if platform in ("xhs", "kuaishou") else moment
    everything: Record = {
        "comment_id": comment_id(platform, said.number),
        "create_time": written,
        "create_date_time": "2024-07-21 11:10:01+08:00",
        "publish_time": f"2024-07-21 11:10:{said.number:02}" if platform == "tieba" else moment,
        "ip_location": "四川",
        _POST_ID[platform]: post_id(platform),
        "content": said.text,
        "creator_hash": author(platform, generation),
        "user_id": ACCOUNT,
        "sec_uid": "MS4wSEC",
        "short_user_id": ACCOUNT,
        "user_unique_id": ACCOUNT,
        "user_signature": "爱看海的人",
        "sign": "爱看海的人",
        "nickname": "桥***舟" if generation == "G3" else "桥下小舟",
        "user_nickname": "桥***舟" if generation == "G3" else "桥下小舟",
        "avatar": "https://img.example/a.png",
        "user_avatar": "https://img.example/a.png",
        "profile_url": LINK,
        "user_link": LINK,
        "gender": "f",
        "sex": "女",
        "sub_comment_count": 2 if platform in ("tieba", "zhihu") else "2",
        "pictures": "",
        "parent_comment_id": root if said.answers is None else comment_id(platform, said.answers),
        "last_modify_ts": MINUTE * 1000 + said.crawled,
        "like_count": said.likes if platform in ("douyin", "bilibili", "zhihu") else str(said.likes),
        "comment_like_count": str(said.likes),
        "dislike_count": 0,
        "content_type": "answer",
        "note_url": "https://forum.example/p/1",
        "tieba_id": "77",
        "tieba_name": "雾港来信",
        "tieba_link": "https://forum.example/f/77",
    }
    return {name: everything[name] for name in fields_of(platform, generation)}


def post(platform: str) -> Record:
    """The post the comments stand under."""
    title: Record = {"content": TITLE} if platform == "weibo" else {"title": TITLE, "desc": "海边的故事"}
    return {_POST_ID[platform]: post_id(platform), **title, "nickname": "桥下小舟", "source_keyword": "雾港来信"}


def write_dump(folder: Path, platform: str, generation: str, sink: str, said: Sequence[Said]) -> Path:
    """Write comments and their post as a sink of the crawler does; gives the path of the comments."""
    comments = [record(platform, generation, one) for one in said]
    place = "bili" if platform == "bilibili" else platform
    if sink == "sqlite":
        return _write_sqlite(folder / "database" / "sqlite_tables.db", platform, comments)
    if sink == "excel":
        return _write_workbook(
            folder / "data" / platform / f"{platform}_search_20260101_120000.xlsx", platform, comments
        )
    directory = folder / "data" / place / ("" if (generation, sink) == ("G0", "csv") else sink)
    prefix = "1_" if (generation, sink) == ("G0", "csv") else ""
    posts = "videos" if (platform, sink) == ("bilibili", "csv") else "contents"
    write = {"csv": write_csv, "json": write_json, "jsonl": write_jsonl}[sink]
    write(directory / f"{prefix}search_{posts}_2026-01-01.{sink}", [post(platform)])
    return write(directory / f"{prefix}search_comments_2026-01-01.{sink}", comments)


def write_csv(path: Path, records: Sequence[Mapping[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    return path


def write_json(path: Path, records: Sequence[Mapping[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(records, ensure_ascii=False, indent=4), encoding="utf-8")
    return path


def write_jsonl(path: Path, records: Sequence[Mapping[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    return path


def _write_workbook(path: Path, platform: str, comments: Sequence[Record]) -> Path:
    from openpyxl import Workbook

    path.parent.mkdir(parents=True, exist_ok=True)
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, records in (("Contents", [post(platform)]), ("Comments", comments)):
        sheet = workbook.create_sheet(name)
        sheet.append(list(records[0]))
        for one in records:
            sheet.append(["" if value is None else value for value in one.values()])
    workbook.save(path)
    workbook.close()
    return path


def _write_sqlite(path: Path, platform: str, comments: Sequence[Record]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    upserted = {one["comment_id"]: one for one in comments}  # this sink keeps one version of a comment
    for name, records in zip(_TABLES[platform], (list(upserted.values()), [post(platform)]), strict=True):
        columns = ", ".join(f'"{column}" {"BIGINT" if _is_number(column) else "TEXT"}' for column in records[0])
        connection.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, {columns}, add_ts BIGINT)")
        marks = ", ".join("?" * (len(records[0]) + 1))
        columns = ", ".join(f'"{column}"' for column in records[0])
        for one in records:
            connection.execute(f"INSERT INTO {name} ({columns}, add_ts) VALUES ({marks})", [*one.values(), 1])
    for other, _ in _TABLES.values():
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {other} (id INTEGER PRIMARY KEY, comment_id TEXT, content TEXT)"
        )
    connection.commit()
    connection.close()
    return path


def _is_number(column: str) -> bool:
    return column in ("create_time", "last_modify_ts")
