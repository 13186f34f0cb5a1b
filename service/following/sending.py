"""Send comments to the running service, however long it is away, and take note of those it refuses."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from math import inf
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
CONNECT_TIMEOUT = 5.0
"""Seconds that a connection may take."""

STREAMS_OFF = "urn:poquan:problem:streams-off"
_NO_STREAM = "urn:poquan:problem:no-stream"
_BUSY = frozenset({"urn:poquan:problem:busy", "urn:poquan:problem:too-far-behind"})  # it is there and works

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


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why there is no answer yet; `busy` where the service is there but has too much to do."""

    reason: str
    busy: bool = False


class Sender:
    """The way into one stream of the service at `url`; `say` is told when the service goes away and comes back.

    A service that is away is tried again until the waits come to `patience` seconds, one that is busy without end.
    Raises `SettingsError` for an address that is none.
    """

    def __init__(
        self,
        url: str,
        stream: str,
        key: str | None,
        say: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
        patience: float = inf,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(f"{url!r} is no address of a service; give one such as http://127.0.0.1:8000.")
        self._url = url
        self._stream = f"{url}/streams/{quote(stream, safe='')}"
        self._address = f"{self._stream}/comments"
        self._say = say
        self._sleep = sleep
        self._patience = patience
        headers = {"Content-Type": "application/x-ndjson"} | ({"Authorization": f"Bearer {key}"} if key else {})
        logging.getLogger("httpx").setLevel(logging.WARNING)
        # A proxy of the environment would not reach a service on this machine.
        own = is_loopback(parts.hostname)
        timeout = httpx.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT)
        self._client = httpx.Client(headers=headers, timeout=timeout, trust_env=not own)

    def send(self, messages: Sequence[Message]) -> Receipt:
        """Send all, in their order; returns when the service has answered for each.

        Raises `ServiceError` where it refuses for a reason that lies in none of the comments, or stays away.
        """
        receipt = Receipt()
        for batch in requests(messages):
            self._deliver(batch, receipt)
        return receipt

    def created(self) -> str | None:
        """Give when the service made the stream, in its own words; None where it has no such stream.

        Raises `ServiceError` as `send` does.
        """
        reply = self._request("GET", self._stream)
        if _kind(reply) == _NO_STREAM:
            return None
        if reply.status_code != HTTPStatus.OK:
            raise ServiceError(self._refusal(reply))
        try:
            return str(reply.json()["created"])
        except (ValueError, KeyError, TypeError):
            raise self._another(reply) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def _deliver(self, batch: Sequence[Message], receipt: Receipt) -> None:
        reply = self._request("POST", self._address, b"\n".join(each.line for each in batch) + b"\n")
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
            raise self._another(reply) from None

    def _request(self, method: str, address: str, body: bytes | None = None) -> httpx.Response:
        """Give the first answer that is one; while the service is away or busy, try again."""
        wait, away = FIRST_WAIT, 0.0
        while isinstance(answer := self._try(method, address, body), _Trouble):
            if away >= self._patience:
                raise ServiceError(
                    f"The service at {self._url} takes no comments, and was tried for {away:.0f} s ({answer.reason}); "
                    "start it with poquan serve, or see that --to is right."
                )
            if wait == FIRST_WAIT:
                until = "it does" if self._patience == inf else f"it does, for {self._patience:.0f} s"
                self._say(f"The service at {self._url} takes no comments now ({answer.reason}); trying until {until}.")
            pause = min(wait, LONGEST_WAIT)
            self._sleep(pause)
            away += 0 if answer.busy else pause
            wait *= 2
        if wait > FIRST_WAIT:
            self._say(f"The service at {self._url} answers again.")
        return answer

    def _try(self, method: str, address: str, body: bytes | None) -> httpx.Response | _Trouble:
        try:
            reply = self._client.request(method, address, content=body)
        except httpx.TransportError as error:
            return _Trouble(str(error) or type(error).__name__)
        if _kind(reply) == STREAMS_OFF:
            raise ServiceError(
                f"The service at {self._url} takes no comments as long as it runs ({_reason(reply)}); start it with "
                "POQUAN_STREAMS true and one worker."
            )
        if reply.status_code in _LATER or reply.is_server_error:
            return _Trouble(_reason(reply), reply.status_code in _LATER or _kind(reply) in _BUSY)
        return reply

    def _another(self, reply: httpx.Response) -> ServiceError:
        return ServiceError(f"What answers at {self._stream} is not this service ({reply.text[:80]!r}); correct --to.")

    def _refusal(self, reply: httpx.Response) -> str:
        if reply.status_code in _KEY:
            return (
                f"The service at {self._url} does not accept the key ({_reason(reply)}); set POQUAN_API_KEY to its own."
            )
        return f"{self._address} takes no comments ({_reason(reply)}); see that --to and --stream are right."


def _reason(reply: httpx.Response) -> str:
    """The service's own words, or the status where it has none."""
    return f"{reply.status_code}: {str(_member(reply, 'detail') or reply.reason_phrase)[:200]}"


def _kind(reply: httpx.Response) -> object:
    """The sort of problem that an answer tells of."""
    return None if reply.is_success else _member(reply, "type")


def _member(reply: httpx.Response, name: str) -> object:
    try:
        return reply.json().get(name)
    except (ValueError, AttributeError):
        return None
