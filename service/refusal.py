"""Why pydantic refused a value, in words that say what is allowed; settings and requests tell it alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_MUST: Final = {
    "missing": "is missing",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must list at least {min_length}",
    "too_long": "must list at most {max_length}",
    "string_pattern_mismatch": "must match {pattern}",
    "literal_error": "must be {expected}",
    "path_type": "must be a path",
    "value_error": "{error}",
}


def requirement(faults: Sequence[Mapping[str, Any]]) -> str:
    """What a value had to be, from the errors pydantic found in it (several where it might have been of several kinds).

    >>> requirement([{"type": "less_than", "ctx": {"lt": 1.0}}])
    'must be below 1'
    >>> requirement([{"type": "string_type"}, {"type": "float_type"}])
    'must be a string or a number'
    """
    first, *others = dict.fromkeys(_requirement(fault) for fault in faults)
    return " or ".join([first, *(other.removeprefix("must be ") for other in others)])


def _requirement(fault: Mapping[str, Any]) -> str:
    template = _MUST.get(fault["type"])
    if template is None:
        return f"cannot be used ({str(fault['msg']).rstrip('.')})"
    return template.format_map({name: _plain(value) for name, value in fault.get("ctx", {}).items()})


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
