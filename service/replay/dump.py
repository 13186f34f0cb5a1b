"""A dump as columns in the order of time: of each comment what the monitor looks at, and nothing else."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal

import numpy as np

from corpora.comment import Comment
from corpora.readers import Dump, RejectedRow
from service.errors import ServiceError
from service.monitor.comments import F64, Ints
from service.replay.truth import Labels, TruthColumn
from service.store.texts import storable
from service.streams.ids import content_id

By = Literal["platform", "work"]

#: Streams that a dump is split into at most, the largest ones.
MOST_STREAMS = 50

#: Seconds from one comment to the next in a dump that tells no time at all.
PACE = 6.0

_NAMELESS = {"platform": "unknown platform", "work": "unknown work"}


class ReplayError(ServiceError):
    """A dump cannot be replayed."""


@dataclass(frozen=True, slots=True)
class Comments:
    """The ``n`` comments of one stream in the order of time, one place a comment in every column.

    ``time`` is in seconds since 1970, ``truth`` as in `service.replay.truth`, None where nobody asked. ``work`` is the
    film or series where all are under the same.
    """

    stream: str
    work: str | None
    text: list[str]
    time: F64
    author: list[str | None]
    thread: list[str | None]
    platform: list[str | None]
    gender: list[str | None]
    likes: Ints
    truth: Labels | None

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a dump: its streams, the largest first, and what is not in them or not as it stood.

    ``repeated`` comments have the id of an earlier one, ``timeless`` ones no time; ``left_out`` are those of the
    ``small_streams`` beyond `MOST_STREAMS`.
    """

    streams: list[Comments]
    rejected: int
    repeated: int
    timeless: int
    all_timeless: bool
    left_out: int
    small_streams: int


@dataclass(slots=True)
class _Columns:
    """All comments of the dump in the order of the file; ``group`` is the stream of each."""

    text: list[str] = field(default_factory=list)
    time: array[float] = field(default_factory=lambda: array("d"))
    author: list[str | None] = field(default_factory=list)
    thread: list[str | None] = field(default_factory=list)
    platform: list[str | None] = field(default_factory=list)
    work: list[str | None] = field(default_factory=list)
    gender: list[str | None] = field(default_factory=list)
    likes: array[int] = field(default_factory=lambda: array("q"))
    shared: dict[str, str] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def is_new(self, comment: Comment, group: str) -> bool:
        """Tell whether its stream meets a comment for the first time, by its id or, without one, by its content."""
        time = comment.time.timestamp() if comment.time is not None else None
        id_ = comment.id or content_id(comment.text, time, comment.author, comment.thread)
        key = int(content_id(id_, None, group, None), 16)
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def add(self, comment: Comment) -> None:
        self.text.append(storable(comment.text))
        self.time.append(comment.time.timestamp() if comment.time is not None else np.nan)
        for name in ("author", "thread", "platform", "work", "gender"):
            value = getattr(comment, name)
            getattr(self, name).append(value and self.shared.setdefault(value, storable(value)))
        self.likes.append(comment.likes or 0)


def read_streams(
    dump: Dump,
    by: By | None = None,
    truth: TruthColumn | None = None,
    on_rejected: Callable[[RejectedRow], None] = lambda row: None,
    on_read: Callable[[int], None] = lambda comments: None,
) -> Reading:
    """Read a dump whole and give its comments by stream, each in the order of time.

    Without ``by`` all are one stream, named by their work where it is one, else by the file. As in a running service,
    the first comment of an id stays. A comment without a time has that of the one before it in the file. Raises
    `ReplayError` where there is no comment, or no column of truth; `TruthError` where its labels cannot be read.
    """
    if truth is not None and truth.column not in dump.columns:
        raise ReplayError(f"{dump.path} has no column {truth.column!r}; its columns are: {', '.join(dump.columns)}.")
    columns, rejected, repeated = _Columns(), 0, 0
    for row in dump.rows():
        if isinstance(row, RejectedRow):
            rejected += 1
            on_rejected(row)
        elif columns.is_new(row.comment, (by and getattr(row.comment, by)) or ""):
            columns.add(row.comment)
            if truth is not None:
                truth.add(row.fields.get(truth.column))
            on_read(len(columns.text))
        else:
            repeated += 1
    if not columns.text:
        raise ReplayError(f"{dump.path} has no comment that could be read, so there is nothing to replay.")
    time = np.array(columns.time)
    timeless = np.isnan(time)
    rows, small = _rows_by_stream(columns, by, _name_of(dump.path))
    times, labels = _filled(time), None if truth is None else truth.settle()
    return Reading(
        streams=[_in_time(columns, times, labels, name, places) for name, places in rows.items()],
        rejected=rejected,
        repeated=repeated,
        timeless=int(timeless.sum()),
        all_timeless=bool(timeless.all()),
        left_out=len(time) - sum(map(len, rows.values())),
        small_streams=small,
    )


def _rows_by_stream(columns: _Columns, by: By | None, file: str) -> tuple[dict[str, Ints], int]:
    """Give the places of the comments of each stream, the largest first, and how many small ones there are besides."""
    if by is None:
        works = set(columns.work)
        only = works.pop() if len(works) == 1 else None
        return {only or file: np.arange(len(columns.text))}, 0
    counts = Counter(getattr(columns, by))
    names = {group: group or _NAMELESS[by] for group, _ in counts.most_common(MOST_STREAMS)}
    numbers = {group: number for number, group in enumerate(names)}
    owners = np.fromiter((numbers.get(group, -1) for group in getattr(columns, by)), np.int64, len(columns.text))
    rows = {name: np.flatnonzero(owners == number) for number, name in zip(count(), names.values())}
    return rows, len(counts) - len(names)


def _in_time(columns: _Columns, times: F64, truth: Labels | None, stream: str, rows: Ints) -> Comments:
    order = rows[np.argsort(times[rows], kind="stable")]
    places = order.tolist()
    works = {columns.work[place] for place in places}
    return Comments(
        stream=stream,
        work=works.pop() if len(works) == 1 else None,
        text=[columns.text[place] for place in places],
        time=times[order],
        author=[columns.author[place] for place in places],
        thread=[columns.thread[place] for place in places],
        platform=[columns.platform[place] for place in places],
        gender=[columns.gender[place] for place in places],
        likes=np.array(columns.likes, np.int64)[order],
        truth=None if truth is None else truth[order],
    )


def _filled(time: F64) -> F64:
    """Give each comment without a time that of the one before, the first ones that of the first known."""
    places = np.arange(len(time))
    known = np.flatnonzero(~np.isnan(time))
    latest = np.maximum.accumulate(np.where(np.isnan(time), 0, places))
    filled: F64 = time[np.maximum(latest, known[0])] if len(known) else np.multiply(places, PACE, dtype=np.float64)
    return filled


def _name_of(path: Path) -> str:
    """The name of a file without its endings, `film.jsonl.gz` being `film`."""
    name = path.resolve().name
    return name.split(".")[0] or name
