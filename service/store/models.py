"""The models whose scores are stored: what a comment's scores are to be read by."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from model import FacetNames
from service.store.schema import models

_OF_MODEL = select(models.c.names, models.c.n_dimensions).where(models.c.id == bindparam("model"))


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of a model's facets and the number of dimensions of its word vectors."""

    names: FacetNames
    n_dimensions: int


def find_or_add(connection: Connection, version: str, layout: Layout) -> int:
    """Give the number of a model, a new one where a model of this version and layout has stored nothing yet."""
    for row in connection.execute(select(models).where(models.c.version == version).order_by(models.c.id)):
        if _layout(row.names, row.n_dimensions) == layout:
            return int(row.id)
    names = {"circles": layout.names.circles, "aspects": layout.names.aspects, "stages": layout.names.stages}
    added = connection.execute(
        insert(models).values(version=version, names=names, n_dimensions=layout.n_dimensions).returning(models.c.id)
    )
    return int(added.scalar_one())


def layout_of(connection: Connection, model: int) -> Layout:
    """Give what the scores of a model are read by."""
    row = connection.execute(_OF_MODEL, {"model": model}).one()
    return _layout(row.names, row.n_dimensions)


def _layout(names: dict[str, list[str]], n_dimensions: int) -> Layout:
    circles, aspects, stages = (tuple(names[kind]) for kind in ("circles", "aspects", "stages"))
    return Layout(FacetNames(circles, aspects, stages), n_dimensions)
