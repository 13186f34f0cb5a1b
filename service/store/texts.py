"""What a database takes as text."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Give a text as every database takes it: NUL and lone surrogates become the replacement character.

    >>> storable("好\\0看") == "好\\N{REPLACEMENT CHARACTER}看"
    True
    """
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text) if _UNSTORABLE.search(text) else text
