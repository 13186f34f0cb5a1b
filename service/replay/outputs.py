"""The files of a replay: each gets its name only when all of them are whole."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from service.batch.outputs import Places
from service.errors import SettingsError

_LONGEST_NAME = 60  # characters of a stream's name in that of a file


class Drafts:
    """Files written beside the places they belong in, and put there at the end; after a failure none is left."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._files: dict[Path, IO[bytes]] = {}

    def file(self, path: Path) -> IO[bytes]:
        """Give the draft of a file, begun when it is first asked for."""
        if path not in self._files:
            self._files[path] = self._open.enter_context(Places(path, None).part.open("wb"))
        return self._files[path]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._open.close()  # a full disk may show only here
            if kind is None:
                for path in self._files:
                    Places(path, None).part.replace(path)
        finally:
            for path in self._files:
                Places(path, None).part.unlink(missing_ok=True)


def check_outputs(source: Path, report: Path, json: Path | None) -> Path:
    """Give where rejected rows go. Raises `SettingsError` or `OutputError` for outputs that must not be written."""
    for path, option, ending in ((report, "-o", ".html"), (json, "--json", ".json")):
        if path is None:
            continue
        if path.suffix != ending:  # an older report may be written over, a dump must not
            raise SettingsError(f"{option} {path} must end in {ending}, such as {path.with_suffix(ending).name}.")
        Places(path, None).check(source, resume=False, overwrite=True)
    return Places(report, None).rejected


def paths_of(path: Path, streams: list[str]) -> list[Path]:
    """Give the file of each stream: the path itself for one alone, else its name with the stream's in it.

    >>> [path.name for path in paths_of(Path("report.html"), ["weibo", "第九枚/卫星"])]
    ['report.weibo.html', 'report.第九枚-卫星.html']
    """
    if len(streams) == 1:
        return [path]
    names: dict[str, None] = {}
    for stream in streams:
        plain = re.sub(r"[^\w-]+", "-", stream)[:_LONGEST_NAME]
        names[plain if plain not in names else f"{plain}-{len(names) + 1}"] = None
    return [path.with_name(f"{path.stem}.{name}{path.suffix}") for name in names]
