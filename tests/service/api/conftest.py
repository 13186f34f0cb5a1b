import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.service.api.serving import Service, serving, settings_for, wait_for
from tests.service.notify.receiver import Receiver
from tests.service.streams.saying import comment, mixed

BEGIN = 1_738_152_000.0
"""When the stream of the fixture `turned` begins; a comment comes every ten seconds."""

SHIFT = 300
"""The comment from which on it is scornful."""


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(settings_for(tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.fixture(scope="session")
def client(service: Service) -> httpx.Client:
    return service.client


@dataclass(frozen=True)
class Turned:
    """A service with a stream `turn` whose word of mouth has turned, then a stream `other`, and the webhook told."""

    service: Service
    client: httpx.Client
    webhook: Receiver


@pytest.fixture(scope="session")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turned]:
    home = tmp_path_factory.mktemp("turned")
    with (
        Receiver() as webhook,
        serving(settings_for(home, webhooks=webhook.url, external_url="http://poquan.example")) as service,
    ):
        post(service.client, "turn", turning())
        wait_watched(service)
        post(service.client, "other", turning(2))
        wait_watched(service)
        yield Turned(service, service.client, webhook)


def turning(seed: int = 1) -> list[dict[str, Any]]:
    """Comments of a work whose word of mouth turns at `SHIFT`."""
    chance = random.Random(seed)
    texts = [mixed(chance, 0.05 if place < SHIFT else 0.7) for place in range(SHIFT + 150)]
    return [
        comment(place, text, BEGIN + 10 * place, platform="weibo", likes=place % 7) for place, text in enumerate(texts)
    ]


def post(client: httpx.Client, stream: str, comments: Sequence[dict[str, Any]], at_once: int = 150) -> dict[str, int]:
    """Send comments; give the sums of what became of them."""
    counts = dict.fromkeys(("accepted", "duplicates", "late", "rejected"), 0)
    for start in range(0, len(comments), at_once):
        reply = client.post(f"/streams/{stream}/comments", json={"comments": comments[start : start + at_once]})
        assert reply.status_code == 200, reply.text
        for name in counts:
            counts[name] += reply.json()[name]
    return counts


def wait_watched(service: Service) -> None:
    wait_for(lambda: service.app.state.streams.behind == 0)
