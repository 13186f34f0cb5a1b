"""Who may ask: with an API key set, everything but the two probes needs it."""

import hmac

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.problem import Problem

OPEN = frozenset({"/livez", "/readyz"})
"""What an orchestrator probes without knowing the key."""


class KeyRequired:
    """ASGI middleware: a request without the key is answered by a 401 problem.

    The key comes as `Authorization: Bearer <key>` or as `X-API-Key: <key>`.
    """

    def __init__(self, app: ASGIApp, key: SecretStr) -> None:
        self.app = app
        self.key = key.get_secret_value().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it may pass."""
        if scope["type"] != "http" or scope["path"] in OPEN or self._opens(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        detail = "This service needs a key. Send it as Authorization: Bearer <key>, or as X-API-Key: <key>."
        problem = Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
        await problem.response(scope["path"])(scope, receive, send)

    def _opens(self, headers: Headers) -> bool:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        given = credentials.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return hmac.compare_digest(given.encode("latin-1"), self.key)
