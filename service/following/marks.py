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
    """The marks of one dump on its way into one stream, in a file below the home."""

    def __init__(self, home: Path, source: Path, stream: str, url: str) -> None:
        self._about = {"source": str(source.resolve()), "stream": stream, "url": url}
        name = blake2b("\0".join(self._about.values()).encode("utf-8", "replace"), digest_size=8).hexdigest()
        self.path = home / "watch" / f"{name}.json"
        self.rejected = self.path.with_suffix(".rejected.jsonl")
        self.begun = self.path.exists()
        self._marks = self._load() if self.begun else {}

    def find(self, name: str, kind: Kind) -> Mark | None:
        """Give the mark of a file or table, None where there is none of this kind."""
        mark = self._marks.get(name)
        return mark if mark is not None and mark.kind == kind else None

    def keep(self, marks: Mapping[str, Mark]) -> None:
        """Write these marks, by name, beside those of other files; a kill leaves the old file or the new one whole."""
        self._marks.update(marks)
        document = {
            "format": _FORMAT,
            **self._about,
            "files": {name: asdict(mark) for name, mark in self._marks.items()},
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        with draft.open("wb") as file:
            file.write(orjson.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def _load(self) -> dict[str, Mark]:
        try:
            document = orjson.loads(self.path.read_bytes())
            if document["format"] != _FORMAT:
                raise ValueError(f"its format is {document['format']}, this version writes {_FORMAT}")
            files: dict[str, dict[str, object]] = document["files"]
            return {name: _read(entry) for name, entry in files.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ResumeError(
                f"{self.path}, where the reading stands, cannot be read ({error}); remove it to begin at the dump's "
                "start: the service takes no comment twice."
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
