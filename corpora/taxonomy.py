"""The facets a comment may carry (audience circles, aspects, stages): what each is and which words speak for it.

The shipped ones stand in `circles.toml`, `aspects.toml` and `stages.toml`, a user's own circles in
`local/circles.toml`; the form is explained at the head of the shipped files.

>>> [circle.key for circle in read_facets(CIRCLES)][:3]
['anime', 'family', 'scifi']
>>> read_facets(STAGES)[0].chinese
'想看'
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from corpora.errors import CorporaError

_HERE = Path(__file__).parent
CIRCLES = _HERE / "circles.toml"
"""The shipped audience circles (圈层)."""
ASPECTS = _HERE / "aspects.toml"
"""The shipped aspects: what a judgement is about."""
STAGES = _HERE / "stages.toml"
"""The shipped stages, from wanting to see a work to asking for the money back."""

GAP = "…"
"""What stands in a cue for a few characters of any kind (`corpora.cues.MAX_GAP` at most)."""
MAX_CUE = 30
"""The longest cue, in characters: a cue is a word or a short phrase, not a sentence."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NAMES = ("chinese", "english")
_TEXTS = (*_NAMES, "definition")
_LISTS = ("cues", "counter_cues", "examples")


@dataclass(frozen=True, slots=True)
class Facet:
    """One circle, aspect or stage.

    `cues` are phrases that speak for the facet where they stand in a comment, `counter_cues` phrases that take the
    cues' word away; `definition` (Chinese) and `examples` are for people.
    """

    key: str
    chinese: str
    english: str
    definition: str
    cues: tuple[str, ...]
    counter_cues: tuple[str, ...]
    examples: tuple[str, ...]


def read_facets(path: Path) -> tuple[Facet, ...]:
    """The facets of a TOML file, in its order, one table each.

    A table needs `cues` and one of `chinese` and `english` (the other falls back to it); the rest may be absent.

    Raises `CorporaError`, naming file, table, key, bad value and remedy, where the file is not of that form.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CorporaError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error
    except UnicodeDecodeError as error:
        raise CorporaError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise CorporaError(
            f"{path} is not TOML: {error}; a table begins with [key], texts stand in double quotes, and a key or table "
            "in Chinese is not allowed unquoted: write a Latin key and put the Chinese name in `chinese`."
        ) from error
    if not tables:
        raise CorporaError(f'{path} holds no table; write one per facet: [key], chinese = "...", cues = ["..."].')
    return tuple(_facet(path, key, table) for key, table in tables.items())


def read_own_circles(folder: Path) -> tuple[Facet, ...]:
    """The user's own circles, from `folder/circles.toml`; none where there is no such file.

    A key of a shipped circle is allowed: its cues are meant as further cues of that circle, and the caller joins them.

    Raises `CorporaError` as `read_facets` does.
    """
    path = folder / "circles.toml"
    return read_facets(path) if path.exists() else ()


def _facet(path: Path, key: str, table: object) -> Facet:
    if not _KEY.fullmatch(key):
        raise CorporaError(
            f"{path} has the table [{key}]; a key is 1 to 32 of a-z, 0-9 and _ and begins with a letter: choose such a "
            "key and put the Chinese name in `chinese`."
        )
    if not isinstance(table, dict):
        raise CorporaError(
            f"{path} sets {key} to {_short(table)} outside a table; put it below a line [key] of its facet."
        )
    where = f"{path} [{key}]"
    if unknown := [name for name in table if name not in (*_TEXTS, *_LISTS)]:
        raise CorporaError(
            f"{where} has {unknown[0]} = {_short(table[unknown[0]])}; allowed are {', '.join((*_TEXTS, *_LISTS))}: "
            "rename or remove it."
        )
    texts = {name: _text(where, name, table.get(name, "")) for name in _TEXTS}
    lists = {name: _list(where, name, table.get(name, [])) for name in _LISTS}
    chinese, english = texts["chinese"] or texts["english"], texts["english"] or texts["chinese"]
    if not chinese:
        raise CorporaError(f'{where} has no name (chinese = "", english = ""); give it one of the two.')
    if not lists["cues"]:
        raise CorporaError(f"{where} has no cues (cues = []); give 10 to 30 phrases that speak for it.")
    for name in ("cues", "counter_cues"):
        for cue in lists[name]:
            _check_cue(where, name, cue)
    return Facet(key, chinese, english, texts["definition"], *(lists[name] for name in _LISTS))


def _text(where: str, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise CorporaError(f'{where} has {name} = {_short(value)}; it must be a text: {name} = "...".')
    return value.strip()


def _list(where: str, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CorporaError(f'{where} has {name} = {_short(value)}; it must be a list of texts: {name} = ["..."].')
    return tuple(value)


def _check_cue(where: str, name: str, cue: str) -> None:
    if "\n" in cue or not all(part.strip() for part in cue.split(GAP)):
        raise CorporaError(
            f"{where} has {cue!r} in {name}; a cue must not be empty or hold a line break, nor begin or end with {GAP} "
            "or have two in a row: complete or remove it."
        )
    if len(cue) > MAX_CUE:
        raise CorporaError(
            f"{where} has {cue!r} in {name}, {len(cue)} characters; at most {MAX_CUE} are allowed: keep the few words "
            "that speak for the facet."
        )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
