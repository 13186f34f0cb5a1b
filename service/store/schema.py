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

VERSION = 1
"""Kept under `meta.version`; a database of a newer version is refused, an older one brought forward."""

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where they are INTEGER
Names = JSON

tables = MetaData()

meta = Table("meta", tables, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

models = Table(  # by which stored scores are read
    "models",
    tables,
    Column("id", Id, primary_key=True),
    Column("version", Text, nullable=False, unique=True),
    Column("names", JSON, nullable=False),
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
    Column("comments", Integer, nullable=False, default=0),
    Column("late", Integer, nullable=False, default=0),
)

comments = Table(
    "comments",
    tables,
    Column("seq", Id, primary_key=True),  # the order of acceptance, over all streams
    Column("stream", Id, ForeignKey("streams.id", ondelete="CASCADE"), nullable=False),
    Column("id", Text, nullable=False),
    Column("time", Float, nullable=False),
    Column("text", Text),  # None once its keeping time is over
    Column("author", Text),
    Column("thread", Text),
    Column("platform", Text),
    Column("gender", Text),
    Column("likes", Integer, nullable=False, default=0),
    Column("late", Boolean, nullable=False, default=False),  # kept and counted in its hour, but not watched
    Column("model", Id, ForeignKey("models.id")),  # None until it is scored
    Column("scores", LargeBinary),  # float16 probabilities and vectors, packed bits of what is named
    UniqueConstraint("stream", "id"),
    Index("comments_by_stream", "stream", "seq"),
    Index("comments_by_time", "stream", "time"),
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
    Column("acknowledged", JSON),  # who, when (wall clock), note
    Index("alerts_by_stream", "stream", "starts_at"),
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
    Column("id", Id, primary_key=True),
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
    Index("deliveries_due", "dead", "next_at"),
)
