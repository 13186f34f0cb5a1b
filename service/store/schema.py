"""The tables. Times are seconds since 1970 (float) of event time where nothing else is said."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = 2
"""Kept under `meta.version`; a database of a newer version is refused, an older one brought forward."""

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where they are INTEGER

tables = MetaData()

meta = Table("meta", tables, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

models = Table(  # by which stored scores are read
    "models",
    tables,
    Column("id", Id, primary_key=True),
    Column("version", Text, nullable=False),
    Column("names", JSON, nullable=False),  # circles, aspects, stages
    Column("n_dimensions", Integer, nullable=False),  # of the word vectors
)

streams = Table(
    "streams",
    tables,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created", Float, nullable=False),  # of the wall clock
    Column("settings", JSON, nullable=False),  # the stream's expectations, see service/monitor/expectations.py
    Column("watermark", Float),  # the newest event time seen
    Column("last_seq", Id, nullable=False, default=0),
    Column("comments", Id, nullable=False, default=0),
    Column("late", Id, nullable=False, default=0),
    sqlite_autoincrement=True,  # a deleted stream's id names no other
)

comments = Table(
    "comments",
    tables,
    Column("seq", Id, primary_key=True, autoincrement=False),  # the order of acceptance, over all streams
    Column("stream", Id, ForeignKey("streams.id", ondelete="CASCADE"), nullable=False),
    Column("id", Text, nullable=False),
    Column("time", Float, nullable=False),
    Column("text", Text),  # None once its keeping time is over
    Column("author", Text),
    Column("thread", Text),
    Column("platform", Text),
    Column("gender", Text),
    Column("likes", Id, nullable=False, default=0),
    Column("late", Boolean, nullable=False, default=False),  # kept and counted in its hour, but not watched
    Column("text_dropped", Boolean, nullable=False, default=False),
    UniqueConstraint("stream", "id"),
    Index("comments_by_stream", "stream", "seq"),
    Index("comments_by_time", "text_dropped", "time"),  # what the keeping times ask for
)

scores = Table(  # beside the comments, so that scoring one does not write its text again
    "scores",
    tables,
    Column("seq", Id, ForeignKey("comments.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("model", Id, ForeignKey("models.id"), nullable=False),
    Column("packed", LargeBinary, nullable=False),  # see service/store/scores.py
    Column("copy", Boolean, nullable=False, default=False),  # the watch found it to be a near-copy
)

snapshots = Table(  # a monitor's state after its stream's comments up to seq
    "snapshots",
    tables,
    Column("stream", Id, ForeignKey("streams.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Id, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

series = Table(  # sums over ten minutes of event time, see service/monitor/series.py
    "series",
    tables,
    Column("stream", Id, ForeignKey("streams.id", ondelete="CASCADE"), primary_key=True),
    Column("start", Id, primary_key=True),
    Column("platform", Text, primary_key=True),  # "" where not known
    Column("sums", JSON, nullable=False),
)

alerts = Table(
    "alerts",
    tables,
    Column("id", Text, primary_key=True),
    Column("stream", Id, ForeignKey("streams.id", ondelete="CASCADE"), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("alertname", Text, nullable=False),
    Column("state", Text, nullable=False),  # pending, firing, resolved
    Column("severity", Text, nullable=False),
    Column("starts_at", Float, nullable=False),
    Column("ends_at", Float),
    Column("updated_seq", Id, nullable=False),
    Column("document", JSON, nullable=False),  # labels, annotations, explanation
    Column("acknowledged", JSON(none_as_null=True)),  # who, at (wall clock), note
    Column("untold", Boolean, nullable=False, default=False),  # it fires under a silence, and nobody has been told
    Index("alerts_by_stream", "stream", "starts_at", "id"),
    Index("alerts_by_start", "starts_at", "id"),
    Index("alerts_by_fingerprint", "fingerprint", "starts_at"),
    Index("alerts_by_state", "state"),
)

silences = Table(
    "silences",
    tables,
    Column("id", Text, primary_key=True),
    Column("matchers", JSON, nullable=False),
    Column("starts_at", Float, nullable=False),  # of the wall clock
    Column("ends_at", Float, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("comment", Text, nullable=False),
)

segments = Table(
    "segments",
    tables,
    Column("stream", Id, ForeignKey("streams.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("updated_seq", Id, nullable=False),
    Column("document", JSON, nullable=False),
)

events = Table(  # what GET /streams/{stream}/events tells, in the order of id
    "events",
    tables,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("stream", Id, ForeignKey("streams.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("seq", Id, nullable=False),
    Column("time", Float, nullable=False),
    Column("document", JSON, nullable=False),
    Index("events_by_stream", "stream", "id"),
)

deliveries = Table(  # messages on their way to webhooks; what is delivered is removed
    "deliveries",
    tables,
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Float, nullable=False),  # of the wall clock
    Column("dead", Boolean, nullable=False, default=False),
    Column("error", Text),
    Index("deliveries_waiting", "dead", "url", "id"),
    sqlite_autoincrement=True,  # a removed delivery's id names no other
)
