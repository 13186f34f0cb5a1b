from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.service.api.conftest import Turned, post, turning, wait_watched
from tests.service.api.serving import serving, settings_for
from tests.service.notify.receiver import Receiver


def silence(*matchers: dict[str, Any], hours: float = 1, **members: Any) -> dict[str, Any]:
    ends = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    return {"matchers": list(matchers), "endsAt": ends, "createdBy": "mei", "comment": "点映场"} | members


OF_TURN = {"name": "stream", "value": "turn"}


def test_a_silenced_alert_is_shown_and_nobody_is_told(tmp_path: Path) -> None:
    with Receiver() as webhook, serving(settings_for(tmp_path, webhooks=webhook.url)) as service:
        client = service.client
        kept = client.post(
            "/silences", json=silence({"name": "stream", "value": "quiet|still", "isRegex": True})
        ).json()
        post(client, "quiet", turning())
        post(client, "turn", turning())
        wait_watched(service)
        assert webhook.arrived.acquire(timeout=30)
        firing = {each["stream"]: each["status"] for each in client.get("/alerts?state=firing").json()["alerts"]}
    assert firing["quiet"]["silencedBy"] == [kept["id"]]
    assert firing["turn"]["silencedBy"] == []
    assert all(b'"stream":"turn"' in body for body in webhook.bodies)


def test_what_still_fires_when_its_silence_ends_is_told_then_and_once(tmp_path: Path) -> None:
    with Receiver() as webhook, serving(settings_for(tmp_path, webhooks=webhook.url)) as service:
        client = service.client
        kept = client.post("/silences", json=silence(OF_TURN)).json()
        post(client, "turn", turning())
        wait_watched(service)
        firing = client.get("/alerts?state=firing").json()["alerts"]
        assert firing and webhook.bodies == []
        for _ in range(2):
            client.delete(f"/silences/{kept['id']}")
        for _ in firing:
            assert webhook.arrived.acquire(timeout=30)
        assert client.delete("/streams/turn").status_code == 204
        for _ in firing:  # that they ended is told after that they fire
            assert webhook.arrived.acquire(timeout=30)
    told = [alert for body in webhook.bodies for alert in orjson.loads(body)["alerts"]]
    assert [each["status"] for each in told] == ["firing"] * len(firing) + ["resolved"] * len(firing)


def test_of_the_end_of_what_nobody_was_told_of_nobody_is_told(tmp_path: Path) -> None:
    with Receiver() as webhook, serving(settings_for(tmp_path, webhooks=webhook.url)) as service:
        client = service.client
        client.post("/silences", json=silence({"name": "stream", "value": "quiet"}))
        for stream in ("quiet", "turn"):
            post(client, stream, turning())
        wait_watched(service)
        assert client.get("/streams/quiet").json()["firing"] > 0
        for stream in ("quiet", "turn"):
            client.delete(f"/streams/{stream}")
        for _ in range(2):
            assert webhook.arrived.acquire(timeout=30)
    assert all(b'"stream":"turn"' in body for body in webhook.bodies)


def test_a_silence_begins_lasts_and_is_ended(turned: Turned) -> None:
    client = turned.client
    made = client.post(
        "/silences", json=silence(OF_TURN, {"name": "severity", "value": "info", "isEqual": False})
    ).json()
    assert (made["status"], made["silenceID"], made["createdBy"]) == ({"state": "active"}, made["id"], "mei")
    assert made["matchers"][0] == {"name": "stream", "value": "turn", "isRegex": False, "isEqual": True}
    covered = [
        each["status"]["silencedBy"] for each in client.get("/streams/turn/alerts?severity=critical").json()["alerts"]
    ]
    assert covered and all(ids == [made["id"]] for ids in covered)
    assert client.delete(f"/silences/{made['id']}").json()["status"] == {"state": "expired"}
    assert made["id"] in [each["id"] for each in client.get("/silences").json()["silences"]]
    assert not any(each["status"]["silencedBy"] for each in client.get("/alerts").json()["alerts"])


def test_a_silence_may_begin_later_and_be_changed(client: httpx.Client) -> None:
    later = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    made = client.post("/silences", json=silence(OF_TURN, startsAt=later)).json()
    assert made["status"] == {"state": "pending"}
    changed = client.post("/silences", json=silence(OF_TURN, id=made["id"], comment="改期")).json()
    assert (changed["id"], changed["comment"], changed["status"]) == (made["id"], "改期", {"state": "active"})
    assert [each["id"] for each in client.get("/silences").json()["silences"]].count(made["id"]) == 1
    client.delete(f"/silences/{made['id']}")


def test_what_is_no_silence_is_told(client: httpx.Client) -> None:
    assert client.delete("/silences/nothing").json()["type"] == "urn:poquan:problem:no-silence"
    assert client.post("/silences", json=silence(OF_TURN, id="nothing")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (silence(), "matchers"),
        (silence({"name": "a b", "value": "x"}), "matchers.0.name"),
        (silence(OF_TURN, {"name": "stream", "value": "(a+)+", "isRegex": True}), "matchers.1.value"),
        (silence({"name": "stream", "value": "", "isEqual": True}), "matchers"),
        (silence({"name": "stream", "value": ".*", "isRegex": True}), "matchers"),
        (silence(OF_TURN, hours=-1), "endsAt"),
        (silence(OF_TURN, startsAt="2099-01-01"), "endsAt"),
        (silence(OF_TURN, endsAt="soon"), "endsAt"),
        (silence(OF_TURN, createdBy=""), "createdBy"),
    ],
)
def test_a_silence_that_cannot_be_is_refused(client: httpx.Client, asked: dict[str, Any], field: str) -> None:
    reply = client.post("/silences", json=asked)
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (silence(), 'matchers is []; it must list at least 1, such as [{"name":"stream",'),
        ({"matchers": [OF_TURN], "createdBy": "mei"}, 'endsAt is missing; send it, such as "2025-02-01T08:00'),
        (silence(OF_TURN, endsAt=[]), "endsAt is []; it must be a string or a number, such as"),
        (silence(OF_TURN | {"valeu": "x"}), "no matchers.0.valeu here; did you mean value? Allowed are name, value,"),
        (silence(OF_TURN, endsAt="soon"), 'endsAt is "soon"; it must be a time in ISO 8601'),
    ],
)
def test_a_refusal_says_what_is_allowed(client: httpx.Client, asked: dict[str, Any], told: str) -> None:
    assert told in client.post("/silences", json=asked).json()["detail"]
