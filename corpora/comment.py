"""The one canonical record of this project: a comment, as every reader gives it and every consumer takes it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment of an audience member; everything but the text may be unknown (None).

    `time` is aware and in UTC. Ids are strings, exactly as the platform wrote them. `work` is the film or series the
    comment stands under, `thread` the post or video, `parent` the comment it answers. `author` is a hash, never a name
    or a raw account number. `gender` is `"male"` or `"female"` as declared, `region` a place name as declared.

    >>> Comment("好看").likes is None
    True
    """

    text: str
    id: str | None = None
    time: datetime | None = None
    work: str | None = None
    thread: str | None = None
    parent: str | None = None
    platform: str | None = None
    author: str | None = None
    likes: int | None = None
    replies: int | None = None
    region: str | None = None
    gender: str | None = None
