"""A small JSON body, read as one of the shapes that `/openapi.json` shows."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from service.api.body import NotJson, body_form, parse_json, read_body
from service.api.comments import shown
from service.api.places import Place, place_of
from service.api.problem import Problem
from service.refusal import requirement

Shape = TypeVar("Shape", bound=BaseModel)


async def read_document(request: Request, shape: type[Shape], max_bytes: int) -> Shape:
    """The body of a request; an empty one counts as an empty object.

    Raises a `Problem`: 400 for a body that is no JSON, 413 for one that is too large, 415 for another media type, 422
    for one of another shape.
    """
    body = await read_body(request, max_bytes)
    if not body and "content-type" not in request.headers:
        return _checked({}, shape)
    if body_form(request) != "json":
        raise Problem(415, "This address takes one JSON object: send it as application/json.", kind="media-type")
    try:
        document = parse_json(body)
    except NotJson as error:
        detail = f"The body is not JSON: {error}."
        raise Problem(
            400, detail, kind="not-json", title="The body is not JSON", line=error.line, column=error.column
        ) from None
    return _checked(document, shape)


def not_allowed(field: str, value: Any, message: str) -> Problem:
    """The 422 `Problem` that one member of a body has a value that cannot be used; `message` says what can."""
    error = {"index": None, "field": field, "value": shown(value), "message": message}
    return Problem(422, message, kind="body-shape", title="The body has a value that cannot be used", errors=[error])


def _checked(document: Any, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate(document)
    except ValidationError as found:
        errors = _faults(found, document, shape)
    title = "The body has a value that cannot be used"
    raise Problem(422, errors[0]["message"], kind="body-shape", title=title, errors=errors)


def _faults(found: ValidationError, document: Any, shape: type[BaseModel]) -> list[dict[str, Any]]:
    by_field: dict[str, list[Any]] = {}
    places: dict[str, Place] = {}
    for fault in found.errors():
        place = place_of(shape, fault["loc"])
        places[place.field] = place
        by_field.setdefault(place.field, []).append(fault)
    return [
        {
            "index": None,
            "field": field or "body",
            "value": None if faults[0]["type"] == "missing" else shown(faults[0]["input"]),
            "message": _sentence(places[field], faults),
        }
        for field, faults in by_field.items()
    ]


def _sentence(place: Place, faults: Sequence[Mapping[str, Any]]) -> str:
    example = "" if place.example is None else f", such as {orjson.dumps(place.example).decode()}"
    match faults[0]["type"]:
        case "missing":
            return f"{place.field} is missing; send it{example}."
        case "extra_forbidden":
            near = get_close_matches(place.field.rpartition(".")[2], place.members, n=1)
            meant = f"did you mean {near[0]}? Allowed" if near else "allowed"
            return f"There is no {place.field} here; {meant} are {', '.join(place.members)}."
    name = place.field or "The body"
    return f"{name} is {shown(faults[0]['input'])}; it {requirement(faults)}{example}."
