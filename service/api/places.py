"""Where in the shape of a body a fault stands, and what may stand there."""

from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

_BRANCHES = ("str", "int", "float")
"""What pydantic puts behind a field's name for each kind that a value might have had."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a body: its ``field`` (``matchers.0.name``, empty for the body itself), the ``members`` that the
    object around it may have, and an ``example`` of its value where the shape has one."""

    field: str
    members: tuple[str, ...]
    example: Any


def place_of(shape: type[BaseModel], location: tuple[int | str, ...]) -> Place:
    """The place of a fault in a body of that shape; ``location`` is where pydantic says it stands."""
    around: type[BaseModel] | None = shape
    members = shape.model_fields
    annotation: Any = shape
    example: Any = None if location else _example_of(shape)
    field: list[str] = []
    for part in location:
        if around is not None and part in around.model_fields:
            members = around.model_fields
            known = members[str(part)]
            annotation, around, example = (
                known.annotation,
                _model_in(known.annotation),
                next(iter(known.examples or ()), None),
            )
        elif get_origin(annotation) in (Union, UnionType) and part in _BRANCHES:
            continue
        else:
            members = members if around is None else around.model_fields
            example = _within(example)
        field.append(str(part))
    return Place(".".join(field), tuple(members), example)


def _example_of(shape: type[BaseModel]) -> dict[str, Any]:
    """The first member that has an example, or all that are needed."""
    shown = {name: known.examples[0] for name, known in shape.model_fields.items() if known.examples}
    needed = {name: example for name, example in shown.items() if shape.model_fields[name].is_required()}
    return needed or dict(list(shown.items())[:1])


def _within(example: Any) -> Any:
    """What stands in an example: the first entry of a list, the first value of an object."""
    values = example.values() if isinstance(example, dict) else example if isinstance(example, list) else ()
    return next(iter(values), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)
