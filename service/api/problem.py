"""Everything that goes wrong over HTTP, told as `application/problem+json` (RFC 9457)."""

import logging
import traceback
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.stream_names import name_with_slash
from service.refusal import requirement
from service.scoring import Busy, NotReady
from service.store.errors import StoreError
from service.store.streams import check_name
from service.streams.live import StreamsOff, TooFarBehind

MEDIA_TYPE = "application/problem+json"
RETRY = {"Retry-After": "1"}
RETRY_LATER = {"Retry-After": "5"}

logger = logging.getLogger("poquan.service")


class Problem(Exception):
    """An answer other than the one asked for.

    `kind` names the sort of problem in its `type` (`urn:poquan:problem:<kind>`); without it the status says all.
    `errors` lists single faults as objects with `index`, `field`, `value` and `message`; `members` are further
    members of the document, such as the limit that was passed.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str | None = None,
        title: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers
        self.document: dict[str, Any] = {
            "type": f"urn:poquan:problem:{kind}" if kind else "about:blank",
            "title": title or HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            **members,
        }
        if errors:
            self.document["errors"] = errors

    def response(self, instance: str) -> Response:
        """The problem as a reply; `instance` is the path that met it."""
        content = orjson.dumps(self.document | {"instance": instance})
        return Response(content, self.status, dict(self.headers or {}), media_type=MEDIA_TYPE)


async def answer_problem(request: Request, error: Exception) -> Response:
    """Exception handler: `error` as a problem document."""
    if isinstance(error, HTTPException) and error.status_code in (404, 405):
        return _no_route(request, error.status_code).response(request.url.path)
    return as_problem(error).response(request.url.path)


def as_problem(error: Exception) -> Problem:
    """The problem that tells what `error` means to the caller."""
    match error:
        case Problem():
            return error
        case NotReady():
            return Problem(503, str(error), kind="not-ready", title="No model is loaded", headers=RETRY)
        case Busy():
            detail = f"{error} Send it again after a second, or more comments in fewer requests."
            return Problem(503, detail, kind="busy", title="Too many requests are waiting", headers=RETRY)
        case StreamsOff():
            return Problem(503, str(error), kind="streams-off", title="The streams are off")
        case TooFarBehind():
            detail = f"{error} Send it again after some seconds."
            return Problem(503, detail, kind="too-far-behind", title="Too many comments wait", headers=RETRY_LATER)
        case StoreError():
            return Problem(503, str(error), kind="store", title="The database cannot be used", headers=RETRY_LATER)
        case RequestValidationError():
            errors = [_parameter_error(fault) for fault in error.errors()]
            return _not_allowed(errors[0]["message"], errors)
        case HTTPException(status_code=status, detail=detail, headers=headers):
            return Problem(status, detail, headers=headers)
    return _incident(error)


HANDLED = (Problem, NotReady, Busy, StreamsOff, TooFarBehind, StoreError, RequestValidationError, HTTPException)
"""What `answer_problem` is registered for; anything else is caught by `CrashGuard`."""


class CrashGuard:
    """ASGI middleware: an unexpected error ends in a problem that tells no internals, and in the log.

    The log gets the kind of error and where it rose, not its message, which may quote a comment. A reply that had
    begun is cut off, so that its reader sees it is not whole.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and catch what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            problem = _incident(error)
            if not begun:
                await problem.response(scope["path"])(scope, receive, send)


def _incident(error: Exception) -> Problem:
    incident = str(uuid.uuid4())
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("Unexpected %s, incident %s\n%s", type(error).__name__, incident, frames)
    detail = f"The service met an error of its own. Its log tells more under incident {incident}."
    return Problem(500, detail, incident=incident)


def name_problem(name: str) -> Problem | None:
    """The 422 problem that no stream can be called so; None where one can."""
    try:
        check_name(name)
    except StoreError as error:
        return _not_allowed(str(error))
    return None


def _not_allowed(detail: str, errors: Sequence[Mapping[str, Any]] = ()) -> Problem:
    return Problem(422, detail, kind="parameter-not-allowed", title="Parameter not allowed", errors=errors)


def _no_route(request: Request, status: int) -> Problem:
    """The problem of an address there is nothing at, or that takes other methods."""
    name = name_with_slash(request.scope)
    if name is not None and (refused := name_problem(name)):
        return refused
    methods = {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path is not None and compile_path(route.path)[0].match(request.scope["path"])
        for method in route.methods or ()
    }
    if status == 404 or not methods:
        return Problem(404, "There is nothing at this address; /openapi.json lists what there is.")
    allowed = ", ".join(sorted(methods))
    return Problem(405, f"This address takes {allowed}, not {request.method}.", headers={"Allow": allowed})


def _parameter_error(fault: Mapping[str, Any]) -> dict[str, Any]:
    where, value = ".".join(str(part) for part in fault["loc"]), str(fault["input"])[:80]
    return {"field": where, "value": value, "message": f"{fault['loc'][-1]} is {value!r}; it {requirement([fault])}."}
