"""The store: every method is one transaction, on disk when it comes back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from service.monitor.comments import Bools, ScoredComments
from service.notify.outbox import Delivery
from service.store import (
    alerts,
    comments,
    deliveries,
    events,
    models,
    retention,
    scored,
    segments,
    series,
    silences,
    snapshots,
    streams,
)
from service.store.alerts import Alert, AlertFilter
from service.store.comments import StoredComment
from service.store.counters import read_counter
from service.store.counts import Counts, count
from service.store.database import Database, open_database
from service.store.deliveries import DeadLetter
from service.store.events import Event
from service.store.intake import Incoming, Receipt, accept
from service.store.record import Processed, record
from service.store.segments import Segment
from service.store.series import SeriesSums
from service.store.silences import Silence
from service.store.snapshots import Snapshot
from service.store.streams import Stream


def open_store(url: str) -> "Store":
    """Open the database at `url` and own it until the store is closed or the process dies.

    Tables are made, or brought forward from an older version. `sqlite:///FILE`, or `postgresql://...` where psycopg is
    installed. Raises `StoreError`: a URL that is none, a database with another owner, of a newer version, or damaged.
    """
    return Store(open_database(url))


class Store:
    """A database's streams. It may be asked from any thread; what writes waits for its turn.

    Every method raises `StoreError` where the database fails, and has then changed nothing. What the methods do is
    told where they lead to; wall-clock times are given by the caller, in seconds since 1970.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Close the database and give up its ownership."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # Streams

    def find_or_create_stream(self, name: str, settings: Mapping[str, Any], now: float) -> Stream:
        """Give the stream of that name, or a new one; see `streams.find_or_create`."""
        with self._database.writing() as connection:
            return streams.find_or_create(connection, name, settings, now)

    def stream(self, name: str) -> Stream | None:
        """Give the stream of that name."""
        with self._database.reading() as connection:
            return streams.find(connection, name)

    def streams(self, after: str = "", limit: int = 100) -> list[Stream]:
        """Give a page of streams in the order of their names, those behind the name `after`."""
        with self._database.reading() as connection:
            return streams.page(connection, after, limit)

    def streams_by_id(self, ids: Iterable[int]) -> dict[int, Stream]:
        """Give the streams with these ids, as far as there are any."""
        with self._database.reading() as connection:
            return streams.by_ids(connection, ids)

    def delete_stream(self, name: str) -> bool:
        """Delete a stream with everything it has; whether there was one."""
        with self._database.writing() as connection:
            return streams.remove(connection, name)

    # Comments in, what they came to back

    def accept(self, batches: Sequence[Incoming], now: float) -> list[Receipt]:
        """Store the new comments of some requests; see `intake.accept`."""
        with self._database.writing() as connection:
            return accept(connection, batches, now)

    def pending(self, limit: int) -> list[StoredComment]:
        """Give the first `limit` comments not processed yet, of all streams, in the order of acceptance."""
        with self._database.reading() as connection:
            return comments.pending(connection, limit)

    def record(self, processed: Processed) -> list[int | None]:
        """Write what processing some comments came to; see `record.record`. Gives the numbers of its events."""
        with self._database.writing() as connection:
            return record(connection, processed)

    def processed_seq(self) -> int:
        """Give the place up to which comments are processed."""
        with self._database.reading() as connection:
            return read_counter(connection, "processed_seq")

    def last_seq(self) -> int:
        """Give the place of the comment accepted last."""
        with self._database.reading() as connection:
            return read_counter(connection, "last_seq")

    def model_id(self, version: str, layout: models.Layout) -> int:
        """Give the number of a model; see `models.find_or_add`."""
        with self._database.writing() as connection:
            return models.find_or_add(connection, version, layout)

    # What a restart reads

    def snapshot(self, stream: int) -> Snapshot | None:
        """Give a stream's snapshot; None where it has none yet."""
        with self._database.reading() as connection:
            return snapshots.find(connection, stream)

    def scored_after(self, stream: int, seq: int, upto: int) -> Iterator[ScoredComments]:
        """Give a stream's scored comments at the places `seq` < place <= `upto`, without those that came late.

        They come in order, in pieces of at most `scored.AT_A_TIME` comments, each read in a transaction of its own.
        """
        return (piece for piece, _late in self._pieces_after(stream, seq, upto, late=False))

    def scored_after_with_late(self, stream: int, seq: int, upto: int) -> Iterator[tuple[ScoredComments, Bools]]:
        """Give the same with those that came late, and beside each piece ``(n,)`` which these are."""
        return self._pieces_after(stream, seq, upto, late=True)

    def _pieces_after(self, stream: int, seq: int, upto: int, late: bool) -> Iterator[tuple[ScoredComments, Bools]]:
        while seq < upto:
            with self._database.reading() as connection:
                pieces = scored.chunk_after(connection, stream, seq, upto, late, scored.AT_A_TIME)
            if not pieces:
                return
            yield from pieces
            seq = int(pieces[-1][0].seq[-1])

    # What is asked for

    def scored_between(
        self, stream: int, first_seq: int, last_seq: int, limit: int, newest: bool = True
    ) -> list[ScoredComments]:
        """Give at most `limit` scored comments between two places, both included; see `scored.between`."""
        with self._database.reading() as connection:
            return scored.between(connection, stream, first_seq, last_seq, limit, newest)

    def comments_by_ids(self, stream: int, ids: Iterable[str]) -> list[StoredComment]:
        """Give the comments of a stream with these ids, as far as there are any, in the order of acceptance."""
        with self._database.reading() as connection:
            return comments.by_ids(connection, stream, ids)

    def comments_by_seqs(self, seqs: Iterable[int]) -> list[StoredComment]:
        """Give the comments at these places, as far as there are any."""
        with self._database.reading() as connection:
            return comments.by_seqs(connection, seqs)

    def series(self, stream: int, start: float, end: float) -> list[SeriesSums]:
        """Give a stream's sums of the stretches that begin between two event times, by time and platform."""
        with self._database.reading() as connection:
            return series.between(connection, stream, start, end)

    def segments(self, stream: int) -> list[Segment]:
        """Give a stream's segments, the one that changed last first."""
        with self._database.reading() as connection:
            return segments.of_stream(connection, stream)

    def events_after(self, stream: int | None, last_id: int, limit: int) -> list[Event]:
        """Give at most `limit` events behind the number `last_id`, of one stream or of all (None)."""
        with self._database.reading() as connection:
            return events.after(connection, stream, last_id, limit)

    def newest_event(self) -> int:
        """Give the number of the event told last, 0 where none was."""
        with self._database.reading() as connection:
            return read_counter(connection, "last_event")

    def counts(self) -> Counts:
        """Count what there is, for metrics."""
        with self._database.reading() as connection:
            return count(connection)

    # Alerts and silences

    def alerts(self, asked: AlertFilter) -> list[Alert]:
        """Give the alerts asked for, the one that began last first."""
        with self._database.reading() as connection:
            return alerts.choose(connection, asked)

    def alert(self, id: str) -> Alert | None:  # noqa: A002  # the column's name
        """Give the alert of that id."""
        with self._database.reading() as connection:
            return alerts.find(connection, id)

    def firing(self, streams: Iterable[int]) -> Mapping[int, int]:
        """Count the alerts that fire of each of these streams; one without any is left out."""
        with self._database.reading() as connection:
            return alerts.firing(connection, streams)

    def acknowledge(self, id: str, who: str, note: str, at: float) -> Alert | None:  # noqa: A002
        """Note who has seen an alert; None where there is no such alert."""
        with self._database.writing() as connection:
            return alerts.acknowledge(connection, id, who, note, at)

    def silences(self, active_at: float | None = None) -> list[Silence]:
        """Give all silences, or those in force at a time."""
        with self._database.reading() as connection:
            return silences.find_all(connection, active_at)

    def add_silence(self, silence: Silence) -> None:
        """Keep a silence, over the one of its id."""
        with self._database.writing() as connection:
            silences.add(connection, silence)

    def expire_silence(self, id: str, now: float) -> Silence | None:  # noqa: A002
        """End a silence now; None where there is no such silence."""
        with self._database.writing() as connection:
            return silences.expire(connection, id, now)

    # Messages on their way: the outbox of service/notify

    def due(self, now: float, limit: int) -> list[Delivery]:
        """Give at most `limit` messages to attempt, at most one a URL."""
        with self._database.reading() as connection:
            return deliveries.due(connection, now, limit)

    def delivered(self, id: int) -> None:  # noqa: A002
        """Take a message away that has arrived."""
        with self._database.writing() as connection:
            deliveries.delivered(connection, id)

    def failed(self, id: int, error: str, next_at: float, dead: bool) -> None:  # noqa: A002
        """Count a failed attempt; the next is at `next_at`, or never where the message is `dead`."""
        with self._database.writing() as connection:
            deliveries.failed(connection, id, error, next_at, dead)

    def dead_letters(self, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        """Give a page of the messages given up, those behind the id `after`."""
        with self._database.reading() as connection:
            return deliveries.dead_letters(connection, after, limit)

    def retry_dead(self, now: float) -> int:
        """Put every message given up on its way again; how many there were."""
        with self._database.writing() as connection:
            return deliveries.retry_dead(connection, now)

    # Keeping times

    def drop_texts(self, before: float) -> int:
        """Forget a chunk of old texts; see `retention.drop_texts`. Ask again until it is 0."""
        with self._database.writing() as connection:
            return retention.drop_texts(connection, before)

    def drop_comments(self, before: float) -> int:
        """Delete a chunk of old comments; see `retention.drop_comments`. Ask again until it is 0."""
        with self._database.writing() as connection:
            return retention.drop_comments(connection, before)
