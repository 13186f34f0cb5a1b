"""Send comments to the running service, however long it is away, and take note of those it refuses."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from service.errors import ServiceError, SettingsError
from service.following.messages import Message, requests
from service.settings import is_loopback

FIRST_WAIT = 1.0
"""Seconds before a request that was not answered is sent again; each further wait is twice the one before."""
LONGEST_WAIT = 60.0
"""Seconds that the waits grow to."""
TIMEOUT = 60.0
"""Seconds that the service may take to answer."""

_ABOUT_COMMENTS = frozenset({400, 413, 422})  # refusals that fewer or other comments would not meet
_LATER = frozenset({408, 425, 429})
_KEY = frozenset({401, 403})


@dataclass(slots=True)
class Receipt:
    """What the service did with the comments sent: how many, and which it refused for what reason."""

    accepted: int = 0
    duplicates: int = 0
    late: int = 0
    refused: list[tuple[Message, str]] = field(default_factory=list)


class Sender:
    """The way into one stream of the service at `url`; `say` is told when the service goes away and comes back.

    Raises `SettingsError` for an address that is none.
    """

    def __init__(
        self,
        url: str,
        stream: str,
        key: str | None,
        say: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(f"{url!r} is no address of a service; give one such as http://127.0.0.1:8000.")
        self._url = url
        self._address = f"{url}/streams/{quote(stream, safe='')}/comments"
        self._say = say
        self._sleep = sleep
        headers = {"Content-Type": "application/x-ndjson"} | ({"Authorization": f"Bearer {key}"} if key else {})
        logging.getLogger("httpx").setLevel(logging.WARNING)
        # A proxy of the environment would not reach a service on this machine.
        self._client = httpx.Client(headers=headers, timeout=TIMEOUT, trust_env=not is_loopback(parts.hostname))

    def send(self, messages: Sequence[Message]) -> Receipt:
        """Send all, in their order; returns when the service has answered for each.

        Raises `ServiceError` where it refuses for a reason that lies in none of the comments.
        """
        receipt = Receipt()
        for batch in requests(messages):
            self._deliver(batch, receipt)
        return receipt

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def _deliver(self, batch: Sequence[Message], receipt: Receipt) -> None:
        reply = self._post(b"\n".join(each.line for each in batch) + b"\n")
        if reply.status_code == HTTPStatus.OK:
            self._book(batch, reply, receipt)
        elif reply.status_code not in _ABOUT_COMMENTS:
            raise ServiceError(self._refusal(reply))
        elif len(batch) == 1:
            receipt.refused.append((batch[0], _reason(reply)))
        else:  # the one or the few that are to blame are found by halving
            self._deliver(batch[: len(batch) // 2], receipt)
            self._deliver(batch[len(batch) // 2 :], receipt)

    def _book(self, batch: Sequence[Message], reply: httpx.Response, receipt: Receipt) -> None:
        try:
            counts: dict[str, Any] = reply.json()
            receipt.accepted += int(counts["accepted"])
            receipt.duplicates += int(counts["duplicates"])
            receipt.late += int(counts["late"])
            receipt.refused += [(batch[error["index"]], str(error["message"])) for error in counts.get("errors", ())]
        except (ValueError, KeyError, TypeError, IndexError):
            raise ServiceError(
                f"What answers at {self._address} is not this service ({reply.text[:80]!r}); correct --to."
            ) from None

    def _post(self, body: bytes) -> httpx.Response:
        """Give the first answer that is one; while the service is away or busy, try again."""
        wait = FIRST_WAIT
        while True:
            try:
                reply = self._client.post(self._address, content=body)
                trouble = _reason(reply) if reply.status_code in _LATER or reply.is_server_error else None
            except httpx.TransportError as error:
                reply, trouble = None, str(error) or type(error).__name__
            if trouble is None:
                assert reply is not None
                if wait > FIRST_WAIT:
                    self._say(f"The service at {self._url} answers again.")
                return reply
            if wait == FIRST_WAIT:
                self._say(f"The service at {self._url} takes no comments now ({trouble}); trying until it does.")
            self._sleep(min(wait, LONGEST_WAIT))
            wait *= 2

    def _refusal(self, reply: httpx.Response) -> str:
        if reply.status_code in _KEY:
            return (
                f"The service at {self._url} does not accept the key ({_reason(reply)}); set POQUAN_API_KEY to its own."
            )
        return f"{self._address} takes no comments ({_reason(reply)}); see that --to and --stream are right."


def _reason(reply: httpx.Response) -> str:
    """The service's own words, or the status where it has none."""
    try:
        detail = reply.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = reply.reason_phrase
    return f"{reply.status_code}: {str(detail)[:200]}"
