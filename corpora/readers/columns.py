"""Which column plays which role: guessed from the usual Chinese and English names, or named by the user."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from corpora.readers.options import ReadOptions
from corpora.values import read_count

# Per role the names in order of preference, as `plain_name` writes them.
_NAMES = {
    "text": """评论内容 评论文本 评论正文 短评内容 影评内容 弹幕内容 弹幕文本 回复内容 留言内容 评价内容
        commenttext commentcontent reviewtext reviewcontent 内容 正文 文本 短评 影评 弹幕 评论 留言 评价
        评语 content text comment review body message danmaku danmu comments fulltext 微博正文 微博内容 博文
        sentence texta""",
    "id": "评论id 弹幕id commentid cmtid rpid reviewid cid danmakuid dmid mid idstr id 编号",
    "time": """评论时间 发布时间 发表时间 评论日期 发布日期 发表日期 发送时间 创建时间 时间 日期 commenttime
        reviewtime createtime createdat publishtime pubtime posttime createdatetime createdtime ctime time
        datetime date timestamp starttime commentdate reviewdate publishdate pubdate""",
    "work": """影片 片名 影片名 影片名称 电影 电影名 电影名称 剧名 剧集 电视剧 短剧 作品 作品名 作品名称
        节目 节目名 work worktitle workname movie moviename movietitle movienamecn film filmname filmtitle
        show series 视频标题 videotitle 标题 title""",
    "thread": """thread threadid noteid awemeid videoid contentid postid topicid 帖子id 视频id 微博id 笔记id
        作品id 主题id bvid bv aid oid chatid""",
    "parent": "parent parentid parentcommentid replytoid replyto 父评论id 上级评论id 父id root rootid",
    "platform": "platform 平台 来源平台 site 网站",
    "author": """creatorhash authorhash userhash userid uid 用户id authorid 作者id 评论者id author user
        sender 用户 作者 评论者 评论人 userlink""",
    "likes": """点赞数 点赞量 点赞 获赞数 获赞 赞数 赞 有用数 有用 支持数 likecount commentlikecount likes
        like likenum diggcount votes vote votecount upvotes upcount approve""",
    "replies": "回复数 回复量 子评论数 评论数 回复 subcommentcount replycount replies replynum rcount reply",
    "region": "iplocation ip属地 ip归属地 属地 地区 省份 城市 所在地 region location province city cityname",
    "gender": "gender 性别 sex",
}
_ROLES = {role: tuple(names.split()) for role, names in _NAMES.items()}
_TEXT_ENDINGS = tuple("内容 评论 短评 影评 弹幕 正文 文本 text content comment review".split())  # noqa: SIM905
USUAL_NAMES = frozenset(name for names in _ROLES.values() for name in names)
"""Every name that is known for some role, as `plain_name` writes it."""
_OTHER_NAMES = frozenset(name for role, names in _ROLES.items() if role != "text" for name in names)


@dataclass(frozen=True, slots=True)
class Columns:
    """The column that plays each role, as the file names it; None where no column does."""

    text: str | None = None
    id: str | None = None
    time: str | None = None
    work: str | None = None
    thread: str | None = None
    parent: str | None = None
    platform: str | None = None
    author: str | None = None
    likes: str | None = None
    replies: str | None = None
    region: str | None = None
    gender: str | None = None


def guess_columns(
    columns: Sequence[str], options: ReadOptions, sample: Sequence[dict[str, object]] = (), text: str | None = None
) -> Columns:
    """The columns for each role; the user's choice in `options` stands above every guess.

    `sample` is a handful of records: a column of bare numbers is not taken for the text while another name would do.
    `text` is a choice already made, kept if it is among `columns`.

    >>> guess_columns(["ID", "Star", "Comment", "Date"], ReadOptions()).text
    'Comment'
    """
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(plain_name(column), column)
    chosen: dict[str, str | None] = {}
    for role in ROLES:
        override = getattr(options, f"{role}_column")
        if override is not None:
            chosen[role] = override if override in columns else by_name.get(plain_name(override))
        elif role == "text":
            chosen[role] = text if text in columns else _guess_text(by_name, sample)
        else:
            chosen[role] = next((by_name[name] for name in _ROLES[role] if name in by_name), None)
    return Columns(**chosen)


def plain_name(column: str) -> str:
    """A column's name without case, width, spaces and marks, so that `Like_Count` and `likeCount` are one.

    >>> plain_name("Like_Count"), plain_name("用户ＩＤ")
    ('likecount', '用户id')
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", column)).lower()


def missing_overrides(columns: Iterable[str], options: ReadOptions) -> dict[str, str]:
    """The user's column choices that are not among `columns`, by role."""
    seen = {plain_name(column) for column in columns}
    named = {role: getattr(options, f"{role}_column") for role in ROLES}
    return {role: column for role, column in named.items() if column is not None and plain_name(column) not in seen}


def _guess_text(by_name: dict[str, str], sample: Sequence[dict[str, object]]) -> str | None:
    candidates = [by_name[name] for name in _ROLES["text"] if name in by_name]
    candidates += [
        column for name, column in by_name.items() if name.endswith(_TEXT_ENDINGS) and name not in _OTHER_NAMES
    ]
    worded = (column for column in candidates if any(_is_worded(record.get(column)) for record in sample))
    return next(worded, candidates[0] if candidates else None)


def _is_worded(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and read_count(value) is None


ROLES = tuple(field.name for field in fields(Columns))
