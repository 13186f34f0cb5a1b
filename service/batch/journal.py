"""How far a labelling has come, on disk beside its output, so that it can go on after a kill."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from corpora.readers import RejectedRow
from service.batch.kinds import Kinds, merge_kinds
from service.batch.scoring import Labelled, Numbered
from service.batch.tally import AudienceTally, Tally
from service.errors import ResumeError

_FORMAT = 3
_HEAD = 1 << 20  # bytes of each input file that its digest covers


@dataclass(slots=True)
class Standing:
    """What has been done of a run: entries taken from the input, comments labelled, rows rejected, and their figures.

    `numbered` are the part of the dump that was read last and how many of its numbers are taken.
    """

    consumed: int = 0
    comments: int = 0
    rejected: int = 0
    first_reason: str | None = None
    numbered: tuple[int, int] = (0, 0)
    tally: Tally = field(default_factory=Tally)
    audiences: AudienceTally = field(default_factory=AudienceTally)
    kinds: Kinds = field(default_factory=dict)

    def add(self, labelled: Labelled) -> list[RejectedRow]:
        """Count a chunk; its rejected rows, with their numbers in their files."""
        self.consumed += labelled.consumed
        self.comments += labelled.comments
        rejected = [row for piece in labelled.rejected for row in self._number(piece)]
        self.rejected += len(rejected)
        if rejected and self.first_reason is None:
            first = rejected[0]
            self.first_reason = f"{first.source.name}, row {first.number}: {first.reason}"
        self.tally.add(labelled.counts)
        self.audiences.add(labelled.audiences)
        merge_kinds(self.kinds, labelled.kinds)
        return rejected

    def _number(self, piece: Numbered) -> Sequence[RejectedRow]:
        if piece.taken is None:
            return piece.rejected
        part, before = self.numbered
        if part != piece.part:
            before = 0
        self.numbered = piece.part, before + piece.taken
        return [replace(row, number=before + row.number) for row in piece.rejected]


@dataclass(slots=True)
class Journal:
    """A run's identity, its standing, and the bytes of its two files that belong to that standing.

    `run` names everything that must be the same for the run to go on: the input's fingerprint, the options, the model.
    `complete` is set once every row is in the part file.
    """

    run: dict[str, Any]
    standing: Standing = field(default_factory=Standing)
    part_bytes: int = 0
    rejected_bytes: int = 0
    complete: bool = False

    def save(self, path: Path) -> None:
        """Write the journal so that a kill at any moment leaves the old or the new one whole."""
        standing = self.standing
        stored = {
            "format": _FORMAT,
            "run": self.run,
            "complete": self.complete,
            "part_bytes": self.part_bytes,
            "rejected_bytes": self.rejected_bytes,
            "consumed": standing.consumed,
            "comments": standing.comments,
            "rejected": standing.rejected,
            "first_reason": standing.first_reason,
            "numbered": standing.numbered,
            "tally": standing.tally.as_json(),
            "audiences": standing.audiences.as_json(),
            "kinds": {name: sorted(kinds) for name, kinds in standing.kinds.items()},
        }
        draft = draft_of(path)
        with draft.open("wb") as file:
            file.write(orjson.dumps(stored))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Journal":
        """The journal at `path`; raises `ResumeError` where it cannot be read."""
        try:
            stored = orjson.loads(path.read_bytes())
            if stored["format"] != _FORMAT:
                raise ValueError(f"its format is {stored['format']}, this version writes {_FORMAT}")
            standing = Standing(
                consumed=stored["consumed"],
                comments=stored["comments"],
                rejected=stored["rejected"],
                first_reason=stored["first_reason"],
                numbered=tuple(stored["numbered"]),
                tally=Tally.from_json(stored["tally"]),
                audiences=AudienceTally.from_json(stored["audiences"]),
                kinds={name: set(kinds) for name, kinds in stored["kinds"].items()},
            )
            return cls(stored["run"], standing, stored["part_bytes"], stored["rejected_bytes"], stored["complete"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ResumeError(
                f"{path} cannot be read as the journal of a run ({error}); start anew with --overwrite."
            ) from None


def draft_of(path: Path) -> Path:
    """Where a journal is written before it takes its name."""
    return path.with_name(path.name + ".new")


def identity(source: Path, options: Mapping[str, Any], model: str, spooled: bool) -> dict[str, Any]:
    """What must not change between a run and its continuation. `spooled`: the source is a fresh copy of standard input.

    A folder counts with every file in it. Of each file the size, the time of change and a digest of its first
    megabyte are taken.
    """
    return {
        "input": [_fingerprint(path, spooled) for path in _files(source)],
        "options": dict(options),
        "model": model,
        "poquan": version("poquan"),
    }


def check_same_run(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise `ResumeError`, naming what differs, unless both identities are one."""
    if before["input"] != now["input"]:
        changed = "the input is not the same any more"
    elif before["model"] != now["model"]:
        changed = f"it was begun with the model {before['model']}, not {now['model']}"
    elif before["options"] != now["options"]:
        names = sorted(before["options"].keys() | now["options"].keys())
        named = [
            f"{name} was {before['options'].get(name)!r}, not {now['options'].get(name)!r}"
            for name in names
            if before["options"].get(name) != now["options"].get(name)
        ]
        changed = f"it was begun with other options: {'; '.join(named)}"
    elif before["poquan"] != now["poquan"]:
        changed = f"it was begun with poquan {before['poquan']}, not {now['poquan']}"
    else:
        return
    raise ResumeError(f"The run cannot go on: {changed}. Start anew with --overwrite.")


def _files(source: Path) -> list[Path]:
    if source.is_dir():
        return sorted(path for path in source.rglob("*") if path.is_file() and not path.name.startswith("."))
    log = source.with_name(source.name + "-wal")  # what a database has not yet taken into its file
    return [source, log] if log.is_file() and log.stat().st_size else [source]


def _fingerprint(path: Path, spooled: bool) -> dict[str, Any]:
    stat = path.stat()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256") if spooled else hashlib.sha256(file.read(_HEAD))
    changed = None if spooled else stat.st_mtime_ns
    return {"name": None if spooled else path.name, "size": stat.st_size, "mtime": changed, "head": digest.hexdigest()}
