"""The comments of a request for a stream: read in one loop, the faulty ones told apart from the good."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from corpora.values import hash_author, read_count, read_gender, read_platform, read_time
from service.api.comments import LISTED, SHOWN, Id, fault, told
from service.store.comments import LONGEST_ID, LONGEST_PLATFORM, NewComment
from service.streams.ids import content_id

ZONE = ZoneInfo("Asia/Shanghai")
"""Where a time stands that names no zone."""

AHEAD = 600.0
"""Seconds a time may lie in the future: every later comment is late behind one whose clock runs ahead further."""

LONGEST_NAME = 500
"""Most characters of a thread's or author's name."""

MOST_LIKES = 10**12

_EARLIEST = 631_152_000.0  # 1990: nothing was written below films on the net before
_HASH = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{16}")  # with a letter, as 16 digits are an account's number


@dataclass(slots=True)
class Intake:
    """The good comments of a request in its order, and the faults of the others as in `service.api.comments`."""

    comments: list[NewComment] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def listed(self) -> list[dict[str, Any]]:
        """As many of the faults as a reply lists."""
        return self.faults[:LISTED]


class _Faulty(Exception):
    """A member of a comment that cannot be used; `message` says what can."""

    def __init__(self, member: str, message: str) -> None:
        self.member = member
        self.message = message


def read_comments(rows: Iterable[Any], now: float) -> Intake:
    """The comments among the rows of a request that arrived at `now` (seconds since 1970).

    >>> intake = read_comments([{"text": "好看", "time": "2025-01-29 20:15", "likes": "1.2万"}, {"text": None}], 1.8e9)
    >>> intake.comments[0].time, intake.comments[0].likes, intake.faults[0]["field"]
    (1738152900.0, 12000, 'text')
    """
    intake = Intake()
    add, latest = intake.comments.append, now + AHEAD
    for index, row in enumerate(rows):
        if type(row) is dict:
            get = row.get
            text, name = get("text"), get("id")
            if type(text) is str and (name is None or type(name) is str or type(name) is int):
                try:
                    moment, account = get("time"), get("author")
                    time = None if moment is None else _time(moment, latest)
                    author = None if account is None else hashed(account)
                    thread = None if (value := get("thread")) is None else _thread(value)
                    add(
                        NewComment(
                            _id(name) if name is not None else content_id(text, time, author, thread),
                            now if time is None else time,
                            text,
                            author,
                            thread,
                            None if (value := get("platform")) is None else _platform(value),
                            None if (value := get("gender")) is None else read_gender(value),
                            0 if (value := get("likes")) is None else _likes(value),
                        )
                    )
                except _Faulty as faulty:
                    intake.faults.append(told(index, name, faulty.member, row[faulty.member], faulty.message))
                continue
        intake.faults.append(fault(index, row))
    return intake


def hashed(account: object) -> str | None:
    """The hash of an author's account as readers of files make it; what is such a hash already stays as it is.

    >>> hashed(12345) == hashed("12345") == hashed(hashed(12345))
    True
    """
    if type(account) is str and _HASH.fullmatch(account):
        return account
    if isinstance(account, bool | float | list | dict):
        raise _Faulty("author", "author must be a string or a whole number below 2^64; send the account's id, or none.")
    return hash_author(account)


def _id(name: Id) -> str:
    text = str(name)
    if not 1 <= len(text) <= LONGEST_ID:
        raise _Faulty("id", f"id must have 1 to {LONGEST_ID} characters, not {len(text)}; shorten it or leave it out.")
    return text


def _time(value: object, latest: float) -> float:
    moment = read_time(value, ZONE)
    if moment is None:
        raise _Faulty(
            "time",
            "time must be ISO 8601, such as 2025-01-29T20:15:00+08:00, or seconds or milliseconds since 1970; "
            "correct it or leave it out.",
        )
    time = moment.timestamp()
    if time > latest:
        raise _Faulty(
            "time",
            f"time is {str(value)[:SHOWN]!r}, more than {AHEAD / 60:.0f} minutes in the future, so that all after it "
            "would be late; set the clock that told it, name its zone, or leave it out.",
        )
    if time < _EARLIEST:
        raise _Faulty("time", "time lies before 1990; correct it or leave it out.")
    return time


def _thread(value: object) -> str | None:
    name = value if type(value) is str else str(value) if type(value) is int else None
    if name is None or len(name) > LONGEST_NAME:
        raise _Faulty(
            "thread",
            f"thread must be a string of at most {LONGEST_NAME} characters, or a number; send the id of the post.",
        )
    return name.strip() or None


def _platform(value: object) -> str | None:
    name = read_platform(value)
    if not isinstance(value, str) or len(value) > LONGEST_PLATFORM:
        raise _Faulty(
            "platform",
            f"platform must be a string of at most {LONGEST_PLATFORM} characters, such as weibo; shorten it.",
        )
    return name


def _likes(value: object) -> int:
    likes = read_count(value)
    if likes is None or not 0 <= likes <= MOST_LIKES:
        raise _Faulty(
            "likes", "likes must be a number from 0 to 10^12, such as 12 or 1.2万; correct it or leave it out."
        )
    return likes
