"""What a user may say about a dump, over what the readers find out by themselves."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Overrides for reading a dump; None lets the reader guess.

    The `*_column` options name the column that plays a role. `platform` names the platform where no column says it;
    `work` names the film or series for every comment, over whatever the file says. `timezone` is an IANA name, for
    times written without a zone. `encoding` is a Python codec name for text files. `sheet` picks a sheet of a
    workbook, `table` a table of a database. `work_from` says which of a crawled post's fields names the work of the
    comments under it, the other standing in where it is empty.
    """

    text_column: str | None = None
    id_column: str | None = None
    time_column: str | None = None
    work_column: str | None = None
    thread_column: str | None = None
    parent_column: str | None = None
    platform_column: str | None = None
    author_column: str | None = None
    likes_column: str | None = None
    replies_column: str | None = None
    region_column: str | None = None
    gender_column: str | None = None
    platform: str | None = None
    work: str | None = None
    timezone: str = "Asia/Shanghai"
    encoding: str | None = None
    sheet: str | None = None
    table: str | None = None
    work_from: Literal["title", "keyword"] = "title"
