"""Circles as people name them: by key, by Chinese or English name, or by a part of the Chinese one."""

from collections.abc import Collection, Iterable
from pathlib import Path

from corpora.errors import CorporaError
from corpora.taxonomy import CIRCLES, Facet, read_facets, read_own_circles
from service.api.documents import not_allowed


def circle_keys(field: str, names: Iterable[str], circles: Collection[str], home: Path) -> list[str]:
    """The keys of the circles named, in their order; ``circles`` are those of the model, own names stand in ``home``.

    Raises a 422 `Problem` for a name that is no circle's, or where two name the same one.
    """
    keys: dict[str, str] = {}
    for name in names:
        key = name if name in circles else _key_of(field, name, circles, home)
        if key in keys:
            raise not_allowed(
                field, name, f"{field} names the circle {key} twice ({keys[key]}, {name}); each may stand there once."
            )
        keys[key] = name
    return list(keys)


def _key_of(field: str, name: str, circles: Collection[str], home: Path) -> str:
    facets = _facets(field, name, home)
    for facet in facets:
        if facet.key in circles and _plain(name) in _names(facet):
            return facet.key
    chinese = {facet.key: facet.chinese for facet in facets}
    known = ", ".join(f"{key} ({chinese[key]})" if key in chinese else key for key in circles)
    raise not_allowed(field, name, f"{field} names {name!r}, a circle the model does not know; it knows {known}.")


def _facets(field: str, name: str, home: Path) -> list[Facet]:
    try:
        return [*read_facets(CIRCLES), *read_own_circles(home)]
    except CorporaError as error:
        raise not_allowed(
            field, name, f"{field} names {name!r}, and the circles' names cannot be read: {error}"
        ) from None


def _names(facet: Facet) -> set[str]:
    return {_plain(name) for name in (facet.key, facet.chinese, facet.english, *facet.chinese.split("·"))}


def _plain(name: str) -> str:
    return " ".join(name.lower().split())
