import logging
from typing import Any

import httpx
import pytest

from service.api.score import LINES_AT_ONCE
from tests.service.api.serving import Service

SECRET = "导演的秘密"


class Broken:
    """A scorer that fails after a number of good answers."""

    def __init__(self, real: Any, good: int) -> None:
        self.real, self.good, self.version, self.compiled = real, good, "broken", True

    def score(self, texts: list[str], **options: Any) -> Any:
        self.good -= 1
        if self.good < 0:
            raise RuntimeError(f"cannot score {texts[0]}")
        return self.real.score(texts, **options)


def test_an_unexpected_error_tells_nothing_of_the_inside(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service.app.state.live, "_scorer", Broken(None, good=0))
    reply = service.client.post("/score", json={"text": SECRET})
    assert reply.status_code == 500
    assert reply.headers["content-type"] == "application/problem+json"
    assert "RuntimeError" not in reply.text and SECRET not in reply.text
    assert reply.json()["incident"] in caplog.text
    assert "RuntimeError" in caplog.text and SECRET not in caplog.text


def test_an_answer_that_breaks_off_cannot_be_taken_for_whole(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    live = service.app.state.live
    monkeypatch.setattr(live, "_scorer", Broken(live.scorer, good=1))
    body = f'{{"text": "{SECRET}"}}\n' * (LINES_AT_ONCE + 1)
    with pytest.raises(httpx.RemoteProtocolError):
        service.client.post("/score", content=body, headers={"Content-Type": "application/x-ndjson"})
    assert SECRET not in caplog.text


def test_comments_do_not_reach_the_log(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client.post("/score?explain=true", json={"text": SECRET})
    client.post("/score", json={"comments": [{"text": SECRET}, {"text": [SECRET]}]})
    assert caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/docs", 404),
        ("GET", "/score/", 404),
        ("GET", "/score", 405),
        ("DELETE", "/model", 405),
        ("OPTIONS", "/score", 405),
        ("GET", "/%F0%28%8C%28", 404),
    ],
)
def test_a_wrong_address_or_method_is_a_problem(client: httpx.Client, method: str, path: str, status: int) -> None:
    reply = client.request(method, path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status
    assert ("allow" in reply.headers) == (status == 405)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/streams/x", "DELETE, GET, PUT"),
        ("PUT", "/silences", "GET, POST"),
        ("DELETE", "/streams/x/comments", "POST"),
    ],
)
def test_a_wrong_method_is_told_all_that_the_address_takes(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    reply = client.request(method, path)
    assert (reply.status_code, reply.headers["allow"]) == (405, allowed)
    assert reply.json()["detail"] == f"This address takes {allowed}, not {method}."


def test_no_other_site_is_let_in(client: httpx.Client) -> None:
    reply = client.post("/score", json={"text": "a"}, headers={"Origin": "https://example.org"})
    assert not [name for name in reply.headers if name.startswith("access-control-")]
