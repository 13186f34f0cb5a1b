import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from model import Scorer
from model.registry import promote, rollback
from tests.service.api.serving import Service, renamed_model, serving, settings_for

RELOADS = 20


@pytest.fixture
def homely(tmp_path: Path) -> Iterator[Service]:
    with serving(settings_for(tmp_path / "home")) as running:
        yield running


def test_the_card_as_json(client: httpx.Client) -> None:
    scorer = Scorer.load()
    card = client.get("/model").json()
    assert set(card) == {"version", "metrics", "card"}
    assert card["version"] == scorer.version
    assert card["metrics"] == scorer.manifest.get("metrics", {})
    assert card["card"] == scorer.card


def test_the_card_as_text(client: httpx.Client) -> None:
    reply = client.get("/model", headers={"Accept": "text/markdown, */*;q=0.1"})
    assert reply.headers["content-type"] == "text/markdown; charset=utf-8"
    assert reply.text == Scorer.load().card


def test_a_promoted_model_answers_after_a_reload(homely: Service, tmp_path: Path) -> None:
    shipped = homely.client.get("/model").json()["version"]
    promote(tmp_path / "home", renamed_model(tmp_path / "candidate", "mine-1"))
    assert homely.client.post("/score", json={"text": "好看"}).json()["model"] == shipped
    assert homely.client.post("/model/reload").json() == {"model": "mine-1", "previous": shipped, "changed": True}
    assert homely.client.post("/score", json={"text": "好看"}).json()["model"] == "mine-1"
    rollback(tmp_path / "home")
    assert homely.client.post("/model/reload").json()["model"] == shipped


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(tmp_path: Path) -> None:
    folder = renamed_model(tmp_path / "model", "kept-1")
    with serving(settings_for(tmp_path, model=folder)) as service:
        folder.rename(tmp_path / "elsewhere")
        reply = service.client.post("/model/reload")
        assert reply.status_code == 409
        assert reply.json()["type"] == "urn:poquan:problem:not-reloaded"
        assert str(folder) in reply.json()["detail"]
        assert "kept-1 goes on answering" in reply.json()["detail"]
        assert service.client.get("/readyz").status_code == 200
        assert service.client.post("/score", json={"text": "好看"}).json()["model"] == "kept-1"


def test_an_unexpected_failure_to_load_leaves_the_old_one(tmp_path: Path) -> None:
    folder = renamed_model(tmp_path / "model", "kept-1")
    with serving(settings_for(tmp_path, model=folder)) as service:
        (folder / "manifest.json").write_text('{"format": 1, "files": {}}', encoding="utf-8")
        reply = service.client.post("/model/reload")
        assert reply.status_code == 409
        assert service.client.post("/score", json={"text": "好看"}).json()["model"] == "kept-1"


def test_no_request_fails_while_models_are_exchanged(homely: Service, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shipped = homely.client.get("/readyz").json()["model"]
    mine = renamed_model(tmp_path / "candidate", "mine-1")
    over = threading.Event()
    bodies = {
        "application/json": b'{"comments": [%s]}' % b",".join([b'{"text": "a"}'] * 50),
        "application/x-ndjson": b'{"text": "a"}\n' * 300,
    }
    statuses: list[int] = []
    versions: list[set[str]] = []

    def ask(media_type: str) -> None:
        with httpx.Client(base_url=homely.client.base_url, timeout=60) as client:
            while not over.is_set():
                reply = client.post("/score", content=bodies[media_type], headers={"Content-Type": media_type})
                statuses.append(reply.status_code)
                versions.append({version for version in (shipped, "mine-1") if f'"{version}"' in reply.text})

    askers = [threading.Thread(target=ask, args=(media_type,)) for media_type in bodies]
    for asker in askers:
        asker.start()
    try:
        for number in range(RELOADS):
            if number % 2:
                rollback(home)
            else:
                mine = promote(home, mine)
            assert homely.client.post("/model/reload").json()["changed"]
    finally:
        over.set()
        for asker in askers:
            asker.join()
    assert set(statuses) == {200}
    assert all(len(told) == 1 for told in versions), "an answer names two models"
    assert set().union(*versions) == {shipped, "mine-1"}
