"""Markup in which what comes from outside is always escaped: comments are hostile input.

The page's pieces stand in `report.html`; `part` fills them in.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

_PIECES = Path(__file__).parents[1] / "report.html"


class Html(str):
    """Markup that may stand as it is."""

    __slots__ = ()


def part(name: str, /, **fields: object) -> Html:
    """Give a piece of `report.html` with its fields filled in; what is not markup is escaped."""
    return Html(_pieces()[name].substitute({key: _escaped(value) for key, value in fields.items()}))


def markup(form: str, *values: object) -> Html:
    """Give a small piece of markup with values for its braces; what is not markup is escaped.

    >>> markup("<b>{}</b>", "1 < 2")
    '<b>1 &lt; 2</b>'
    """
    return Html(form.format(*map(_escaped, values)))


def join(parts: Iterable[Html]) -> Html:
    """Give pieces of markup one after another."""
    return Html("".join(parts))


def section(name: str, chinese: str, english: str, body: Html, note: str = "") -> Html:
    """Give a section of the page under its heading; ``note`` tells how it is read."""
    return part("section", id=name, chinese=chinese, english=english, note=note, body=body)


def block(chinese: str, english: str, body: Html) -> Html:
    """Give what stands under a small heading; nothing where the body is empty."""
    return part("block", chinese=chinese, english=english, body=body) if body else body


def facts(said: Iterable[str]) -> Html:
    """Give short facts in one line; those that are empty are left out."""
    known = [markup("<span>{}</span>", each) for each in said if each]
    return part("facts", facts=join(known)) if known else Html()


def calm(chinese: str, english: str) -> Html:
    """Give what stands where there is nothing to show."""
    return part("calm", chinese=chinese, english=english)


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value))


@cache
def _pieces() -> Mapping[str, Template]:
    page, *rest = re.split(r"<!-- (?:part (\w+)|What follows.*?) -->", _PIECES.read_text(encoding="utf-8"))
    pieces = {name: Template(piece.rstrip("\n")) for name, piece in zip(rest[0::2], rest[1::2], strict=True) if name}
    return {"page": Template(page)} | pieces
