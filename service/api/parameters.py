"""The parameters of an address: one that a route does not know is refused, not passed over."""

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request

from service.api.comments import SHOWN
from service.api.problem import Problem


async def only_known(request: Request) -> None:
    """Raise a 422 `Problem` for a parameter that the route does not have."""
    if not request.scope["query_string"]:
        return
    route: APIRoute = request.scope["route"]
    allowed = _names(route.dependant)
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in allowed]
    if not unknown:
        return
    takes = f"allowed are {', '.join(allowed)}" if allowed else "this address takes none"
    errors = [
        {
            "field": f"query.{name[:SHOWN]}",
            "value": request.query_params[name][:SHOWN],
            "message": f"There is no parameter {name[:SHOWN]!r} here; {takes}.",
        }
        for name in unknown
    ]
    raise Problem(422, errors[0]["message"], kind="parameter-not-allowed", title="Parameter not allowed", errors=errors)


def _names(dependant: Dependant) -> list[str]:
    names: list[str] = []
    for field in dependant.query_params:
        shape = field.field_info.annotation
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            names += [info.alias or name for name, info in shape.model_fields.items()]
        else:
            names.append(field.alias)
    for each in dependant.dependencies:
        names += _names(each)
    return names


ONLY_KNOWN = Depends(only_known)
"""Dependency of a router: its routes raise a 422 `Problem` for a parameter they do not have."""
