import pytest

from tests.service.api.conftest import Turned


def test_the_turn_can_be_seen_over_time(turned: Turned) -> None:
    series = turned.client.get("/streams/turn/series?bucket=10m").json()
    points = series["points"]
    assert sum(point["comments"] for point in points) == 450
    assert points[0]["start"] == "2025-01-29T20:00:00+08:00"
    assert points[0]["negative"]["high"] < points[-1]["negative"]["low"]
    assert series["core"] and points[0]["outside_core"]["value"] < 1


def test_a_part_of_the_time_is_asked_for(turned: Turned) -> None:
    query = {"bucket": "1h", "from": "2025-01-29T20:30:00+08:00", "to": "2025-01-29T21:00:00+08:00"}
    [point] = turned.client.get("/streams/turn/series", params=query).json()["points"]
    assert point["comments"] == 180


@pytest.mark.parametrize("query", ["bucket=15m", "bucket=an hour", "bucket=0h", "from=soon", "to=later"])
def test_what_cannot_be_asked_for_is_told(turned: Turned, query: str) -> None:
    reply = turned.client.get(f"/streams/turn/series?{query}")
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, query.partition("=")[0])


def test_too_many_points_are_refused_with_the_remedy(turned: Turned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.series.MOST_POINTS", 2)
    reply = turned.client.get("/streams/turn/series?bucket=10m")
    assert reply.status_code == 422
    assert "take wider ones or less time" in reply.json()["detail"]
