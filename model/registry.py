"""Which model is in use: promoted models live in the home, and a small file names them in order.

``home/models/<version>/`` holds each promoted model; ``home/models/history`` names them, oldest first, and its last
line is the one in use. Where nothing was promoted the shipped model is.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from model.files import ModelError, read_model
from model.scorer import DEFAULT

#: The name of the shipped model in the history.
SHIPPED = "shipped"

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SOURCE_ROOT = Path(__file__).resolve().parents[1]


def default_home() -> Path:
    """Give where the running product writes: `var/` of a checkout, else the user's data folder."""
    if (_SOURCE_ROOT / "pyproject.toml").is_file():
        return _SOURCE_ROOT / "var"
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "poquan"


def current_model(home: Path) -> Path:
    """Give the folder of the model in use."""
    versions = history(home)
    return _folder(home, versions[-1])


def history(home: Path) -> list[str]:
    """Give the versions in the order they came into use; the last one is current, the first one `SHIPPED`."""
    file = home / "models" / "history"
    lines = file.read_text(encoding="utf-8").split() if file.is_file() else []
    return [SHIPPED, *lines]


def promote(home: Path, candidate: Path) -> Path:
    """Move a candidate folder into the home and make it the model in use. Gives its new folder.

    Raises `ModelError` where the version in its manifest is no plain name.
    """
    manifest, _ = read_model(candidate)
    version = str(manifest["version"])
    if not _VERSION.fullmatch(version) or version in (SHIPPED, "history"):
        raise ModelError(f"{candidate} calls itself {version!r}, which cannot name a folder; train the model again.")
    folder = _folder(home, version)
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(candidate, folder)
    versions = history(home)
    if versions[-1] != version:
        _remember(home, [*versions, version])
    return folder


def rollback(home: Path) -> Path:
    """Go back to the model that was in use before. Raises `ModelError` where there is none."""
    versions = history(home)
    if len(versions) == 1:
        raise ModelError(f"Nothing to roll back in {home}: the shipped model is in use and nothing was promoted.")
    folder = _folder(home, versions[-2])
    read_model(folder)
    _remember(home, versions[:-1])
    return folder


def _folder(home: Path, version: str) -> Path:
    return DEFAULT if version == SHIPPED else home / "models" / version


def _remember(home: Path, versions: list[str]) -> None:
    folder = home / "models"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".history-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write("".join(f"{version}\n" for version in versions[1:]))
        stream.flush()
        os.fchmod(stream.fileno(), 0o644)
        os.fsync(stream.fileno())
    Path(draft).replace(folder / "history")
