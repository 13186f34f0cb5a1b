"""Turn one record into a `Comment` and clean its fields; worked out once for records with the same columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from corpora.comment import Comment
from corpora.readers.columns import ROLES, Columns, plain_name
from corpora.readers.options import ReadOptions
from corpora.readers.privacy import cleaner, scrub
from corpora.readers.values import (
    hash_author,
    read_count,
    read_gender,
    read_id,
    read_name,
    read_platform,
    read_time,
    whole_number,
)


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a table beyond its columns."""

    options: ReadOptions
    zone: ZoneInfo
    platform: str | None = None
    works: Mapping[str, str] = field(default_factory=dict)
    nested: bool = False
    typed: bool = False
    numbers_are_text: bool = False


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
        self._clean = cleaner(names, kept, author)
        public = dict.fromkeys(names)
        self._clean(public)
        self.public = tuple(public)
        self._author_is_hash = author is not None and plain_name(author).endswith("hash")
        exact = {columns.id, columns.thread, columns.parent}
        self._ids = [name for name in self.public if name in exact or plain_name(name).endswith("id")]

    def read(self, record: dict[str, object]) -> Comment | str:
        """The comment of a record, or the reason why there is none; cleans the record's fields either way."""
        columns, context = self.columns, self._context
        get = record.get
        account = get(columns.author) if columns.author is not None else None
        self._clean(record)
        if context.typed:
            self._make_exact(record)
        text = get(columns.text)  # type: ignore[arg-type]
        if text.__class__ is not str or text.isspace() or not text:
            text = self._unusual_text(text)
            if text is None:
                return self._why_no_text(record)
        options = context.options
        thread = read_id(get(columns.thread)) if columns.thread is not None else None
        number = read_id(get(columns.id)) if columns.id is not None else None
        parent = read_id(get(columns.parent)) if columns.parent is not None else None
        work = options.work
        if work is None and columns.work is not None:
            work = read_name(get(columns.work))
        if work is None and thread is not None:
            work = context.works.get(thread)
        platform = read_platform(get(columns.platform)) if columns.platform is not None else None
        author = None
        if account is not None and columns.author is not None:
            if self._author_is_hash:
                author = read_id(account)
            else:
                hashed = get(columns.author)
                author = hashed if isinstance(hashed, str) else hash_author(account)
        return Comment(
            text,
            number,
            read_time(get(columns.time), context.zone) if columns.time is not None else None,
            work,
            thread,
            None if parent == "0" or parent == number else parent,
            platform or context.platform,
            author,
            read_count(get(columns.likes)) if columns.likes is not None else None,
            read_count(get(columns.replies)) if columns.replies is not None else None,
            read_name(get(columns.region)) if columns.region is not None else None,
            read_gender(get(columns.gender)) if columns.gender is not None else None,
        )

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
        if self._context.nested:
            for name, value in record.items():
                if value.__class__ is dict or value.__class__ is list:
                    record[name] = scrub(value)

    def _unusual_text(self, text: object) -> str | None:
        if self._context.numbers_are_text and isinstance(text, int | float) and not isinstance(text, bool):
            return str(whole_number(text))
        return None

    def _why_no_text(self, record: dict[str, object]) -> str:
        column = self.columns.text
        value = None if column is None else record.get(column)
        if value is None:
            return f"the record has no text in column {column!r}"
        if isinstance(value, str):
            return f"the text in column {column!r} is empty"
        return f"the value in column {column!r} is not text but {type(value).__name__}"
