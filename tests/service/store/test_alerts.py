from typing import Any

import pytest

from service.store.alerts import Alert, AlertFilter
from service.store.record import Processed
from service.store.store import Store
from tests.service.store.making import alert


def write(store: Store, *alerts: Alert) -> None:
    store.record(Processed(0, alerts=alerts))


@pytest.fixture
def streams(store: Store) -> tuple[int, int]:
    a, b = (store.find_or_create_stream(name, {}, 0.0).id for name in "ab")
    return a, b


@pytest.fixture
def three(store: Store, streams: tuple[int, int]) -> Store:
    first, second = streams
    write(
        store,
        alert(first, "1", starts_at=100.0, ends_at=200.0, state="resolved"),
        alert(first, "2", starts_at=300.0, alertname="breakout", severity="info"),
        alert(second, "3", starts_at=300.0, fingerprint="g"),
    )
    return store


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["3", "2", "1"]),
        ({"alertname": "breakout"}, ["2"]),
        ({"state": "resolved"}, ["1"]),
        ({"severity": "warning"}, ["3", "1"]),
        ({"fingerprint": "g"}, ["3"]),
        ({"fingerprint": "g\x00"}, []),
        ({"since": 200.0}, ["3", "2", "1"]),
        ({"since": 201.0}, ["3", "2"]),
        ({"until": 300.0}, ["1"]),
        ({"state": "firing", "alertname": "backlash"}, ["3"]),
    ],
)
def test_alerts_are_chosen_by_what_they_are_and_when_they_were_active(
    three: Store, asked: dict[str, Any], expected: list[str]
) -> None:
    assert [each.id for each in three.alerts(AlertFilter(**asked))] == expected


def test_alerts_that_never_fired_are_left_out_where_only_confirmed_ones_are_asked_for(
    store: Store, streams: tuple[int, int]
) -> None:
    ended: dict[str, Any] = {"state": "resolved", "ends_at": 200.0}
    write(
        store,
        alert(streams[0], "never", **ended, document={"reason": "not confirmed"}),
        alert(streams[0], "once", **ended, document={"reason": "back to the baseline"}),
        alert(streams[0], "unsaid", **ended),
        alert(streams[0], "not yet", state="pending"),
    )
    assert {each.id for each in store.alerts(AlertFilter(confirmed=True))} == {"once", "unsaid", "not yet"}
    assert len(store.alerts(AlertFilter())) == 4


def test_alerts_of_one_stream(three: Store, streams: tuple[int, int]) -> None:
    assert [each.id for each in three.alerts(AlertFilter(stream=streams[0]))] == ["2", "1"]


def test_pages_miss_none_and_repeat_none_of_those_that_began_together(three: Store) -> None:
    found: list[str] = []
    before = None
    while page := three.alerts(AlertFilter(before=before, limit=1)):
        found += [each.id for each in page]
        before = (page[-1].starts_at, page[-1].id)
    assert found == ["3", "2", "1"]


def test_an_acknowledgement_outlives_what_the_alert_becomes(store: Store, streams: tuple[int, int]) -> None:
    write(store, alert(streams[0], "1"))
    seen = store.acknowledge("1", "梅", "在看", at=7.0)
    assert seen == alert(streams[0], "1", acknowledged={"who": "梅", "at": 7.0, "note": "在看"})
    write(store, alert(streams[0], "1", state="resolved", ends_at=500.0))
    assert store.alert("1") == alert(
        streams[0], "1", state="resolved", ends_at=500.0, acknowledged={"who": "梅", "at": 7.0, "note": "在看"}
    )


def test_an_alert_there_is_not_is_none(store: Store) -> None:
    assert store.alert("x\x00") is None
    assert store.acknowledge("x", "梅", "", at=0.0) is None


def test_those_that_fire_are_counted_by_stream(three: Store, streams: tuple[int, int]) -> None:
    first, second = streams
    assert three.firing([first, second, 99]) == {first: 1, second: 1}
    assert three.firing([]) == {}


def test_what_nobody_was_told_of_is_asked_for(store: Store, streams: tuple[int, int]) -> None:
    write(store, alert(streams[0], "told"), alert(streams[0], "not yet", untold=True))
    assert [each.id for each in store.alerts(AlertFilter(untold=True))] == ["not yet"]
    assert [each.id for each in store.alerts(AlertFilter(untold=False))] == ["told"]
