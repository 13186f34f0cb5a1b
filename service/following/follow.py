"""Follow a dump: look for news every few seconds, send them in the order of their times, note how far that is done.

**Polling.** The dump is looked at again every few seconds; no file system events are used (inotify, by a library such
as watchfiles). Crawlers often write to network shares and container volumes, where such events do not arrive; a SQLite
database in WAL mode changes beside its own file and is asked by a query anyway; and a dump has few files, so that a
round without news costs a walk over the folder and a stat a file. An alert that comes some seconds later is no loss.

**Order.** The monitor watches comments in the order of their times and only counts those that come too late for that.
A crawl is not in this order, so the news of a round are sorted before they are sent, over all files, in blocks of at
most `BLOCK` comments; what a later block has of earlier times may come too late.

**Safety.** How far each file was read is kept when the service has acknowledged a whole block. What is killed before
that sends the block again, and the service takes no comment twice.

**Another stream.** What was noted holds only for the stream it was sent into. The service tells when it made that
stream; where this is not what was noted, or the stream is gone, everything is sent again. It is asked at the start
and after each block, so that neither a database that was changed nor a stream that was deleted leaves a hole.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf
from operator import attrgetter
from pathlib import Path

from corpora.errors import NotADump
from corpora.readers import ReadOptions, RejectedRow, Row
from corpora.readers.folder import comment_files
from service.batch.chunks import rejected_line
from service.following.marks import Mark, Marks
from service.following.messages import Message, message
from service.following.sending import Receipt, Sender
from service.following.sources import Say, Sources
from service.store.streams import check_name

BLOCK = 100_000
"""Most records that are held at once to be sorted."""
BLOCK_BYTES = 1 << 26
"""Most bytes of comments that are held at once, but for the last one."""
PATIENCE = 30.0
"""Seconds that a single look waits for a service that is away."""

_TIME = attrgetter("time")


@dataclass(frozen=True, slots=True)
class Job:
    """What is followed, into which stream of which service. `every` is in seconds; the marks are kept in `home`.

    `once` ends after one look, `from_now` passes over what is there at the first one, `anew` forgets earlier marks.
    """

    source: Path
    stream: str
    url: str
    key: str | None
    home: Path
    read: ReadOptions
    every: float = 5.0
    once: bool = False
    from_now: bool = False
    anew: bool = False


@dataclass(slots=True)
class Counts:
    """How many records were read, sent, and what became of them; `rejected` were no comments, or were refused."""

    read: int = 0
    sent: int = 0
    accepted: int = 0
    duplicates: int = 0
    late: int = 0
    rejected: int = 0

    def add(self, block: "Block", receipt: Receipt) -> None:
        """Count a block that was sent."""
        self.read += len(block.messages) + len(block.rejected)
        self.sent += len(block.messages)
        self.accepted += receipt.accepted
        self.duplicates += receipt.duplicates
        self.late += receipt.late
        self.rejected += len(block.rejected) + len(receipt.refused)

    def __str__(self) -> str:
        return (
            f"{self.read:,} read, {self.sent:,} sent: {self.accepted:,} accepted ({self.late:,} late), "
            f"{self.duplicates:,} duplicate{'' if self.duplicates == 1 else 's'}, {self.rejected:,} rejected"
        )


@dataclass(slots=True)
class Block:
    """New comments of any number of files, and how far these have been read with them."""

    messages: list[Message] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)
    size: int = 0

    def add(self, row: Row | RejectedRow) -> None:
        """Take a record in."""
        if isinstance(row, RejectedRow):
            self.rejected.append(row)
        else:
            self.messages.append(message(row))
            self.size += len(self.messages[-1].line)

    @property
    def full(self) -> bool:
        """Whether no more should be held."""
        return len(self.messages) + len(self.rejected) >= BLOCK or self.size >= BLOCK_BYTES


def follow(job: Job, say: Say, total: Counts, sleep: Callable[[float], None] = time.sleep) -> None:
    """Follow a dump until interrupted, or with `once` to where it ends now; `total` grows as blocks are acknowledged.

    Raises `NotADump` where there is nothing to follow, `StoreError` for a name that no stream can have, `ServiceError`
    where the service refuses all or, with `once`, stays away.
    """
    _check(job)
    patience = PATIENCE if job.once else inf
    with Sender(job.url, job.stream, job.key, say, sleep, patience) as sender:
        marks = Marks(job.home, job.source, job.stream, job.url, job.anew)
        since = marks.kept if marks.begun else None
        if marks.created is not None:
            _is_the_same(sender.created(), job, marks, say)
        sources = Sources(job.source, job.read, marks, say)
        if job.from_now and not marks.begun:
            _pass_over(sources, marks, say)
        while True:
            if not _look(job, sources, sender, marks, say, total):
                sources = Sources(job.source, job.read, marks, say)
            elif job.once:
                _tell_what_is_left(job, sources, say)
                say(_sums(total, since))
                return
            else:
                sleep(job.every)


def _check(job: Job) -> None:
    """Refuse what cannot be followed before anything is read or sent."""
    check_name(job.stream)
    if not job.source.exists():
        if job.source == Path("-"):
            raise NotADump("Standard input cannot be followed; give a file or a folder of comments in place of -.")
        raise NotADump(f"{job.source} does not exist; give a file or a folder of comments.")
    if job.once and job.source.is_dir():
        comment_files(job.source)  # raises where there are none, for which nobody waits


def _look(job: Job, sources: Sources, sender: Sender, marks: Marks, say: Say, total: Counts) -> bool:
    """Send what is new; False where the stream turned out to be another one, and the look begins again."""
    for block in _blocks(sources):
        total.add(block, _send(block, sender, marks, say))
        created = sender.created()
        if not _is_the_same(created, job, marks, say):
            return False
        marks.keep(block.marks, created)
    return True


def _is_the_same(created: str | None, job: Job, marks: Marks, say: Say) -> bool:
    """Whether the stream is the one that was sent into before; if not, the marks go back to their beginning."""
    if created is not None and marks.created in (None, created):
        return True
    what = "is not there any more" if created is None else f"was made anew, at {created}"
    say(f"The stream {job.stream} of {job.url} {what}; everything is sent into it again.")
    marks.restart()
    return False


def _sums(total: Counts, since: float | None) -> str:
    if total.read or since is None:
        return f"In all {total}."
    return f"Nothing new since {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(since))}."


def _tell_what_is_left(job: Job, sources: Sources, say: Say) -> None:
    if job.source.is_file() and sources.refused():
        raise NotADump(sources.refused()[0])
    for sentence in sources.refused():
        say(sentence)
    for path in sources.unfinished():
        say(f"{path} ends in a record that looks half-written; it is left until it is whole.")


def _pass_over(sources: Sources, marks: Marks, say: Say) -> None:
    """Take what is there now as seen. It is read for that, so that each file's place is a record's end."""
    passed = 0
    for block in _blocks(sources):
        passed += len(block.messages)
        marks.keep(block.marks)
    marks.begin_here()
    say(f"Comments that are there already: {passed:,}; only what comes from now on is sent.")


def _blocks(sources: Sources) -> Iterator[Block]:
    block, last = Block(), None
    for followed, row in sources.news():
        if last is not None and followed is not last:
            block.marks[last.name] = last.mark()
        last = followed
        block.add(row)
        if block.full:
            block.marks[last.name] = last.mark()
            yield block
            block, last = Block(), None
    if last is not None:
        block.marks[last.name] = last.mark()
        yield block


def _send(block: Block, sender: Sender, marks: Marks, say: Say) -> Receipt:
    receipt = sender.send(sorted(block.messages, key=_TIME))
    refused = [
        RejectedRow(each.number, each.source, f"the service refused it: {reason}", each.line.decode())
        for each, reason in receipt.refused
    ]
    rejected = [*block.rejected, *refused]
    if rejected:
        marks.rejected.parent.mkdir(parents=True, exist_ok=True)
        with marks.rejected.open("ab") as file:
            file.writelines(map(rejected_line, rejected))
    news = Counts()
    news.add(block, receipt)
    say(f"{time.strftime('%H:%M:%S')}  {news}.")
    if rejected:
        first = rejected[0]
        say(f"Rejected, for example: {first.source.name}, record {first.number}: {first.reason}. All: {marks.rejected}")
    return receipt
