"""A tiny replay as a document, and what its page says."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

START = datetime(2024, 2, 9, 16, tzinfo=UTC)  # midnight in China
RETURNED, SETTLED = "back to the baseline", "the new level has become the normal one"


def at(hour: float) -> str:
    return (START + timedelta(hours=hour)).isoformat()


def share(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.02, "high": value + 0.02}


def point(hour: float, comments: int = 50, **changes: Any) -> dict[str, Any]:
    counts = {"comments": comments, "organic": comments, "copies": 0, "likes": 9}
    shares = {"negative": share(0.1), "positive": share(0.5), "outside_core": share(0.2), "effective_circles": share(4)}
    circles = {key: {"share": share(value), "penetration": None} for key, value in (("family", 0.2), ("cosplay", 0.1))}
    return {"start": at(hour), "end": at(hour + 1)} | counts | shares | {"circles": circles} | changes


def course(negative: list[float], comments: int = 50) -> list[dict[str, Any]]:
    return [point(hour, comments, negative=share(value)) for hour, value in enumerate(negative)]


def mover(name: str, chinese: str) -> dict[str, Any]:
    return {
        "name": name,
        "chinese": chinese,
        "share": {"before": share(0.11), "after": share(0.22)},
        "signal": {"before": share(0.13), "after": share(0.57)},
        "part": share(0.64),
    }


def quote(**changes: Any) -> dict[str, Any]:
    told = {"seq": 1234, "time": at(20), "text": "预告骗人", "likes": 77, "platform": "douyin", "p_negative": 0.93}
    return told | changes


def alert(alertname: str = "backlash", hour: float = 21.5, **changes: Any) -> dict[str, Any]:
    return {
        "labels": {"alertname": alertname, "signal": "negative", "severity": "warning", "stream": "年夜饭"},
        "annotations": {"summary": "It turned.", "summary_zh": "转差了。", "description": "By parents."},
        "state": "firing",
        "startsAt": at(hour),
        "endsAt": None,
        "fingerprint": alertname,
        "onset": {"time": at(hour - 1.5), "comment": 1000},
        "detected": {"time": at(hour), "comment": 1090},
        "signal": {"baseline": share(0.11), "now": share(0.3)},
        "reason": "",
        "explanation": {
            "onset_range": [at(hour - 2), at(hour - 1)],
            "before": share(0.12),
            "after": share(0.34),
            "baseline": share(0.11),
            "volume": {
                "before": {"comments": 900, "per_hour": 50.0, "likes": 5},
                "after": {"comments": 90, "per_hour": 80.0, "likes": 60},
            },
            "circles": [mover("family", "亲子家庭")],
            "platforms": [mover("weibo", "微博")],
            "aspects": [],
            "terms": [{"term": "退票", "z": 6.5, "before": 0.01, "after": 0.08}],
            "origin": "organic",
            "copies": share(0.03),
            "authors": 41,
            "representative": [quote()],
            "most_liked": [quote(seq=1300, text="等下映吧", likes=990)],
        },
    } | changes


def over(reason: str, **changes: Any) -> dict[str, Any]:
    return alert(state="resolved", endsAt=at(31.5), reason=reason, **changes)


SEGMENT = {
    "id": "segment_1",
    "state": "proposed",
    "terms": [{"term": "带娃", "z": 4.0}, {"term": "儿童票", "z": 3.0}, {"term": "停车", "z": 2.0}],
    "size": 80,
    "share": 0.04,
    "share_first": 0.01,
    "growth": 2.5,
    "coherence": 0.7,
    "coherence_of_all": 0.1,
    "examples": ["一家三口光停车就花了半小时"],
}


def proposal() -> dict[str, Any]:
    labels = {"alertname": "new_segment", "stream": "年夜饭", "segment": "segment_1", "severity": "info"}
    told = {
        name: value for name, value in alert("new_segment").items() if name not in ("explanation", "signal", "reason")
    }
    return told | {"labels": labels, "segment": SEGMENT}


def document(**changes: Any) -> dict[str, Any]:
    return {
        "poquan": "0.1.0",
        "model": "m1",
        "source": "dump.csv",
        "stream": "年夜饭",
        "comments": 2400,
        "from": at(0),
        "to": at(48),
        "bucket": "1h",
        "alerts": [alert()],
        "unconfirmed": 0,
        "segments": [SEGMENT],
        "series": {"points": [point(hour) for hour in range(48)]},
    } | changes


def detector(name: str, **changes: Any) -> dict[str, Any]:
    did = {"episodes_found": 1, "episodes": 1, "false_alarms": 0, "mean_delay_comments": 140.0, "alarms": [1090]}
    return {"name": name} | did | changes


EPISODE = {"from": at(19), "to": at(30), "comment": 601, "last_comment": 1200, "before": 0.1, "share": 0.4}
TRUTH = {
    "episodes": [EPISODE],
    "detectors": [detector("poquan"), detector("river ADWIN", episodes_found=0, mean_delay_comments=None, alarms=[])],
    "not_run": [{"name": "river PageHinkley", "reason": "It is not installed."}],
}


def headline(page: str) -> str:
    found = re.search("<h1>(.*?)</h1>", page)
    assert found
    return plain(found[1])


def plain(markup: str) -> str:
    return re.sub("<.*?>", "", markup)


def section(page: str, name: str) -> str:
    found = re.search(f'<section id="{name}">(.*?)</section>', page, flags=re.DOTALL)
    assert found
    return found[1]


class Balance(HTMLParser):
    """Fails on an end tag that does not close the innermost element."""

    open_tags: list[str]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "link", "br"):
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag


def balanced(page: str) -> bool:
    parser = Balance()
    parser.open_tags = []
    parser.feed(page)
    return parser.open_tags == []
