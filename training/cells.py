"""The cells of a label file: names in any of the ways people write them, as the keys the project uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from corpora.taxonomy import Facet
from training.exports import LabelRow
from training.labels import POLARITY_TARGETS

#: A label once read: ``text``, ``platform``, ``work``, and of each kind what is told, None where nothing is.
Record = dict[str, Any]

_ALIASES = {
    "negative": "neg -1 负面 消极 负向 负 差评",
    "neutral": "neu 0 中性 中立 客观",
    "positive": "pos 1 正面 积极 正向 正 好评",
    "mixed": "mix 混合 褒贬不一 褒贬参半",
}
_POLARITY = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases.split())}
_NONE = {"none", "无", "没有", "-"}
_SEPARATORS = re.compile(r"[;；,，、|\n]")


class Unknown(Exception):
    """A cell that cannot be understood; the message is the reason for refusing the row."""


def read_cells(row: LabelRow, keys: Mapping[str, Mapping[str, str]]) -> Record:
    """Read the cells of a row; None for a kind whose cell is empty. Raises `Unknown` for a name nobody knows."""
    record: Record = {"text": row.text, "platform": row.platform, "work": row.work}
    record["polarity"] = _polarity(row.cells.get("polarity", []))
    for kind, known in keys.items():
        record[kind] = _names(kind, row.cells.get(kind, []), known)
    if len(record["stage"] or ()) > 1:
        raise Unknown(f"stage is {', '.join(record['stage'])}; a comment has one at most.")
    return record


def _polarity(cell: list[str]) -> str | None:
    names = {_POLARITY.get(text.strip().lower().removesuffix(".0")) for text in cell}
    if None in names or len(names) > 1:
        raise Unknown(f"polarity is {'; '.join(cell)!r}; allowed is one of {', '.join(POLARITY_TARGETS)}.")
    return names.pop() if names else None


def _names(kind: str, cell: list[str], known: Mapping[str, str]) -> list[str] | None:
    """Give the keys a cell names, None where it is empty; a name may hold spaces, so words are tried last."""
    if not cell:
        return None
    wholes = [[text] if _plain(text) in known else _SEPARATORS.split(text) for text in cell]
    parts = [part for whole in wholes for part in whole if part.strip()]
    words = [word for part in parts for word in ([part] if _plain(part) in known else part.split())]
    found: dict[str, None] = {}
    for word in words:
        if _plain(word) in _NONE:
            continue
        key = known.get(_plain(word))
        if key is None:
            advice = ", or add a table to circles.toml" if kind == "circles" else ""
            allowed = ", ".join(dict.fromkeys(known.values()))
            raise Unknown(f"{kind} names {word.strip()!r}; allowed are {allowed}{advice}.")
        found[key] = None
    return list(found)


def keys_of(facets: Iterable[Facet]) -> dict[str, str]:
    """Give the key of every name a facet goes by: the key, the Chinese name or a part of it, and the English name."""
    keys: dict[str, str] = {}
    for facet in facets:
        for name in (facet.key, facet.chinese, facet.english, *facet.chinese.split("·")):
            keys.setdefault(_plain(name), facet.key)
    return keys


def _plain(name: str) -> str:
    return " ".join(name.lower().split())
