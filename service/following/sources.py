"""The files of a dump that is followed: found again at each round, opened by what they are, read for their news."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from corpora.errors import NotADump
from corpora.readers import ReadOptions, RejectedRow, Row
from corpora.readers.database import DatabaseTable
from corpora.readers.dump import open_parts
from corpora.readers.folder import comment_files
from corpora.readers.stored import StoredFile
from service.following.followed import Followed, Rewritten
from service.following.growing import Stamp, stamp_of
from service.following.lines import FollowedLines, grows_by_lines
from service.following.marks import Mark, Marks
from service.following.tables import FollowedTable, filled_tables, has_rowids
from service.following.wholes import FollowedWhole

Say = Callable[[str], None]
_UNREADABLE = (NotADump, OSError, sqlite3.Error)


class Sources:
    """A file, or the comment files in a folder and below it.

    A file that cannot be read is told of by `say`, once, when it has been found so twice without a change between: at
    the first time the crawler may have been in the middle of writing it.
    """

    def __init__(self, root: Path, options: ReadOptions, marks: Marks, say: Say) -> None:
        self._root = root
        self._options = options
        self._marks = marks
        self._say = say
        self._opened: dict[Path, tuple[object, list[Followed]]] = {}
        self._refused: dict[Path, tuple[Stamp, str]] = {}
        self._told: set[str] = set()

    def news(self) -> Iterator[tuple[Followed, Row | RejectedRow]]:
        """Give every record that is new, with where it comes from; each file as far as it goes at this moment."""
        for path in self._paths():
            try:
                yield from self._news_of(path)
                self._refused.pop(path, None)
            except Rewritten:  # again, while it was being opened: the next round will find it at rest
                self._opened.pop(path, None)
            except _UNREADABLE as error:
                self._refuse(path, error)

    def refused(self) -> list[str]:
        """Give a sentence for each file that could not be read in the last round."""
        return [reason for _, reason in self._refused.values()]

    def unfinished(self) -> list[Path]:
        """Give the files of which the last round left a record that looks half-written."""
        return [path for path, (_, opened) in self._opened.items() if any(each.unfinished for each in opened)]

    def _paths(self) -> list[Path]:
        if self._root.is_file():
            return [self._root]
        try:
            return [file.path for file in comment_files(self._root)]
        except NotADump as error:
            self._tell(f"{error} Waiting for one.")
        except FileNotFoundError:  # a file was removed while the folder was listed
            pass
        return []

    def _news_of(self, path: Path) -> Iterator[tuple[Followed, Row | RejectedRow]]:
        stamp, reason = self._refused.get(path, ((), ""))
        if stamp and stamp == stamp_of(path):
            raise NotADump(reason)
        try:
            for followed in self._follow(path):
                yield from ((followed, row) for row in followed.news())
        except Rewritten:
            self._say(f"{path} was written anew; it is read from its start.")
            self._opened[path] = self._open(path, lambda name, kind: None)
            for followed in self._opened[path][1]:
                yield from ((followed, row) for row in followed.news())

    def _follow(self, path: Path) -> list[Followed]:
        """What is followed in a file: opened once, but anew where that is no more what it was opened as."""
        opened = self._opened.get(path)
        if opened is None or opened[0] != self._state(path, opened[1]):
            opened = self._opened[path] = self._open(path, self._marks.find)
        return opened[1]

    def _open(self, path: Path, find: Callable[..., Mark | None]) -> tuple[object, list[Followed]]:
        stamp = stamp_of(path)
        followed: list[Followed] = []
        name = path.relative_to(self._root).as_posix() if path != self._root else path.name
        for part in open_parts(StoredFile(path), self._options):
            table = part.table
            own = name if table.name is None else f"{name}:{table.name}"
            if grows_by_lines(part, self._options):
                followed.append(FollowedLines(own, path, self._options, find(own, "lines")))
            elif isinstance(table, DatabaseTable) and not table.file.gzipped and has_rowids(table):
                followed.append(FollowedTable(own, part, find(own, "rows")))
            else:
                followed.append(FollowedWhole(own, part, find(own, "whole")))
        return (stamp if _is_whole(followed) else self._state(path, followed)), followed

    def _state(self, path: Path, followed: list[Followed]) -> object:
        """What must not change while a file stays open here."""
        if any(isinstance(each, FollowedTable) for each in followed):
            return filled_tables(StoredFile(path))
        return stamp_of(path) if _is_whole(followed) else None

    def _refuse(self, path: Path, error: Exception) -> None:
        self._opened.pop(path, None)
        if isinstance(error, NotADump):  # it stays none until it changes; other troubles may pass by themselves
            refused = stamp_of(path) if path.exists() else (), str(error)
        else:
            refused = (), f"{path} cannot be read ({getattr(error, 'strerror', None) or error})."
        if self._refused.get(path) == refused:
            self._tell(f"{refused[1]} It is tried again.")
        self._refused[path] = refused

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._say(sentence)


def _is_whole(followed: list[Followed]) -> bool:
    return any(isinstance(each, FollowedWhole) for each in followed)
