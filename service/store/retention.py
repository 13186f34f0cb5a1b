"""Keeping times: what people wrote goes when its time is over, what was counted of it stays."""

from sqlalchemy import ColumnElement, Connection, Select, delete, select, update

from service.store.schema import comments, snapshots

AT_A_TIME = 5000  # comments, a transaction

_NOTHING = {"text": None, "author": None, "thread": None, "gender": None, "text_dropped": True}


def drop_texts(connection: Connection, before: float, limit: int = AT_A_TIME) -> int:
    """Forget text, author, thread and gender of at most `limit` comments with an event time before `before`.

    Only of those their stream's snapshot covers, since a restart reads the others again. Gives how many; ask again
    until that is 0.
    """
    chosen = _covered(before, ~comments.c.text_dropped, limit)
    return connection.execute(update(comments).where(comments.c.seq.in_(chosen)).values(_NOTHING)).rowcount


def drop_comments(connection: Connection, before: float, limit: int = AT_A_TIME) -> int:
    """Delete comments with their scores, otherwise as `drop_texts`; their ids are then no duplicates any more."""
    chosen = _covered(before, comments.c.text_dropped.in_([True, False]), limit)  # so that the index serves
    return connection.execute(delete(comments).where(comments.c.seq.in_(chosen))).rowcount


def _covered(before: float, which: ColumnElement[bool], limit: int) -> Select[tuple[int]]:
    return (
        select(comments.c.seq)
        .join(snapshots, snapshots.c.stream == comments.c.stream)
        .where(which, comments.c.time < before, comments.c.seq <= snapshots.c.seq)
        .limit(limit)
    )
