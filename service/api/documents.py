"""A small JSON body, read as one of the shapes that `/openapi.json` shows."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from service.api.body import NotJson, body_form, parse_json, read_body
from service.api.comments import shown
from service.api.problem import Problem

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
        errors = [
            {
                "index": None,
                "field": ".".join(map(str, fault["loc"])) or "body",
                "value": None if fault["type"] == "missing" else shown(fault["input"]),
                "message": f"{fault['msg'].removeprefix('Value error, ').rstrip('.')}.",
            }
            for fault in found.errors()
        ]
    first = errors[0]
    detail = f"The body cannot be used; {first['field']}: {first['message']}"
    raise Problem(422, detail, kind="body-shape", title="The body has a value that cannot be used", errors=errors)
