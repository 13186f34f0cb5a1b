"""Silences as Alertmanager has them cover alerts."""

from typing import Any

import pytest

from service.store.silences import Silence
from service.streams.messages import covers

LABELS = {"alertname": "backlash", "stream": "turn", "platform": "weibo"}


def silence(*matchers: dict[str, Any]) -> Silence:
    return Silence("s", matchers, 0, 1, "mei", "")


@pytest.mark.parametrize(
    ("matcher", "fits"),
    [
        ({"name": "stream", "value": "turn"}, True),
        ({"name": "stream", "value": "tur"}, False),
        ({"name": "stream", "value": "t.rn"}, False),
        ({"name": "stream", "value": "t.rn", "isRegex": True}, True),
        ({"name": "stream", "value": "tur", "isRegex": True}, False),
        ({"name": "platform", "value": "weibo", "isEqual": False}, False),
        ({"name": "platform", "value": "dou.*", "isRegex": True, "isEqual": False}, True),
        ({"name": "circle", "value": ""}, True),
        ({"name": "circle", "value": "", "isEqual": False}, False),
    ],
)
def test_a_matcher_fits_the_whole_label_and_an_absent_one_is_empty(matcher: dict[str, Any], fits: bool) -> None:
    assert covers(silence(matcher), LABELS) is fits


def test_all_matchers_must_fit() -> None:
    stream, other = {"name": "stream", "value": "turn"}, {"name": "alertname", "value": "breakout"}
    assert covers(silence(stream), LABELS)
    assert not covers(silence(stream, other), LABELS)
