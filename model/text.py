"""Normalising: one spelling for one thing, before a comment is cut into words.

Width, case, traditional characters, HTML entities, runs of the same character, links and mentions are folded; emotes
such as ``[doge]`` and emoji stay, because they carry the mood. The result never holds a control character, a lone
surrogate or a line break, so that a batch can be joined by line breaks and cut in one call.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape

import opencc

#: A longer comment is read as its first and last half of this many characters.
MAX_CHARACTERS = 4096

_LINK = re.compile(r"(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[\w./?=&%#:+~-]*", re.ASCII)
_MENTION = re.compile(r"@[\w\-·]{1,30}")
_RUN = re.compile(r"(.)\1{3,}")
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Give the comment in the one spelling the model reads.

    >>> normalise("  ＧＯＯＤ！！！！！！ 這電影　哈哈哈哈哈哈 https://t.cn/A6x @路人甲 ")
    'good!!! 这电影 哈哈哈 @'
    >>> normalise("&quot;神作&quot;")
    '"神作"'
    >>> normalise("\\ud83d\\x00")
    '\\ufffd'
    """
    if len(text) > MAX_CHARACTERS:
        half = MAX_CHARACTERS // 2
        text = f"{text[:half]} {text[-half:]}"
    if "&" in text:
        text = unescape(text)
    text = text.translate(folding())
    if "//" in text:
        text = _LINK.sub(" ", text)
    if "@" in text:
        text = _MENTION.sub("@", text)
    text = _RUN.sub(r"\1\1\1", text)
    return _SPACE.sub(" ", text).strip()


@cache
def folding() -> dict[int, str]:
    """Map code points to what they are read as: simplified, half width, lower case, no control characters."""
    table = {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    table |= {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
    table |= dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x3000], " ")
    table |= dict.fromkeys([0x200B, 0x200C, 0x2060, 0xFEFF], "")
    table |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
    han = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00))]
    simplified = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    table |= {ord(old): new for old, new in zip(han, simplified, strict=True) if old != new and len(new) == 1}
    return table
