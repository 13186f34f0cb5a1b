"""A stream's name as it stands in an address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_SLASH = b"%2f"


def name_with_slash(scope: Mapping[str, Any]) -> str | None:
    """The name in the address of a stream where it has an encoded slash; None where it has none.

    Servers decode a path before it is routed, so such a name would be taken for two parts of the address.

    >>> name_with_slash({"raw_path": b"/streams/a%2Fb/alerts"}), name_with_slash({"raw_path": b"/streams/a/alerts"})
    ('a/b', None)
    """
    raw: bytes = scope.get("raw_path", b"")
    match raw.split(b"/"):
        case [_, b"streams", name, *_] if _SLASH in name.lower():
            return unquote(name.decode("ascii", "replace"))
    return None
