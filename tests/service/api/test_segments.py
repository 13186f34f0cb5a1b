import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora.taxonomy import read_own_circles
from tests.service.api.conftest import BEGIN, post, wait_watched
from tests.service.api.serving import Service, serving, settings_for
from tests.service.streams.saying import comment, mixed, stargazing


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("segments")


@pytest.fixture(scope="module")
def joined(home: Path) -> Iterator[Service]:
    """A service with a stream that stargazers join, of whom no circle speaks."""
    chance = random.Random(5)
    texts = [
        stargazing(chance) if place > 1_600 and chance.random() < 0.35 else mixed(chance, 0.1) for place in range(2_300)
    ]
    with serving(settings_for(home)) as service:
        comments = [comment(place, text, BEGIN + 10 * place) for place, text in enumerate(texts)]
        post(service.client, "stars", comments, at_once=500)
        wait_watched(service)
        yield service


def test_those_who_joined_are_told_with_their_words(joined: Service) -> None:
    [segment] = joined.client.get("/streams/stars/segments").json()["segments"]
    assert (segment["id"], segment["state"]) == ("segment_1", "proposed")
    assert segment["growth"] > 2
    assert any("星" in term["term"] for term in segment["terms"])
    assert segment["examples"]
    [alert] = joined.client.get("/alerts?alertname=new_segment").json()["alerts"]
    assert alert["labels"]["segment"] == "segment_1"


def test_a_segment_becomes_a_circle_of_the_home(joined: Service, home: Path) -> None:
    url = "/streams/stars/segments/segment_1/promote"
    (home / "circles.toml").unlink(missing_ok=True)
    told = joined.client.post(url, json={"key": "stargazers", "chinese": "观星人", "english": "Stargazers"}).json()
    assert (told["key"], told["file"]) == ("stargazers", str(home / "circles.toml"))
    assert "make train" in told["next"]
    [circle] = read_own_circles(home)
    [segment] = joined.client.get("/streams/stars/segments").json()["segments"]
    assert (circle.key, circle.chinese, circle.english) == ("stargazers", "观星人", "Stargazers")
    assert len(circle.cues) >= 5 and any("星" in cue for cue in circle.cues)
    assert set(circle.examples) == set(segment["examples"])


def test_a_segment_becomes_one_circle_until_its_table_is_taken_out(joined: Service, home: Path) -> None:
    file, url = home / "circles.toml", "/streams/stars/segments/segment_1/promote"
    file.unlink(missing_ok=True)
    assert joined.client.post(url, json={"key": "first"}).status_code == 200
    for body in ({"key": "second"}, {"key": "first"}, {}):
        again = joined.client.post(url, json=body)
        assert (again.status_code, again.json()["type"]) == (409, "urn:poquan:problem:already-promoted")
        assert (again.json()["key"], again.json()["file"]) == ("first", str(file))
        assert "already promoted as the circle first" in again.json()["detail"]
    file.unlink()
    assert joined.client.post(url, json={"key": "anime"}).json()["type"] == "urn:poquan:problem:not-promoted"
    assert joined.client.post(url, json={"key": "second"}).json()["key"] == "second"


def test_without_a_body_the_segment_tells_all_but_the_cues_given(joined: Service, home: Path) -> None:
    (home / "circles.toml").unlink(missing_ok=True)
    told = joined.client.post("/streams/stars/segments/segment_1/promote").json()
    assert told["key"] == "segment_1"
    [circle] = read_own_circles(home)
    assert circle.chinese == "、".join(circle.cues[:2])
    (home / "circles.toml").unlink()
    given = {"key": "sky", "cues": ["望远镜"], "examples": []}
    joined.client.post("/streams/stars/segments/segment_1/promote", json=given)
    [circle] = read_own_circles(home)
    assert (circle.key, circle.cues, circle.examples) == ("sky", ("望远镜",), ())


def test_what_is_no_segment_is_told(joined: Service) -> None:
    reply = joined.client.post("/streams/stars/segments/segment_9/promote")
    assert (reply.status_code, reply.json()["type"]) == (404, "urn:poquan:problem:no-segment")
