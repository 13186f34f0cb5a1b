from pathlib import Path

import pytest

from tests.service.api.conftest import post, turning, wait_watched
from tests.service.api.serving import serving, settings_for, wait_for
from tests.service.notify.receiver import Answer, Receiver


def test_what_a_webhook_refuses_is_kept_and_can_be_sent_again(tmp_path: Path) -> None:
    with Receiver([Answer(400)]) as webhook, serving(settings_for(tmp_path, webhooks=webhook.url)) as service:
        client = service.client
        post(client, "turn", turning())
        wait_watched(service)
        wait_for(lambda: client.get("/dead-letters").json()["dead_letters"])
        [letter] = client.get("/dead-letters?limit=1").json()["dead_letters"]
        assert letter["address"] == f"http://{webhook.host}/…"
        assert letter["message"]["alerts"][0]["labels"]["stream"] == "turn"
        assert "400" in letter["error"]
        assert "\npoquan_dead_letters 1.0\n" in client.get("/metrics").text
        before = len(webhook.bodies)
        assert client.post("/dead-letters/retry").json() == {"retried": 1}
        wait_for(lambda: len(webhook.bodies) > before)
        wait_for(lambda: client.get("/dead-letters").json() == {"dead_letters": [], "next": None})


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=-1", "after=x"])
def test_what_cannot_be_asked_for_is_told(tmp_path_factory: pytest.TempPathFactory, query: str) -> None:
    with serving(settings_for(tmp_path_factory.mktemp("letters"), streams=False), ready=False) as service:
        assert service.client.get(f"/dead-letters?{query}").status_code == 422
