"""What in a record is personal: names, pictures and links are dropped, account ids are hashed, at once."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from corpora.readers.columns import plain_name
from corpora.values import hash_author

_DROPPED_NAMES = """nickname nick username screenname authorname realname fullname name sname uname avatar
    signature sign usersignature profile profileurl userlink userurl userprofile homepage secuid shortuserid
    useruniqueid uniqueid useravatar face 昵称 用户名 用户名称 用户昵称 姓名 真实姓名 网名 账号 帐号 头像
    用户头像 头像链接 签名 个性签名 个人简介 个人主页 用户主页 主页 主页链接 用户链接 博主 up主 评论者昵称
    作者昵称 发布者 发布人 membername ip ip地址 ipaddress"""
_DROPPED = frozenset(_DROPPED_NAMES.split())
_DROPPED_PARTS = re.compile(
    r"nickname|昵称|username|screenname|avatar|头像|headimg|headurl|headpic|portrait|usericon|profileimage|个性签名|用户名|profileurl|homepage|个人主页|secuid"
    r"|phone|手机|email|邮箱|微信号|身份证|qq号"
)
_HASHED = frozenset(("user", "author", "sender", "用户", "作者", "评论者", "评论人", "openid", "unionid"))
_HASHED_ENDING = re.compile(
    r"(?:user|author|member|account)id$|(?<!g)(?<!u)uid$|user$|用户$|(?:用户|作者|评论者|会员|账号)id$"
)
_BROKEN_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]"]+)')


def is_dropped(column: str) -> bool:
    """Whether a column holds a name, a picture, a link or another thing that shows who wrote.

    >>> is_dropped("user_nickname"), is_dropped("用户昵称"), is_dropped("movie")
    (True, True, False)
    """
    name = plain_name(column)
    return name in _DROPPED or _DROPPED_PARTS.search(name) is not None


def is_hashed(column: str) -> bool:
    """Whether a column holds an account id, to be replaced by `hash_author` of it.

    >>> is_hashed("user_id"), is_hashed("用户ID"), is_hashed("creator_hash")
    (True, True, False)
    """
    name = plain_name(column)
    return name in _HASHED or _HASHED_ENDING.search(name) is not None


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Takes the personal fields out: those `dropped`, and the account ids `hashed`."""

    dropped: Sequence[str]
    hashed: Sequence[str]

    def clean(self, record: dict[str, object]) -> None:
        """Clean a record in place."""
        for column in self.dropped:
            del record[column]
        for column in self.hashed:
            if not isinstance(value := record[column], dict | list):  # those are for `scrub`
                record[column] = hash_author(value)

    def cleaned(self, columns: Mapping[str, Sequence[str]]) -> dict[str, Sequence[object]]:
        """The columns of many records, cleaned."""
        kept: dict[str, Sequence[object]] = {name: columns[name] for name in columns if name not in self.dropped}
        return kept | {name: list(map(hash_author, columns[name])) for name in self.hashed}


def cleaner(columns: Sequence[str], kept: Collection[str | None], author: str | None) -> Cleaner | None:
    """What takes the personal fields out of records with these columns; None if there are none.

    `kept` are columns the user asked for by name, which stay; `author` is the column of the writer: hashed, unless
    its name says that it is a hash already, and dropped where it is a name or a link.
    """
    names = {plain_name(column) for column in columns}
    hashed = [column for column in columns if is_hashed(column) and column not in kept]
    if "rpid" in names:  # a raw bilibili reply, where mid is the account
        hashed += [column for column in columns if plain_name(column) == "mid" and column not in kept]
    if author is not None and not is_dropped(author) and not plain_name(author).endswith("hash"):
        hashed = [*hashed, author] if author not in hashed else hashed
    dropped = [column for column in columns if is_dropped(column) and column not in kept and column not in hashed]
    return Cleaner(dropped, hashed) if dropped or hashed else None


def scrub(value: object) -> object:
    """A nested value without the personal fields of the objects in it."""
    if isinstance(value, list):
        return [scrub(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: hash_author(item) if is_hashed(key) and not isinstance(item, dict | list) else scrub(item)
        for key, item in value.items()
        if not is_dropped(key)
    }


def scrub_broken_json(text: str) -> str:
    """A piece of JSON that could not be parsed, without the personal values that can be seen in it.

    >>> scrub_broken_json('{"nickname": "小明", "content": "好')
    '{"nickname": null, "content": "好'
    """

    def replace(pair: re.Match[str]) -> str:
        personal = is_dropped(pair[1]) or is_hashed(pair[1])
        return f'"{pair[1]}"{pair[2]}null' if personal else pair[0]

    return _BROKEN_PAIR.sub(replace, text)
