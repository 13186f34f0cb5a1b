import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from service.store.record import Processed
from tests.service.api.conftest import BEGIN, SHIFT, Turned
from tests.service.api.serving import Service, wait_for
from tests.service.store.making import alert


@pytest.fixture(scope="module")
def fired(turned: Turned) -> dict[str, Any]:
    [alert] = turned.client.get("/streams/turn/alerts?alertname=backlash&state=firing").json()["alerts"]
    found: dict[str, Any] = alert
    return found


def test_a_planted_turn_fires_soon_and_says_when_it_began(fired: dict[str, Any]) -> None:
    assert fired["labels"] == {"alertname": "backlash", "stream": "turn", "signal": "negative", "severity": "critical"}
    assert fired["status"] == {"state": "firing", "silencedBy": [], "acknowledged": None}
    assert fired["endsAt"] is None
    assert SHIFT < fired["detected"]["comment"] <= SHIFT + 40
    assert abs(datetime.fromisoformat(fired["onset"]["time"]).timestamp() - (BEGIN + 10 * SHIFT)) < 400
    assert fired["signal"]["baseline"]["high"] < fired["signal"]["now"]["low"]
    assert fired["annotations"]["summary"] and "explanation" not in fired


def test_one_alert_comes_with_its_explanation(turned: Turned, fired: dict[str, Any]) -> None:
    alert = turned.client.get(f"/alerts/{fired['id']}").json()
    assert {name: value for name, value in alert.items() if name != "explanation"} == fired
    assert alert["explanation"]
    assert turned.client.get("/alerts/nothing").json()["type"] == "urn:poquan:problem:no-alert"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("alertname=backlash&state=firing", True),
        ("alertname=coordinated", False),
        ("state=resolved&alertname=backlash", False),
        ("severity=critical", True),
        ("severity=info", False),
        ("active=true", True),
        ("since=2025-01-29T20:00:00%2B08:00", True),
        ("until=2025-01-29T20:00:00+08:00", False),
        ("until=2025-01-30", True),
    ],
)
@pytest.mark.parametrize("path", ["/alerts", "/streams/turn/alerts"])
def test_alerts_are_found_by_what_they_are(
    turned: Turned, fired: dict[str, Any], path: str, query: str, found: bool
) -> None:
    alerts = turned.client.get(f"{path}?{query}").json()["alerts"]
    assert (fired["id"] in [alert["id"] for alert in alerts]) is found


def test_an_alert_is_found_by_its_fingerprint(turned: Turned, fired: dict[str, Any]) -> None:
    reply = turned.client.get("/alerts", params={"fingerprint": fired["fingerprint"]}).json()
    assert [alert["id"] for alert in reply["alerts"]] == [fired["id"]]


@pytest.mark.parametrize(
    "query", ["alertname=nothing", "state=over", "severity=high", "since=soon", "cursor=~~~", "cursor=eA", "limit=0"]
)
def test_what_cannot_be_asked_for_is_told(turned: Turned, query: str) -> None:
    reply = turned.client.get(f"/alerts?{query}")
    assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json")
    assert query.split("=")[0] in reply.json()["errors"][0]["field"]


def test_pages_hold_every_alert_once(turned: Turned) -> None:
    every = [alert["id"] for alert in turned.client.get("/alerts").json()["alerts"]]
    assert len(every) >= 2
    paged: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = turned.client.get("/alerts", params={"limit": "1", **cursor}).json()
        paged += [alert["id"] for alert in page["alerts"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert paged == every


def test_an_alert_is_acknowledged_by_name(turned: Turned, fired: dict[str, Any]) -> None:
    url = f"/alerts/{fired['id']}/acknowledge"
    status = turned.client.post(url, json={"who": "mei", "note": "已联系发行"}).json()["status"]
    assert (status["acknowledged"]["who"], status["acknowledged"]["note"]) == ("mei", "已联系发行")
    shown = turned.client.get("/streams/turn/alerts?alertname=backlash&state=firing").json()["alerts"][0]
    assert shown["status"] == status
    assert turned.client.post("/alerts/nothing/acknowledge", json={"who": "mei"}).status_code == 404
    for body in ({}, {"who": ""}, {"who": "mei", "extra": 1}):
        assert turned.client.post(url, json=body).status_code == 422


def test_who_acknowledged_first_stands_unless_asked_otherwise(turned: Turned) -> None:
    [alert] = turned.client.get("/streams/other/alerts?alertname=backlash&state=firing").json()["alerts"]
    url = f"/alerts/{alert['id']}/acknowledge"
    first = turned.client.post(url, json={"who": "mei"}).json()["status"]["acknowledged"]
    assert datetime.fromisoformat(first["at"]).tzinfo is not None
    refused = turned.client.post(url, json={"who": "lan"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:poquan:problem:acknowledged")
    assert f"mei acknowledged this alert at {first['at']}" in refused.json()["detail"]
    assert turned.client.get(f"/alerts/{alert['id']}").json()["status"]["acknowledged"] == first
    again = turned.client.post(f"{url}?again=true", json={"who": "lan"})
    assert again.json()["status"]["acknowledged"]["who"] == "lan"


def test_what_an_acknowledgement_lacks_is_told(turned: Turned, fired: dict[str, Any]) -> None:
    reply = turned.client.post(f"/alerts/{fired['id']}/acknowledge", json={})
    assert reply.json()["detail"] == 'who is missing; send it, such as "mei".'


def test_the_alerts_of_all_streams_are_narrowed_to_one(turned: Turned, fired: dict[str, Any]) -> None:
    of_one = turned.client.get("/alerts?stream=turn").json()
    assert of_one == turned.client.get("/streams/turn/alerts").json()
    assert fired["id"] in [alert["id"] for alert in of_one["alerts"]]
    assert {alert["stream"] for alert in turned.client.get("/alerts").json()["alerts"]} == {"turn", "other"}
    assert turned.client.get("/alerts?stream=nobody").json()["type"] == "urn:poquan:problem:no-stream"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/streams/turn/alerts?stream=turn", "severity"),
        ("GET", "/alerts?steam=turn", "stream"),
        ("GET", "/alerts/x?steam=turn", "this address takes none"),
        ("GET", "/streams?steam=turn", "after, limit"),
        ("GET", "/streams/turn?steam=turn", "takes none"),
        ("GET", "/streams/turn/series?since=2025-01-29", "bucket, from, to"),
        ("GET", "/streams/turn/segments?limit=5", "takes none"),
        ("GET", "/events?since=1", "allowed are after"),
        ("GET", "/streams/turn/events?since=1", "allowed are after"),
        ("GET", "/silences?state=active", "takes none"),
        ("GET", "/dead-letters?before=1", "after, limit"),
        ("POST", "/streams/turn/comments?on_error=skip", "takes none"),
    ],
)
def test_a_parameter_that_is_not_known_is_refused(turned: Turned, method: str, path: str, allowed: str) -> None:
    reply = turned.client.request(method, path)
    [error] = reply.json()["errors"]
    name = path.partition("?")[2].partition("=")[0]
    assert (reply.status_code, error["field"]) == (422, f"query.{name}")
    assert f"no parameter {name!r} here" in reply.json()["detail"] and allowed in reply.json()["detail"]


def test_a_parameter_of_another_value_is_told_what_it_must_be(turned: Turned) -> None:
    detail = turned.client.get("/alerts?limit=0").json()["detail"]
    assert detail == "limit is '0'; it must be at least 1."


def test_alerts_that_never_fired_are_shown_only_where_asked_for(client: httpx.Client, service: Service) -> None:
    store = service.app.state.streams.store
    stream = store.find_or_create_stream("suspected", {}, 0.0)
    labels = {"alertname": "backlash", "stream": "suspected", "severity": "warning"}
    document = {"labels": labels, "state": "resolved", "reason": "not confirmed"}
    upto = store.processed_seq()
    store.record(
        Processed(upto, alerts=[alert(stream.id, "never", state="resolved", ends_at=200.0, document=document)])
    )
    for path, to_ask in (("/alerts?stream=suspected", "&"), ("/streams/suspected/alerts", "?")):
        assert client.get(path).json()["alerts"] == []
        [shown] = client.get(f"{path}{to_ask}confirmed=false").json()["alerts"]
        assert (shown["id"], shown["reason"]) == ("never", "not confirmed")


def test_the_webhook_is_told_of_what_fires(turned: Turned, fired: dict[str, Any]) -> None:
    wait_for(lambda: turned.webhook.bodies)
    payload = json.loads(turned.webhook.bodies[0])
    [alert] = payload["alerts"]
    assert (payload["status"], payload["externalURL"]) == ("firing", "http://poquan.example")
    assert (alert["fingerprint"], alert["labels"]) == (fired["fingerprint"], fired["labels"])
    assert alert["generatorURL"] == f"http://poquan.example/alerts/{fired['id']}"
    assert alert["explanation"]


def test_alerts_that_fire_are_counted(turned: Turned, client: httpx.Client) -> None:
    firing = len(turned.client.get("/alerts?state=firing").json()["alerts"])
    assert f"\npoquan_alerts_firing {firing:.1f}\n" in turned.client.get("/metrics").text
