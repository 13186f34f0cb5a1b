from pathlib import Path
from typing import Any

import httpx
import pytest

from service.store.alerts import AlertFilter
from tests.service.api.conftest import Turned, post, turning, wait_watched
from tests.service.api.serving import Service, serving, settings_for, wait_for

EXPECTED: dict[str, Any] = {
    "work": "第九枚卫星",
    "mix": {"scifi": 0.3},
    "women": 0.45,
    "core": ["scifi", "student"],
    "comments_between_false_alarms": 20_000,
}


@pytest.fixture(scope="module")
def circles(client: httpx.Client) -> list[str]:
    shown = client.post("/score?probabilities=true", json={"text": "好看"}).json()
    return list(shown["p_circles"])


@pytest.fixture(scope="module")
def expected(circles: list[str]) -> dict[str, Any]:
    return EXPECTED | {"mix": {circles[0]: 0.3}, "core": circles[:2]}


def test_a_stream_is_made_with_what_is_expected_of_it(client: httpx.Client, expected: dict[str, Any]) -> None:
    reply = client.put("/streams/expected", json=expected)
    assert reply.status_code == 201
    assert reply.json()["expectations"] == expected
    assert client.get("/streams/expected").json()["core"] == expected["core"]
    assert client.get("/streams/expected").json()["work"] == "第九枚卫星"


def test_saying_the_same_again_gives_nothing_up(service: Service, expected: dict[str, Any]) -> None:
    client = service.client
    client.put("/streams/again", json=expected)
    post(client, "again", turning()[:40])
    wait_watched(service)
    reply = client.put("/streams/again", json=expected)
    assert (reply.status_code, reply.json()["changed"]) == (200, False)
    assert any(watch["comments"] > 0 for watch in reply.json()["watches"])


def test_to_expect_something_else_begins_anew_and_ends_what_was_told(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with serving(settings) as service:
        client = service.client
        post(client, "turn", turning())
        wait_watched(service)
        assert client.get("/streams/turn").json()["firing"] == 1
        reply = client.put("/streams/turn", json={"comments_between_false_alarms": 10_000})
        assert (reply.status_code, reply.json()["changed"], reply.json()["firing"]) == (200, True, 0)
        assert all(watch["comments"] == 0 for watch in reply.json()["watches"])
        [ended] = client.get("/alerts?state=resolved&alertname=backlash").json()["alerts"]
        assert ended["reason"] == "something else is expected from here on"
        assert ended["endsAt"] == reply.json()["watermark"]
        events = service.app.state.streams.store.events_after(None, 0, 100)
        assert events[-1].kind == "alert.resolved"
        detail = client.get("/streams/turn").json()
    with serving(settings) as service:
        assert service.client.get("/streams/turn").json() == detail | {"behind": 0}


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        (
            "core",
            ["nobody"],
            "core names 'nobody', a circle the model does not know; it knows anime (二次元·动画迷), family (亲子家庭)",
        ),
        ("mix", {"nobody": 0.1}, "mix names 'nobody', a circle the model does not know"),
        ("mix", {"student": 0}, "mix.student is 0; it must be above 0, such as 0.2."),
        ("mix", {"student": 1.1}, "at most 1"),
        ("core", ["student", "student"], "core is […]; it may name each once"),
        ("core", ["student", "学生·Z世代校园"], "core names the circle student twice"),
        ("mix", {"student": 0.1, "学生": 0.1}, "mix names the circle student twice"),
        ("mix", {"student": "20%"}, 'mix.student is "20%"; it must be a number, such as 0.2.'),
        ("mix", "20%", 'mix is "20%"; it must be an object, such as {"family":0.2}.'),
        ("women", 1, "women is 1; it must be below 1, such as 0.45."),
        ("comments_between_false_alarms", 999, "must be at least 1000"),
        ("comments_between_false_alarms", 10_000_001, "must be at most 10000000"),
        ("work", 5, "string"),
        (
            "wrok",
            "a",
            "There is no wrok here; did you mean work? Allowed are work, mix, women, core, comments_between_f",
        ),
        ("5", 1, "There is no 5 here; allowed are work, mix"),
    ],
)
def test_what_cannot_be_expected_is_told_and_makes_no_stream(
    client: httpx.Client, member: str, value: Any, told: str
) -> None:
    reply = client.put("/streams/refused", json={member: value})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"].startswith(member)
    assert told in reply.json()["errors"][0]["message"]
    assert client.get("/streams/refused").status_code == 404


def test_a_body_of_another_kind_is_told_what_it_must_be(client: httpx.Client) -> None:
    reply = client.put("/streams/refused", json=[])
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "body")
    assert reply.json()["detail"] == 'The body is []; it must be an object, such as {"work":"第九枚卫星"}.'


def test_circles_may_be_said_by_their_names(client: httpx.Client) -> None:
    said = {"mix": {"亲子家庭": 0.2, "students and campus life": 0.1}, "core": ["硬核科技", "anime"]}
    expectations = client.put("/streams/named", json=said).json()["expectations"]
    assert (expectations["mix"], expectations["core"]) == ({"family": 0.2, "student": 0.1}, ["scifi", "anime"])


@pytest.mark.parametrize(
    ("method", "below"), [("PUT", ""), ("GET", ""), ("GET", "/alerts"), ("DELETE", "/comments"), ("POST", "/nothing")]
)
def test_a_slash_in_a_name_is_refused_with_the_remedy(client: httpx.Client, method: str, below: str) -> None:
    reply = client.request(method, f"/streams/繁花%2F沪语版{below}")
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:poquan:problem:parameter-not-allowed")
    assert "'繁花/沪语版' '繁花-沪语版'" in reply.json()["detail"]


def test_copies_are_told_with_the_time_they_began_in_iso(service: Service) -> None:
    text = "这片子的口碑明显是刷出来的大家千万别上当"
    copies = [{"id": f"{n}", "text": text, "author": f"{n}", "time": 1_738_152_900 + n} for n in range(9)]
    post(service.client, "copied", copies)
    wait_watched(service)
    [group] = service.client.get("/streams/copied").json()["copy_groups"]
    assert (group["size"], group["began"]) == (9, "2025-01-29T12:15:00+00:00")


def test_streams_come_in_pages_by_name(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path)) as service:
        for name in ("乙", "甲", "c"):
            post(service.client, name, [{"text": "好看", "time": 1_738_152_900}])
        first = service.client.get("/streams?limit=2").json()
        second = service.client.get("/streams", params={"limit": 2, "after": first["next"]}).json()
    assert [stream["name"] for stream in first["streams"] + second["streams"]] == ["c", "乙", "甲"]
    assert second["next"] is None
    assert first["streams"][0] == {
        "name": "c",
        "work": None,
        "comments": 1,
        "late": 0,
        "watermark": "2025-01-29T12:15:00+00:00",
        "firing": 0,
    }


def test_a_stream_tells_all_that_is_watched_and_how_it_stands(turned: Turned) -> None:
    detail = turned.client.get("/streams/turn").json()
    assert (detail["comments"], detail["behind"], detail["firing"], detail["platforms"]) == (450, 0, 1, ["weibo"])
    [overall] = [
        each for each in detail["watches"] if each["labels"] == {"alertname": "backlash", "signal": "negative"}
    ]
    assert overall["state"] == "firing"
    assert overall["baseline"] < overall["bound"] < 0.5
    assert {"learning", "quiet", "firing"} <= {each["state"] for each in detail["watches"]}
    assert [alert["labels"]["alertname"] for alert in detail["alerts"] if alert["status"]["state"] == "firing"] == [
        "backlash"
    ]
    assert detail["core"], "the first phase is over"


def test_what_is_no_stream_is_told(client: httpx.Client) -> None:
    for path in ("", "/series", "/segments", "/alerts", "/events"):
        reply = client.get(f"/streams/nobody{path}")
        assert (reply.status_code, reply.json()["type"]) == (404, "urn:poquan:problem:no-stream")
    assert client.delete("/streams/nobody").status_code == 404


def test_a_stream_is_deleted_with_everything_and_may_begin_again(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path)) as service:
        client, store = service.client, service.app.state.streams.store
        post(client, "gone", turning())
        wait_watched(service)
        assert client.delete("/streams/gone").status_code == 204
        assert client.get("/streams/gone").status_code == 404
        assert store.alerts(AlertFilter()) == []
        assert post(client, "gone", turning()[:10])["accepted"] == 10
        wait_watched(service)
        assert client.get("/streams/gone").json()["comments"] == 10


def test_comments_deleted_before_they_were_watched_hold_nobody_up(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path)) as service:
        streams = service.app.state.streams
        scorer, service.app.state.live._scorer = service.app.state.live._scorer, None
        post(service.client, "gone", turning()[:20])
        assert streams.behind == 20
        streams.store.delete_stream("gone")
        service.app.state.live._scorer = scorer
        wait_for(lambda: streams.behind == 0)


def test_a_process_without_streams_scores_and_says_so(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, streams=False)) as service:
        reply = service.client.get("/streams")
        assert (reply.status_code, reply.json()["type"]) == (503, "urn:poquan:problem:streams-off")
        assert service.client.post("/streams/a/comments", json={"text": "好看"}).status_code == 503
        assert service.client.post("/score", json={"text": "好看"}).status_code == 200
        assert service.client.get("/metrics").status_code == 200
    assert not (tmp_path / "poquan.db").exists()


def test_a_restart_keeps_everything_and_goes_on(tmp_path: Path) -> None:
    settings, comments = settings_for(tmp_path), turning()
    with serving(settings) as service:
        post(service.client, "turn", comments[:310])
        wait_watched(service)
        before = service.client.get("/streams/turn").json()
    with serving(settings) as service:
        assert service.client.get("/streams/turn").json() == before
        assert post(service.client, "turn", comments) == {"accepted": 140, "duplicates": 310, "late": 0, "rejected": 0}
        wait_watched(service)
        [alert] = service.client.get("/alerts?state=firing").json()["alerts"]
    assert alert["labels"]["alertname"] == "backlash"
