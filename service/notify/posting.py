"""One attempt at a delivery over HTTP."""

import asyncio
import hashlib
import hmac
import logging
from importlib.metadata import version

import httpx

from service.notify.outbox import Delivery
from service.notify.retries import Outcome, answered

TIMEOUT = 10.0
"""Seconds an attempt may take, redirects and all."""
MOST_REDIRECTS = 3

SIGNATURE = "X-Poquan-Signature"
IDEMPOTENCY = "Idempotency-Key"

_REDIRECTS = frozenset({301, 302, 307, 308})
_DETAIL = 200  # bytes kept of an answer that is a refusal: an Alertmanager says there what it did not like


def open_client(*, trust_env: bool = True) -> httpx.AsyncClient:
    """Open the client that deliveries are posted by; `trust_env` takes proxies from the environment."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # below that it tells every address in full
    headers = {
        "User-Agent": f"poquan/{version('poquan')}",
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",  # of an answer a few bytes are read, and none unpacked
    }
    return httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, headers=headers, trust_env=trust_env)


async def post(client: httpx.AsyncClient, delivery: Delivery, secret: bytes | None = None) -> Outcome:
    """Post a delivery once and give what came of it; raises nothing that the network or the receiver can cause."""
    headers = {IDEMPOTENCY: idempotency_key(delivery)}
    if secret:
        headers[SIGNATURE] = signature(delivery.body, secret)
    try:
        async with asyncio.timeout(TIMEOUT):
            return await _posted(client, httpx.URL(delivery.url), delivery.body, headers)
    except TimeoutError:
        return Outcome(error=f"It did not answer within {TIMEOUT:g} seconds.")
    except httpx.RequestError as error:
        return Outcome(error=f"It could not be reached ({type(error).__name__}).", detail=str(error))
    except httpx.InvalidURL:
        return Outcome(error="It redirects to something that is no address.", lasting=True)


def idempotency_key(delivery: Delivery) -> str:
    """Give what is the same for all attempts at a delivery and for no other: an id alone comes back once it is free."""
    return hashlib.sha256(b"%d:" % delivery.id + delivery.body).hexdigest()[:32]


def signature(body: bytes, secret: bytes) -> str:
    """Give the HMAC-SHA256 (RFC 2104) of a body, in hexadecimal after the name of the algorithm."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


async def _posted(client: httpx.AsyncClient, url: httpx.URL, body: bytes, headers: dict[str, str]) -> Outcome:
    for _ in range(MOST_REDIRECTS + 1):
        async with client.stream("POST", url, content=body, headers=headers) as response:
            location = response.headers.get("location")
            if response.status_code not in _REDIRECTS or not location:
                detail = "" if response.is_success else await _beginning(response)
                return answered(response.status_code, detail, response.headers.get("retry-after"))
        target = url.join(location)
        if not _is_same_place(url, target):
            return Outcome(response.status_code, "It redirects to another host.", target.host, lasting=True)
        url = target.copy_with(userinfo=url.userinfo)
    return Outcome(response.status_code, "It redirects again and again.", lasting=True)


def _is_same_place(url: httpx.URL, target: httpx.URL) -> bool:
    """Whether a message for `url` may go to `target`: the same server, or the same host by TLS."""
    if url.host != target.host:
        return False
    return (url.scheme, url.port) == (target.scheme, target.port) or (url.scheme, target.scheme) == ("http", "https")


async def _beginning(response: httpx.Response) -> str:
    async for chunk in response.aiter_bytes(_DETAIL):
        return chunk.decode("utf-8", "replace")
    return ""
