import re
from pathlib import Path

import httpx

from model.scorer import DEFAULT
from tests.service.api.serving import Service, renamed_model, serving, settings_for, wait_for


def counter(client: httpx.Client, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def test_a_process_lives(client: httpx.Client) -> None:
    assert client.get("/livez").json() == {"status": "alive"}


def test_a_ready_process_names_its_model(client: httpx.Client) -> None:
    assert client.get("/readyz").json()["model"] == client.get("/model").json()["version"]


def test_without_a_model_the_process_lives_but_is_not_ready(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, model=tmp_path / "missing"), ready=False) as service:
        client = service.client
        wait_for(lambda: "missing" in client.get("/readyz").text)
        not_ready = client.get("/readyz")
        assert (not_ready.status_code, not_ready.headers["retry-after"]) == (503, "1")
        assert not_ready.json()["type"] == "urn:poquan:problem:not-ready"
        assert client.get("/livez").status_code == 200
        assert client.post("/score", json={"text": "好看"}).status_code == 503
        assert client.get("/model").status_code == 503
        assert 'version="none"' in client.get("/metrics").text


def test_a_model_put_in_place_later_makes_it_ready(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, model=tmp_path / "late"), ready=False) as service:
        assert service.client.post("/model/reload").status_code == 409
        renamed_model(tmp_path / "late", "late-1")
        assert service.client.post("/model/reload").json() == {"model": "late-1", "previous": None, "changed": True}
        assert service.client.get("/readyz").json() == {"status": "ready", "model": "late-1"}


def test_comments_are_counted(client: httpx.Client) -> None:
    scored, refused = "poquan_comments_scored_total", "poquan_comments_refused_total"
    before = counter(client, scored), counter(client, refused)
    client.post("/score?on_error=skip", json={"comments": [{"text": "a"}, {"text": "b"}, {"text": 1}]})
    client.post("/score", content=b'{"text": "c"}', headers={"Content-Type": "application/x-ndjson"})
    assert (counter(client, scored), counter(client, refused)) == (before[0] + 3, before[1] + 1)


def test_requests_are_counted_by_route_and_status(client: httpx.Client) -> None:
    name = 'poquan_requests_total{method="POST",route="/model/reload",status="200"}'
    before = counter(client, name)
    client.post("/model/reload")
    assert counter(client, name) == before + 1


def test_unknown_addresses_and_methods_do_not_swell_the_metrics(client: httpx.Client) -> None:
    client.get("/nothing-here")
    client.request("BREW", "/score")
    text = client.get("/metrics").text
    assert "nothing-here" not in text and "BREW" not in text
    assert 'poquan_requests_total{method="GET",route="other",status="404"}' in text


def test_metrics_name_the_model_and_time_the_requests(client: httpx.Client) -> None:
    reply = client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    assert f'poquan_model_info{{version="{client.get("/readyz").json()["model"]}"}} 1.0' in reply.text
    assert 'poquan_request_seconds_bucket{le="0.05",route="/metrics"}' in client.get("/metrics").text


def test_two_applications_count_apart(service: Service, tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, model=DEFAULT)) as other:
        service.client.post("/score", json={"text": "好看"})
        assert counter(other.client, "poquan_comments_scored_total") == 0


def test_with_streams_that_are_not_open_it_is_not_ready(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path)) as service:
        owned = service.app.state.streams
        store, owned._store = owned._store, None
        not_ready = service.client.get("/readyz")
        owned._store = store
    assert (not_ready.status_code, not_ready.json()["detail"]) == (503, "The streams are not open.")
