"""A segment made a circle: a table in the user's own `circles.toml`, which the next `make train` learns from.

The file lies in the home (`POQUAN_HOME`), the one place the running service writes to. Tables that are there stay as
they are, to the letter; the new one is put behind them.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

from corpora.errors import CorporaError
from corpora.taxonomy import CIRCLES, GAP, MAX_CUE, Facet, read_facets, read_own_circles
from model.text import normalise
from service.errors import ServiceError
from service.monitor.rising_terms import RisingTerm

#: The own circles of a home, the name `corpora.taxonomy.read_own_circles` looks for.
OWN_CIRCLES = "circles.toml"

_MOST_CUES: Final = 30
_MOST_EXAMPLES: Final = 40
_CLEAR_Z: Final = 4.0
_MOST_OUTSIDE: Final = 0.01
_LEAST_CHARACTERS: Final = 2
_LEAST_TERMS: Final = 5
_ORIGIN = re.compile(r"\[(\w+)\]\s*# made of (.+)")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_writing = Lock()


class PromotionError(ServiceError):
    """A segment cannot be made a circle."""


class AlreadyPromotedError(PromotionError):
    """A segment is a circle already: the table ``key`` of ``path``."""

    def __init__(self, origin: str, key: str, path: Path) -> None:
        super().__init__(
            f"{origin} is already promoted as the circle {key} in {path}; change that table, or take it out to write "
            "the segment anew."
        )
        self.key = key
        self.path = path


def clear_terms(terms: Sequence[RisingTerm]) -> list[str]:
    """Give the terms that are clearly a segment's, the surest first; ``terms`` come in that order.

    Those are terms of two characters or more, of a z-score of 4, that under 1 % of the comments beside it hold; where
    there are fewer than five, the surest others come behind them.
    """
    usable = [each for each in terms if len(each.term) >= _LEAST_CHARACTERS]
    clear = [each for each in usable if each.z >= _CLEAR_Z and each.before < _MOST_OUTSIDE]
    others = [each for each in usable if each not in clear]
    return [each.term for each in clear + others[: max(0, _LEAST_TERMS - len(clear))]]


def promote_segment(
    home: Path,
    key: str,
    chinese: str,
    cues: Iterable[str],
    examples: Iterable[str],
    *,
    english: str = "",
    definition: str = "",
    counter_cues: Iterable[str] = (),
    taken: Collection[str] = (),
    origin: str = "",
) -> Path:
    """Write a circle of the user's own behind those of ``home / "circles.toml"``; give the file.

    ``cues`` are brought to the spelling they are matched in, the first 30 that can be cues are taken (10 or more make
    a good circle), and the first 40 ``examples``. ``taken`` are keys that are in use elsewhere.
    ``origin`` names the segment as no other ever; it stands behind the key in the file, so that none is written twice.

    Raises `PromotionError` where the key is no key or is in use, in the home or among the shipped circles, where no
    cue is left, or where the file is not as it should be or cannot be written, and `AlreadyPromotedError` where the
    table of that origin is there; the file then stays as it was.
    """
    path, origin = home / OWN_CIRCLES, _writable(origin)
    _check_new(path, origin)
    _check_key(key, chinese)
    usable = _usable(cues)
    if not usable:
        raise PromotionError(
            f"The circle {key} has no usable cue; give some words or short phrases of at most {MAX_CUE} characters."
        )
    table = _table(
        key,
        {"chinese": chinese.strip(), "english": english.strip(), "definition": definition.strip()},
        {
            "cues": usable[:_MOST_CUES],
            "counter_cues": [cue for cue in _usable(counter_cues) if cue not in usable],
            "examples": [text for text in dict.fromkeys(map(_writable, examples)) if text][:_MOST_EXAMPLES],
        },
        origin,
    )
    with _writing:
        _check_new(path, origin)
        _check_free(path, key, taken)
        _append(path, table)
    return path


def default_key(segment_id: str, home: Path, taken: Collection[str] = ()) -> str:
    """Give a key for a segment: its id where that is free, else the id with the first free number behind it."""
    used = _used(home / OWN_CIRCLES) | set(taken)
    key, number = segment_id, 2
    while key in used:
        key, number = f"{segment_id}_{number}", number + 1
    return key


def _check_new(path: Path, origin: str) -> None:
    keys = {circle.key for circle in _own(path)} if origin else set()
    for line in path.read_text(encoding="utf-8-sig").splitlines() if keys else ():
        found = _ORIGIN.fullmatch(line.strip())
        if found and found[2] == origin and found[1] in keys:
            raise AlreadyPromotedError(origin, found[1], path)


def _check_key(key: str, chinese: str) -> None:
    if not _KEY.fullmatch(key):
        raise PromotionError(
            f"{key!r} cannot be the key of a circle; a key is 1 to 32 of a-z, 0-9 and _ and begins with a letter: "
            "choose such a key and give the Chinese name as its name."
        )
    if not chinese.strip():
        raise PromotionError(f"The circle {key} has no name ({chinese!r}); give it a name.")


def _check_free(path: Path, key: str, taken: Collection[str]) -> None:
    own = any(circle.key == key for circle in _own(path))
    if own or key in _used(path) or key in taken:
        where = f"in {path}" if own else "elsewhere" if key in taken else "among the shipped circles"
        raise PromotionError(f"The circle {key} is there already, {where}; choose another key.")


def _used(path: Path) -> set[str]:
    return {circle.key for circle in (*read_facets(CIRCLES), *_own(path))}


def _own(path: Path) -> tuple[Facet, ...]:
    """Give the circles that are in the file; none where it is absent or holds nothing but comments."""
    try:
        if not path.exists() or not tomllib.loads(path.read_text(encoding="utf-8-sig")):
            return ()
        return read_own_circles(path.parent)
    except CorporaError as error:
        raise PromotionError(f"{error} Nothing was written.") from error
    except OSError as error:
        raise PromotionError(f"{path} cannot be read ({error.strerror}); check the home and its rights.") from error
    except ValueError as error:  # no UTF-8, or no TOML
        raise PromotionError(f"{path} cannot be read as TOML ({error}); mend it. Nothing was written.") from error


def _append(path: Path, table: str) -> None:
    """Put a table behind a file so that a kill at any moment leaves the old file or the new one whole."""
    draft = path.with_name(f".{path.name}.new") / path.name  # a folder of its own: it is read once before it counts
    try:
        before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        draft.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.write(f"{before.rstrip()}\n\n{table}" if before.strip() else table)
            file.flush()
            os.fsync(file.fileno())
        read_own_circles(draft.parent)
        draft.replace(path)
    except OSError as error:
        raise PromotionError(f"{path} cannot be written ({error.strerror}); check the home and its rights.") from error
    except CorporaError as error:
        raise PromotionError(f"The circle cannot be written: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
        if draft.parent.is_dir():
            draft.parent.rmdir()


def _usable(phrases: Iterable[str]) -> list[str]:
    """Give the phrases that can be cues, in the spelling they are matched in, each once."""
    spelt = dict.fromkeys(_writable(normalise(phrase)) for phrase in phrases)
    return [cue for cue in spelt if len(cue) <= MAX_CUE and all(part.strip() for part in cue.split(GAP))]


def _writable(text: str) -> str:
    """Give the text in one line, without halves of surrogate pairs, which UTF-8 does not have."""
    return re.sub(r"\s+", " ", text.encode("utf-8", "replace").decode("utf-8")).strip()


def _table(key: str, texts: Mapping[str, str], lists: Mapping[str, Sequence[str]], origin: str) -> str:
    """Give a circle as a TOML table; what is empty is left out."""
    head = f"[{key}]  # made of {origin}" if origin else f"[{key}]"
    lines = [head, *(f"{name} = {_quoted(_writable(text))}" for name, text in texts.items() if text)]
    for name, items in lists.items():
        if items:
            lines += [f"{name} = [", *(f"    {_quoted(item)}," for item in items), "]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Give a TOML basic string: JSON's escapes are TOML's, but for DEL, which TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
