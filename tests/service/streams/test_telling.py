"""What is told of an alert: as of the moment it fired, and how it ended."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from model.words import Words
from service.monitor.alerts import AlertChange, Share
from service.monitor.expectations import Expectations
from service.monitor.stream import StreamMonitor
from service.streams.history import ReadHistory
from service.streams.telling import Teller
from tests.service.batch.scored import FACETS, rates
from tests.service.monitor.said import NOON, Said, scored

SAID = [Said("剧情 一般", 0.2, author=str(place)) for place in range(100)]
SINCE = [Said("带 爸妈 看", 0.2, ("senior",), author=str(100 + place)) for place in range(60)]
WHOLE = scored(SAID + SINCE, FACETS, first=1)

RISE = AlertChange(
    state="firing",
    labels={"alertname": "circle_rise", "stream": "灯火", "signal": "circle", "circle": "senior"},
    severity="info",
    seq=160,
    time=NOON + 160 * 60,
    onset_seq=101,
    onset_time=NOON + 101 * 60,
    started_seq=160,
    started=NOON + 160 * 60,
    baseline=Share(0.02, 0.01, 0.05, 100),
    now=Share(0.9, 0.8, 0.95, 60),
    comments_to_alarm=60,
)


def cut(texts: Sequence[str]) -> Words:
    return Words.of([text.split() for text in texts])


def teller(expected: Expectations | None = None) -> Teller:
    return Teller(StreamMonitor("灯火", FACETS.circles, expected), ReadHistory(WHOLE), cut, rates())


def test_a_circles_rise_is_told_corrected_and_against_what_was_expected() -> None:
    told = teller(Expectations(mix={"senior": 0.25})).alert(RISE)["corrected"]
    assert told["before"]["value"] < 0.1 < 0.8 < told["after"]["value"]
    assert told["before"]["low"] <= told["before"]["value"] <= told["before"]["high"]
    assert told["tgi"]["value"] == pytest.approx(400 * told["after"]["value"], rel=0.01)


def test_without_an_expectation_there_is_no_tgi() -> None:
    told = teller().alert(RISE)["corrected"]
    assert told["expected"] is None and told["tgi"] is None


def test_a_pending_alert_is_not_explained_yet() -> None:
    told = teller().alert(replace(RISE, state="pending"))
    assert "explanation" not in told and told["annotations"] == {}


def test_what_ended_keeps_what_was_told_when_it_fired() -> None:
    fired = teller().alert(RISE)
    ended = teller().ended(replace(RISE, state="resolved", seq=200, time=NOON + 12_000, reason="back"), fired)
    assert ended["explanation"] == fired["explanation"] and ended["detected"] == fired["detected"]
    assert ended["state"] == "resolved" and ended["resolved"]["comment"] == 200 and ended["endsAt"] > fired["startsAt"]
