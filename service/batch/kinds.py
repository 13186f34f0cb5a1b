"""What kinds of values each column holds, gathered as the rows go by: a Parquet file must state their types."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

Kinds = dict[str, set[str]]
"""By column some of bool, int, long (over 64 bits), float, text, day, time, moment (time with a zone), list, json."""

_PLAIN = {str: "text", float: "float", bool: "bool", dict: "json"}
_INT64 = range(-(2**63), 2**63)


def kinds_of(records: Iterable[Mapping[str, object]]) -> Kinds:
    """The kinds of values in each column; a column of nothing but None has the empty set.

    >>> kinds_of([{"a": 1, "b": None}, {"a": "x"}]) == {"a": {"int", "text"}, "b": set()}
    True
    """
    found: Kinds = {}
    for record in records:
        for name, value in record.items():
            if value is None:
                found.setdefault(name, set())
            else:
                found.setdefault(name, set()).add(_PLAIN.get(value.__class__) or _kind(value))
    return found


def merge_kinds(into: Kinds, more: Mapping[str, Iterable[str]]) -> None:
    """Add the kinds of further rows."""
    for name, kinds in more.items():
        into.setdefault(name, set()).update(kinds)


def _kind(value: object) -> str:
    if isinstance(value, int):
        return "int" if value in _INT64 else "long"
    if isinstance(value, datetime):
        return "time" if value.tzinfo is None else "moment"
    if isinstance(value, date):
        return "day"
    if isinstance(value, list):
        return "list" if all(isinstance(item, str) for item in value) else "json"
    return "text"
