"""Turn one record into a `Comment` and clean its fields; worked out once for records with the same columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from corpora.comment import Comment
from corpora.readers.columns import ROLES, Columns, plain_name
from corpora.readers.options import ReadOptions
from corpora.readers.privacy import cleaner, scrub
from corpora.values import (
    hash_author,
    read_count,
    read_gender,
    read_id,
    read_name,
    read_platform,
    read_time,
    whole_number,
)

_NESTED = frozenset((dict, list))
Read = Callable[[object], str | None]


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a table beyond its columns."""

    options: ReadOptions
    zone: ZoneInfo
    platform: str | None = None
    works: Mapping[str | None, str] = field(default_factory=dict)
    nested: bool = False
    typed: bool = False
    numbers_are_text: bool = False


class Fields(NamedTuple):
    """What a labelling must know of records, one list a field; a text is None where the record is no comment."""

    texts: list[str | None]
    works: list[str | None]
    platforms: list[str | None]
    genders: list[str | None]


class RecordReader:
    """Reads records that have exactly the columns `names`, of which `columns` play the roles."""

    def __init__(self, names: Sequence[str], columns: Columns, context: Context) -> None:
        self.columns = columns
        self._context = context
        options = context.options
        kept: set[str | None] = {
            getattr(columns, role)
            for role in ROLES
            if role != "author" and getattr(options, f"{role}_column") is not None
        } | {columns.text}
        author = columns.author
        self._cleaner = cleaner(names, kept, author)
        public = dict.fromkeys(names)
        if self._cleaner is not None:
            self._cleaner.clean(public)
        self.public = tuple(public)
        self._author_is_hash = author is not None and plain_name(author).endswith("hash")
        exact = {columns.id, columns.thread, columns.parent}
        self._ids = [name for name in self.public if name in exact or plain_name(name).endswith("id")]
        self._roles = tuple(getattr(columns, role) for role in ROLES)

    def read(self, record: dict[str, object]) -> Comment | str:
        """The comment of a record, or the reason why there is none; cleans the record's fields either way."""
        # Every comment of a dump passes here: what is known per table is looked up once, above.
        words, number, time, work, thread, parent, platform, author, likes, replies, region, gender = self._roles
        context = self._context
        account = record.get(author) if author is not None else None
        self._make_public(record)
        text = record.get(words)
        if text.__class__ is not str or not text or text.isspace():
            text = self._unusual_text(text)
            if text is None:
                return self.why_no_text(record)
        own_id = read_id(record[number]) if number is not None else None
        parent_id = read_id(record[parent]) if parent is not None else None
        thread_id = read_id(record[thread]) if thread is not None else None
        return _Draft(
            text,
            own_id,
            read_time(record[time], context.zone) if time is not None else None,
            context.options.work or (work is not None and read_name(record[work])) or context.works.get(thread_id),
            thread_id,
            None if parent_id == "0" or parent_id == own_id else parent_id,
            (platform is not None and read_platform(record[platform])) or context.platform,
            self._read_author(account, record.get(author)) if account is not None else None,
            read_count(record[likes]) if likes is not None else None,
            read_count(record[replies]) if replies is not None else None,
            read_name(record[region]) if region is not None else None,
            read_gender(record[gender]) if gender is not None else None,
        ).become_comment()

    def read_many(self, records: Sequence[dict[str, object]]) -> Fields:
        """The fields of many records, as `read` gives them; cleans the records too."""
        if self._cleaner is not None or self._context.typed:
            for record in records:
                self._make_public(record)
        words: Any = self.columns.text
        texts: list[Any] = [record.get(words) for record in records]
        for place, text in enumerate(texts):
            if text.__class__ is not str or not text or text.isspace():
                texts[place] = self._unusual_text(text)
        return self._fields(texts, lambda column, read: [read(record[column]) for record in records])

    def read_columns(self, columns: Mapping[str, Sequence[str]]) -> tuple[Fields, dict[str, Sequence[object]]]:
        """The fields of many records of text given by column, and these columns without what is personal."""
        words = columns.get(self.columns.text or "", ())
        texts = [None if not text or text.isspace() else text for text in words]

        def values(column: str, read: Read) -> list[str | None]:
            known = {value: read(value) for value in set(columns[column])}  # there are few
            return [known[value] for value in columns[column]]

        public: dict[str, Sequence[object]] = dict(columns)
        if self._cleaner is not None:
            public = self._cleaner.cleaned(columns)
        return self._fields(texts, values), public

    def _fields(self, texts: list[str | None], values: Callable[[str, Read], list[str | None]]) -> Fields:
        columns, context = self.columns, self._context
        nothing: list[str | None] = [None] * len(texts)
        if context.options.work:
            works: list[str | None] = [context.options.work] * len(texts)
        else:
            works = values(columns.work, read_name) if columns.work is not None else nothing
            if context.works and columns.thread is not None:
                threads = values(columns.thread, read_id)
                works = [work or context.works.get(thread) for work, thread in zip(works, threads, strict=True)]
        platforms = values(columns.platform, read_platform) if columns.platform is not None else nothing
        genders = values(columns.gender, read_gender) if columns.gender is not None else nothing
        return Fields(texts, works, [platform or context.platform for platform in platforms], genders)

    def _make_public(self, record: dict[str, object]) -> None:
        if self._cleaner is not None:
            self._cleaner.clean(record)
        if self._context.typed:
            self._make_exact(record)

    def _read_author(self, account: object, cleaned: object) -> str | None:
        if self._author_is_hash:
            return read_id(account)
        return cleaned if isinstance(cleaned, str) else hash_author(account)

    def version(self, record: dict[str, object]) -> tuple[str, int] | None:
        """The comment's id and its time of modification, None for a record that is no comment."""
        number = read_id(record.get(self.columns.id)) if self.columns.id is not None else None
        text = record.get(self.columns.text) if self.columns.text is not None else None
        if number is None or text is None or text == "" or (isinstance(text, str) and text.isspace()):
            return None
        return number, read_count(record.get("last_modify_ts")) or 0

    def _make_exact(self, record: dict[str, object]) -> None:
        for name in self._ids:
            value = record[name]
            if value.__class__ is float:
                record[name] = whole_number(value)
        if self._context.nested and not _NESTED.isdisjoint(map(type, record.values())):
            for name, value in record.items():
                record[name] = scrub(value)

    def _unusual_text(self, text: object) -> str | None:
        if self._context.numbers_are_text and isinstance(text, int | float) and not isinstance(text, bool):
            return str(whole_number(text))
        return None

    def why_no_text(self, record: dict[str, object]) -> str:
        """Why a record, cleaned, is no comment."""
        column = self.columns.text
        value = None if column is None else record.get(column)
        if value is None:
            return f"the record has no text in column {column!r}"
        if isinstance(value, str):
            return f"the text in column {column!r} is empty"
        return f"the value in column {column!r} is not text but {type(value).__name__}"


class _Draft:
    """The fields of a `Comment` while it is being made.

    A frozen dataclass sets its twelve fields through `object.__setattr__`, which costs a third of the time a row takes;
    this class has the same slots, is filled by plain assignment, and then becomes the comment.
    """

    __slots__ = Comment.__slots__

    def __init__(
        self,
        text: str,
        number: str | None,
        time: datetime | None,
        work: str | None,
        thread: str | None,
        parent: str | None,
        platform: str | None,
        author: str | None,
        likes: int | None,
        replies: int | None,
        region: str | None,
        gender: str | None,
    ) -> None:
        self.text = text
        self.id = number
        self.time = time
        self.work = work
        self.thread = thread
        self.parent = parent
        self.platform = platform
        self.author = author
        self.likes = likes
        self.replies = replies
        self.region = region
        self.gender = gender

    def become_comment(self) -> Comment:
        self.__class__ = Comment  # type: ignore[assignment]
        return cast("Comment", self)
