"""What an alert measures in each comment, told from its labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.monitor.alerts import AlertChange
from service.monitor.comments import F64, NEGATIVE, Bools, ScoredComments
from service.monitor.signals import exit_of, marketing_of, outside_of, women_of


def signal_of(
    comments: ScoredComments, change: AlertChange, *, marks: Bools | None = None, core: Sequence[str] = ()
) -> F64:
    """Give ``(n,)`` the signal of an alert in [0, 1] for each comment, as a person is told of it.

    It is what its detector was fed but for negative comments: detectors are fed shifted odds, a person is told the
    share of negative comments as everywhere else.
    For ``coordinated`` and ``new_segment`` it is ``marks`` ``(n,)``, the near-copies or the members of the segment, and
    none where they are not given; for ``breakout`` the likeliest circle outside the ``core``. Raises ValueError where
    the labels name what is not known.
    """
    labels = change.labels
    signal = labels.get("signal", "negative")
    match labels["alertname"], signal:
        case (("backlash" | "poor_opening"), "negative"):
            return comments.polarity[:, NEGATIVE].astype(np.float64)
        case "backlash", "exit":
            return exit_of(comments)
        case "backlash", "marketing":
            return marketing_of(comments)
        case "circle_rise", "women":
            return women_of(comments)[0]
        case "circle_rise", _:
            chances: F64 = comments.circles[:, _circle(comments, labels.get("circle", ""))].astype(np.float64)
            return chances
        case "breakout", _:
            return outside_of(comments, core)
        case (("coordinated" | "new_segment"), _):
            return np.zeros(len(comments)) if marks is None else marks.astype(np.float64)
    raise ValueError(
        f"The monitor raises no alert {labels['alertname']!r} with the signal {signal!r}; the names are those of "
        "ALERTNAMES in service/monitor/alerts.py."
    )


def concerned(comments: ScoredComments, change: AlertChange) -> Bools:
    """Tell ``(n,)`` which comments an alert is of: those of its platform and circle where its labels name one."""
    of = np.ones(len(comments), np.bool_)
    labels = change.labels
    if "platform" in labels:
        of &= np.array([(platform or "") == labels["platform"] for platform in comments.platform], np.bool_)
    if "circle" in labels and labels["alertname"] != "circle_rise":
        of &= comments.named_circles[:, _circle(comments, labels["circle"])]
    if labels.get("signal") == "women":
        of &= women_of(comments)[1] > 0
    return of


def _circle(comments: ScoredComments, name: str) -> int:
    if name not in comments.names.circles:
        known = ", ".join(comments.names.circles)
        raise ValueError(f"The circle {name!r} of an alert is none the model knows; it knows {known}.")
    return comments.names.circles.index(name)
