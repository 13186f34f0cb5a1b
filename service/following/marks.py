"""How far each file of a dump has been read, kept on disk so that a restart goes on from there."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import orjson

from service.errors import ResumeError

_FORMAT = 1

Kind = Literal["lines", "rows", "whole"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the reading of a file, or of one table of a database, stands.

    `kind` is how it is followed: by appended lines, by the rowids of a table, or read whole whenever it changes.
    `records` counts what was read; `place` is the byte behind the last line, or the last rowid, and 0 for `whole`.
    `check` is a digest of what was read, by which a file that was written anew under the old name is told. No inode is
    kept: it changes on network shares and tells less. `stamp` is the size and time of change of a file read `whole`.
    """

    kind: Kind
    records: int
    place: int
    check: str
    stamp: tuple[int, ...] = ()


class Marks:
    """The marks of one dump on its way into one stream, in a file below the home; `anew` forgets those there are.

    `created` is when the service made the stream that what is marked was sent into, None before anything was: the
    stream and its database can go while the marks stay, and then they tell nothing.
    """

    def __init__(self, home: Path, source: Path, stream: str, url: str, anew: bool = False) -> None:
        self._about = {"source": str(source.resolve()), "stream": stream, "url": url}
        name = blake2b("\0".join(self._about.values()).encode("utf-8", "replace"), digest_size=8).hexdigest()
        self.path = home / "watch" / f"{name}.json"
        self.rejected = self.path.with_suffix(".rejected.jsonl")
        if anew:
            self.path.unlink(missing_ok=True)
        self.begun = self.path.exists()
        self.created: str | None = None
        self._first: dict[str, Mark] = {}
        self._marks: dict[str, Mark] = {}
        if self.begun:
            self._load()

    @property
    def kept(self) -> float:
        """When marks were kept last, in seconds since 1970. Raises `OSError` where there are none."""
        return self.path.stat().st_mtime

    def find(self, name: str, kind: Kind) -> Mark | None:
        """Give the mark of a file or table, None where there is none of this kind."""
        mark = self._marks.get(name)
        return mark if mark is not None and mark.kind == kind else None

    def keep(self, marks: Mapping[str, Mark], created: str | None = None) -> None:
        """Write these marks, by name, beside those of other files, and when the stream was made where that is known.

        A kill leaves the old file or the new one whole.
        """
        self._marks.update(marks)
        self.created = created or self.created
        self._write()

    def begin_here(self) -> None:
        """Take what is marked now for the beginning of what is sent."""
        self._first = dict(self._marks)
        self._write()

    def restart(self) -> None:
        """Go back to the beginning: nothing that was sent is there any more."""
        self._marks, self.created = dict(self._first), None
        self._write()

    def _write(self) -> None:
        document = {
            "format": _FORMAT,
            **self._about,
            "created": self.created,
            "first": {name: asdict(mark) for name, mark in self._first.items()},
            "files": {name: asdict(mark) for name, mark in self._marks.items()},
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        with draft.open("wb") as file:
            file.write(orjson.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def _load(self) -> None:
        try:
            document = orjson.loads(self.path.read_bytes())
            if document["format"] != _FORMAT:
                raise ValueError(f"its format is {document['format']}, this version writes {_FORMAT}")
            self.created = document.get("created")
            self._first = {name: _read(entry) for name, entry in document.get("first", {}).items()}
            self._marks = {name: _read(entry) for name, entry in document["files"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ResumeError(
                f"{self.path}, where the reading stands, cannot be read ({error}); remove it, or give --anew, to "
                "begin at the dump's start: the service takes no comment twice."
            ) from None


def _read(entry: dict[str, object]) -> Mark:
    match entry:
        case {
            "kind": "lines" | "rows" | "whole" as kind,
            "records": int(records),
            "place": int(place),
            "check": str(check),
            "stamp": list(stamp),
        }:
            return Mark(kind, records, place, check, tuple(stamp))
    raise ValueError(f"an entry is {entry!r}")
