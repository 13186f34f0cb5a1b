import asyncio
import base64
import hashlib
import hmac

import httpx
import pytest

from service.notify import Delivery, posting
from service.notify.posting import idempotency_key, open_client, post
from service.notify.retries import Outcome
from tests.service.notify.receiver import Answer, Receiver, address_of_nobody

BODY = '{"summary":"口碑转差"}'.encode()


def posted(url: str, secret: bytes | None = None) -> Outcome:
    async def attempt() -> Outcome:
        async with open_client(trust_env=False) as client:
            return await post(client, Delivery(7, url, BODY, 0), secret)

    return asyncio.run(attempt())


def test_the_body_arrives_as_json_with_its_key() -> None:
    with Receiver() as receiver:
        assert posted(receiver.url) == Outcome(200)
    [request] = receiver.received
    assert (request.path, request.body) == ("/hook", BODY)
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == idempotency_key(Delivery(7, "any", BODY, 3))
    assert "X-Poquan-Signature" not in request.headers


def test_an_id_used_again_has_another_key() -> None:
    assert idempotency_key(Delivery(7, "", b"one", 0)) != idempotency_key(Delivery(7, "", b"two", 0))
    assert idempotency_key(Delivery(7, "", b"one", 0)) != idempotency_key(Delivery(8, "", b"one", 0))


def test_with_a_secret_the_body_is_signed() -> None:
    with Receiver() as receiver:
        posted(receiver.url, secret=b"shared")
    expected = "sha256=" + hmac.new(b"shared", BODY, hashlib.sha256).hexdigest()
    assert receiver.received[0].headers["X-Poquan-Signature"] == expected


def test_credentials_of_the_address_go_into_the_header_they_belong_in() -> None:
    with Receiver() as receiver:
        posted(f"http://user:pass@{receiver.host}/hook")
    assert receiver.received[0].headers["Authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()


def test_a_refusal_keeps_the_beginning_of_what_was_said() -> None:
    with Receiver([Answer(400, body=b"bad label" + b"." * 5000)]) as receiver:
        outcome = posted(receiver.url)
    assert (outcome.status, outcome.lasting) == (400, True)
    assert outcome.detail.startswith("bad label")
    assert len(outcome.detail) <= 200


def test_a_redirect_on_the_same_server_is_followed_with_the_same_message() -> None:
    with Receiver([Answer(307, {"Location": "/moved?to=here"})]) as receiver:
        assert posted(f"http://user:pass@{receiver.host}/hook") == Outcome(200)
    first, second = receiver.received
    assert (second.path, second.body) == ("/moved?to=here", BODY)
    assert second.headers["Authorization"] == first.headers["Authorization"]
    assert second.headers["Idempotency-Key"] == first.headers["Idempotency-Key"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_redirect_to_another_host_is_not_followed(scheme: str) -> None:
    with Receiver() as other:
        elsewhere = f"{scheme}://localhost:{other.host.partition(':')[2]}/hook"
        with Receiver([Answer(308, {"Location": elsewhere}), Answer(302, {"Location": other.url})]) as receiver:
            assert posted(receiver.url).lasting
            assert posted(receiver.url).lasting  # another port is another server
    assert other.received == []


def test_a_redirect_without_end_is_left() -> None:
    with Receiver([Answer(307, {"Location": "/hook"})] * 9) as receiver:
        outcome = posted(receiver.url)
    assert (outcome.status, outcome.lasting, len(receiver.received)) == (307, True, 4)


def test_nobody_there_may_pass() -> None:
    outcome = posted(address_of_nobody())
    assert outcome.error == "It could not be reached (ConnectError)."
    assert not outcome.lasting


def test_no_answer_in_time_may_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def attempt() -> Outcome:
        async with httpx.AsyncClient(transport=httpx.MockTransport(never)) as client:
            return await post(client, Delivery(1, "http://slow.example", BODY, 0))

    monkeypatch.setattr(posting, "TIMEOUT", 0.01)
    outcome = asyncio.run(attempt())
    assert (outcome.status, outcome.lasting) == (None, False)
    assert outcome.error
