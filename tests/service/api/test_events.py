import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service.api import events
from tests.service.api.conftest import Turned, post, turning
from tests.service.api.serving import Service, serving, settings_for, wait_for


def told(lines: Iterator[str], some: int) -> list[dict[str, Any]]:
    """The first events of a connection, each its data with what stood before it."""
    found: list[dict[str, Any]] = []
    fields: dict[str, str] = {}
    heartbeats = 0
    while len(found) < some:
        line = next(lines)
        heartbeats += line == ":"
        assert heartbeats < 5, f"only {found} came"
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            fields[name] = value
        elif not line and fields:
            found.append({"sent": (fields["id"], fields["event"])} | json.loads(fields["data"]))
            fields = {}
    return found


def events_of(client: httpx.Client, some: int, path: str = "/streams/turn/events?after=0", **headers: str) -> Any:
    with client.stream("GET", path, headers=headers) as reply:
        assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
        return told(reply.iter_lines(), some)


def test_a_turn_is_told_in_order_and_numbered(turned: Turned) -> None:
    pending, fired = events_of(turned.client, 2)
    assert [pending["sent"], fired["sent"]] == [("1", "alert.pending"), ("2", "alert.firing")]
    assert (pending["id"], fired["id"]) == (1, 2)
    assert (fired["stream"], fired["alert"]["labels"]["alertname"]) == ("turn", "backlash")
    assert fired["comment"] == fired["alert"]["detected"]["comment"]


def test_who_comes_back_is_told_what_came_since(turned: Turned) -> None:
    first, second, third = events_of(turned.client, 3, "/events?after=0")
    assert events_of(turned.client, 2, "/events", **{"Last-Event-ID": "1"}) == [second, third]
    assert events_of(turned.client, 2, "/events?after=1") == [second, third]
    assert events_of(turned.client, 2, "/events?after=7", **{"Last-Event-ID": "0"}) == [first, second]
    assert events_of(turned.client, 1, "/streams/other/events", **{"Last-Event-ID": "1"}) == [third]


def test_what_is_new_is_told_as_it_comes_and_to_each_stream_its_own(service: Service) -> None:
    client = service.client
    client.put("/streams/heard", json={})
    with client.stream("GET", "/streams/heard/events") as own, client.stream("GET", "/events") as all_of_them:
        post(client, "unheard", turning(2))
        post(client, "heard", turning(3))
        assert {event["stream"] for event in told(own.iter_lines(), 2)} == {"heard"}
        assert told(all_of_them.iter_lines(), 2)[0]["stream"] == "unheard"


def test_a_reader_who_does_not_read_holds_nobody(turned: Turned) -> None:
    with turned.client.stream("GET", "/events?after=0"):
        assert events_of(turned.client, 2)


def test_silence_is_filled_with_heartbeats(turned: Turned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    with turned.client.stream("GET", "/streams/turn/events") as reply:
        lines = reply.iter_lines()
        wait_for(lambda: next(lines) == ":")


@pytest.mark.parametrize("number", ["soon", "-1", "1.5", "9" * 30])
def test_what_is_no_number_of_an_event_is_told(turned: Turned, number: str) -> None:
    reply = turned.client.get("/events", headers={"Last-Event-ID": number})
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "Last-Event-ID")
    assert turned.client.get(f"/events?after={number}").status_code == 422


def test_the_end_of_the_service_ends_what_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("ending")
    with serving(settings_for(home)) as service, service.client.stream("GET", "/events") as reply:
        lines = reply.iter_lines()
        next(lines)
        service.app.state.streams.stop_telling()
        assert set(lines) <= {"", ":"}
