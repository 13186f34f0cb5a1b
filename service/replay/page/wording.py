"""What alerts and their labels are called on the page, Chinese and English."""

from collections.abc import Mapping, Sequence

from service.monitor.facet_wording import chinese_name, english_name
from service.monitor.watch import SETTLED
from service.replay.page import Doc
from service.replay.page.figures import duration, percent, seconds

#: The kinds of alerts; those that a headline prefers come first.
ALERTS = {
    "backlash": ("口碑反噬", "Backlash"),
    "poor_opening": ("开局不佳", "Poor opening"),
    "coordinated": ("疑似水军", "Coordinated wave"),
    "breakout": ("破圈", "Breakout"),
    "circle_rise": ("圈层涌入", "Rise of a circle"),
    "new_segment": ("新人群", "New segment"),
}
OF_MOOD = ("backlash", "poor_opening")

ORIGINS = {
    "organic": ("自发", "organic"),
    "mixed": ("部分有组织", "mixed"),
    "coordinated": ("有组织", "coordinated"),
}
SEVERITIES = {"info": ("提示", "info"), "warning": ("警告", "warning"), "critical": ("严重", "critical")}
STATES = {
    "firing": ("进行中", "firing"),
    "resolved": ("已回落", "resolved"),
    "found": ("已发现", "found"),
    "proposed": ("建议命名", "proposed"),
}

_NEGATIVE, _WOMEN = "negative", "women"
_SIGNALS = {
    _NEGATIVE: ("负面", "negative"),
    "exit": ("劝退·退票", "exit"),
    "marketing": ("吐槽宣传", "marketing"),
    "copies": ("雷同评论", "copies"),
    "circle": ("圈层", "circle"),
    _WOMEN: ("女性", "women"),
    "non_core": ("核心圈外", "non-core"),
}
_NAMED_BY = 2  # terms in the name of a segment


def both(names: Mapping[str, tuple[str, str]], key: str) -> str:
    """Give the Chinese and the English name of a key; one without names goes by itself.

    >>> both(SEVERITIES, "info")
    '提示 info'
    """
    return " ".join(names[key]) if key in names else key


def kind(alert: Doc) -> str:
    """Give the class of an alert's colour."""
    name: str = alert["labels"]["alertname"]
    return name if name in ALERTS else "other"


def names(alert: Doc) -> tuple[str, str]:
    """Give the name of an alert's kind, Chinese and English."""
    name = alert["labels"]["alertname"]
    return ALERTS.get(name, (name, name))


def state(alert: Doc) -> str:
    """Give the state of an alert; one can also end because its level has become the normal one."""
    return "已成常态 settled" if alert.get("reason") == SETTLED else both(STATES, alert["state"])


def returned(alert: Doc) -> bool:
    """Whether what an alert is about is over."""
    return alert["state"] == "resolved" and alert.get("reason") != SETTLED


def lasted(alert: Doc) -> tuple[str, str]:
    """Give how long an alert that has ended was firing, Chinese and English."""
    return duration(seconds(alert["endsAt"]) - seconds(alert["startsAt"]))


def in_order(alerts: Sequence[Doc]) -> list[Doc]:
    """Give alerts as a reader needs them: by kind, those of the whole stream before those of a part, then by time."""
    kinds = [*ALERTS, "other"]
    return sorted(
        alerts, key=lambda each: (kinds.index(kind(each)), len(parts(each)), each["startsAt"], each["fingerprint"])
    )


def signal(alert: Doc) -> tuple[str, str]:
    """Give the name of what an alert watches, Chinese and English."""
    key = alert["labels"].get("signal", _NEGATIVE)
    return _SIGNALS.get(key, (key, key))


def about(alert: Doc) -> tuple[str, str]:
    """Give the name of an alert with what sets it apart: a signal that its name does not say, the circle, the platform,
    the terms of a segment; Chinese and English."""
    chinese, english = ([name] for name in names(alert))
    of_mood = alert["labels"]["alertname"] in OF_MOOD
    watched = alert["labels"].get("signal", _NEGATIVE)
    if watched == _WOMEN or (of_mood and watched != _NEGATIVE):
        chinese.append(signal(alert)[0])
        english.append(signal(alert)[1])
    for key in parts(alert):
        chinese.append(chinese_name(key))
        english.append(english_name(key))
    if "segment" in alert:
        chinese.append(segment_name(alert["segment"]))
    return " · ".join(chinese), " · ".join(english)


def parts(alert: Doc) -> Sequence[str]:
    """Give the circle and the platform that an alert is about; none for one about the whole stream."""
    return [alert["labels"][key] for key in ("circle", "platform") if alert["labels"].get(key)]


def of_whole_mood(alert: Doc) -> bool:
    """Whether an alert is about the negative share of the whole stream, which the chart of the course shows."""
    labels = alert["labels"]
    return labels["alertname"] in OF_MOOD and labels.get("signal") == _NEGATIVE and not parts(alert)


def segment_name(segment: Doc) -> str:
    """Give the name of a segment: its first terms, or its id where it has none."""
    return "、".join(each["term"] for each in segment["terms"][:_NAMED_BY]) or str(segment["id"])


def waited(alert: Doc) -> tuple[str, str]:
    """Give how long it took from the onset to the alert, Chinese and English."""
    return duration(seconds(alert["detected"]["time"]) - seconds(alert["onset"]["time"]))


def share_change(alert: Doc) -> tuple[str, str]:
    """Give the share of an alert's signal before and after the onset; the alert's own where it is not explained."""
    why = alert.get("explanation")
    known = (why["before"], why["after"]) if why else (alert["signal"]["baseline"], alert["signal"]["now"])
    before, after = (percent(share["value"]) for share in known)
    return before, after
