"""Model files: a folder with ``manifest.json`` and plain ``.npy`` arrays.

Reading one executes nothing (no pickle anywhere). Every byte of an array is checked against its digest in the manifest,
and what the manifest says against its own seal, so a damaged or cut file is refused before a number of it is used.
Digests are no signature: they find damage, not a forger. Arrays are memory-mapped: processes share them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The format this code writes, and the newest it reads.
FORMAT = 1
MANIFEST = "manifest.json"
CARD = "MODEL_CARD.md"

Arrays = Mapping[str, NDArray[Any]]


class ModelError(Exception):
    """A model cannot be used; the message says why and what to do."""


class DamagedModel(ModelError):
    """A file of the model is missing, cut or changed."""


class NewerFormat(ModelError):
    """The model was written by a newer poquan."""


def write_model(folder: Path, manifest: Mapping[str, Any], arrays: Arrays, card: str = "") -> Path:
    """Write a model folder in one step: it is there whole or not at all. An existing ``folder`` is replaced."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        digests = {}
        for name, array in sorted(arrays.items()):
            file = draft / f"{name}.npy"
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            digests[file.name] = _digest(file)
        whole = {"format": FORMAT, **manifest, "files": digests}
        whole["seal"] = _seal(whole)
        (draft / MANIFEST).write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if card:
            (draft / CARD).write_text(card, encoding="utf-8")
        draft.chmod(0o755)
        _swap(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder


def read_model(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Give the manifest and the memory-mapped arrays of a model folder.

    Raises `NewerFormat` where the format is unknown to this version and `DamagedModel` where a file is missing or
    differs from its digest.
    """
    manifest = _read_manifest(folder)
    arrays = {}
    for name, digest in manifest["files"].items():
        file = folder / name
        if Path(name).name != name or not name.endswith(".npy"):
            raise DamagedModel(f"{folder / MANIFEST} lists {name!r}, which is no array of the folder; fetch it again.")
        if not file.is_file():
            raise DamagedModel(f"{file} is missing; copy the whole model folder again or run `poquan model rollback`.")
        if _digest(file) != digest:
            raise DamagedModel(
                f"{file} does not match its digest in {MANIFEST} (cut or changed); copy the model folder again or run "
                "`poquan model rollback`."
            )
        arrays[file.stem] = _read_array(file)
    return manifest, arrays


def digest_arrays(arrays: Arrays) -> str:
    """Give eight hexadecimal digits that name what arrays hold."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:8]


def _read_array(file: Path) -> NDArray[Any]:
    """Map one array. A digest only shows that a file is the one the manifest means, not that it is an array."""
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError) as error:
        raise DamagedModel(f"{file} is no plain array ({error}); fetch the model from where it was made.") from None
    if not isinstance(array, np.ndarray):
        raise DamagedModel(f"{file} is an archive, not a plain array; fetch the model from where it was made.")
    return array


def _read_manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DamagedModel(
            f"{folder} is no model folder: it has no {MANIFEST}; give the folder `make train` wrote."
        ) from None
    except (OSError, ValueError) as error:
        raise DamagedModel(f"{file} cannot be read ({error}); copy the model folder again.") from None
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if not isinstance(found, int) or not isinstance(manifest.get("files"), dict):
        raise DamagedModel(f"{file} is no manifest of a poquan model; copy the model folder again.")
    if found > FORMAT:
        raise NewerFormat(f"{folder} has model format {found}, this poquan reads up to {FORMAT}; update poquan.")
    whole: dict[str, Any] = manifest
    # A manifest written before seals has none; its arrays are still checked.
    if whole.pop("seal", None) not in (None, _seal(whole)):
        raise DamagedModel(f"{file} does not match its own seal (changed by hand?); copy the model folder again.")
    return whole


def _seal(manifest: Mapping[str, Any]) -> str:
    """Digest what a manifest says, however it is laid out."""
    plain = json.dumps({**manifest, "seal": None}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _swap(draft: Path, folder: Path) -> None:
    if not folder.exists():
        draft.replace(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.replace(old / "model")
    try:
        draft.replace(folder)
    except BaseException:
        (old / "model").replace(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
