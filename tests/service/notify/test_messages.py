import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.notify import alert_message

NOW = datetime(2024, 2, 10, 12, tzinfo=UTC)
ALERTMANAGER = "http://alerts.example:9093/api/v2/alerts"
HOOK = "https://chat.example/hook?key=1"


def alert(**changes: Any) -> dict[str, Any]:
    return {
        "labels": {
            "alertname": "backlash",
            "signal": "negative",
            "severity": "warning",
            "stream": '春节"档',
            "rank": 3,
        },
        "annotations": {"summary": "turned", "summary_zh": "口碑转差", "description": None},
        "startsAt": "2024-02-10T09:00:00+00:00",
        "endsAt": None,
        "state": "firing",
        "fingerprint": "0123456789abcdef",
        "onset": {"time": "2024-02-10T08:30:00+00:00", "comment": 310},
        "detected": {"time": "2024-02-10T09:00:00+00:00", "comment": 402},
        "explanation": {"origin": "organic"},
    } | changes


def told(address: str, **changes: Any) -> Any:
    return json.loads(alert_message(alert(**changes), address, NOW))


def test_an_alertmanager_gets_a_list_of_postable_alerts() -> None:
    assert told(ALERTMANAGER) == [
        {
            "labels": {
                "alertname": "backlash", "signal": "negative", "severity": "warning", "stream": "春节\"档", "rank": "3",
            },
            "annotations": {"summary": "turned", "summary_zh": "口碑转差"},
            "startsAt": "2024-02-10T09:00:00+00:00",
            "endsAt": (NOW + timedelta(days=30)).isoformat(),
        }
    ]  # fmt: skip


def test_a_resolved_alert_ends_for_the_alertmanager() -> None:
    [resolved] = told(ALERTMANAGER, state="resolved", endsAt="2024-02-10T11:00:00+00:00")
    assert resolved["endsAt"] == "2024-02-10T11:00:00+00:00"


def test_an_end_ahead_of_the_clock_is_brought_back_to_now_and_never_before_the_start() -> None:
    ahead = {"startsAt": "2024-02-10T13:00:00+00:00", "endsAt": "2024-02-10T14:00:00+00:00"}
    [resolved] = told(ALERTMANAGER, state="resolved", **ahead)
    assert resolved["startsAt"] == resolved["endsAt"] == NOW.isoformat()


@pytest.mark.parametrize("address", [ALERTMANAGER + "/", "https://u:p@h.example/prefix/api/v2/alerts?tenant=a"])
def test_an_alertmanager_is_known_by_its_path(address: str) -> None:
    assert isinstance(told(address), list)


def test_all_others_get_the_payload_of_alertmanagers_webhooks() -> None:
    message = told(HOOK)
    assert message["version"] == "4"
    assert message["status"] == "firing"
    assert message["receiver"] == "poquan"
    assert message["groupLabels"] == {"alertname": "backlash", "stream": '春节"档'}
    assert message["groupKey"] == '{}:{alertname="backlash", stream="春节\\"档"}'
    assert message["commonLabels"] == message["alerts"][0]["labels"]
    assert message["commonAnnotations"] == {"summary": "turned", "summary_zh": "口碑转差"}
    assert message["externalURL"] == ""
    [one] = message["alerts"]
    assert (one["status"], one["fingerprint"], one["generatorURL"]) == ("firing", "0123456789abcdef", "")
    assert one["endsAt"] == "0001-01-01T00:00:00Z"
    assert one["explanation"] == {"origin": "organic"}
    assert one["detected"]["comment"] == 402


def test_a_resolved_alert_has_its_end_in_the_payload() -> None:
    message = told(HOOK, state="resolved", endsAt="2024-02-10T11:00:00+00:00")
    assert (message["status"], message["alerts"][0]["endsAt"]) == ("resolved", "2024-02-10T11:00:00+00:00")


@pytest.mark.parametrize(("address", "place"), [(ALERTMANAGER, ()), (HOOK, ("alerts",))])
def test_the_way_back_is_told(address: str, place: tuple[str, ...]) -> None:
    links = {"generator_url": "https://poquan.example/alerts/1", "external_url": "https://poquan.example"}
    message = json.loads(alert_message(alert(), address, NOW, **links))
    alerts = message[place[0]] if place else message
    assert alerts[0]["generatorURL"] == "https://poquan.example/alerts/1"


@pytest.mark.parametrize("address", [ALERTMANAGER, HOOK])
def test_nobody_is_told_of_a_pending_alert(address: str) -> None:
    with pytest.raises(ValueError, match="0123456789abcdef is pending"):
        told(address, state="pending")
