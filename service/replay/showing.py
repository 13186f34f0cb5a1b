"""What a replay found, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from service.monitor.series import ZONE
from service.replay.dump import MOST_STREAMS, PACE, By, Reading
from service.replay.replay import Costs

#: Comments from which on a rate of them tells more of the work than of its start.
LEAST_TIMED = 5_000

_LABELS = ("signal", "circle", "platform", "segment")  # that tell alerts of one name apart
_PLAIN = ("negative", "circle", "copies", "non_core")  # signals that the alert's name says already


def notices(reading: Reading, rejected: str, by: By | None) -> list[str]:
    """Give a sentence for everything of the dump that is not replayed, or not as it stands there."""
    said = []
    if reading.rejected:
        said.append(f"{_counted(reading.rejected, 'row')} could not be read as comments; see {rejected}.")
    if reading.repeated:
        said.append(
            f"{_counted(reading.repeated, 'comment')} with the id of an earlier one left out, as the service does; "
            "where that is wrong, name the column of the ids with --id-column."
        )
    if reading.all_timeless:
        said.append(
            f"No comment tells its time: they are taken in the order of the file, {PACE:g} s apart from 1970 on, so "
            "times and rates mean nothing; name the column with --time-column if there is one."
        )
    elif reading.timeless:
        said.append(f"{_counted(reading.timeless, 'comment')} without a time taken at the time of the one before.")
    if reading.left_out:
        said.append(
            f"{_counted(reading.left_out, 'comment')} of {_counted(reading.small_streams, 'smaller stream')} left out: "
            f"--by {by} replays the {MOST_STREAMS} largest."
        )
    return said


def show_stream(document: Mapping[str, Any], console: Console) -> None:
    """Print what one stream came to: its alerts and, where there is a truth, how they and the rivals did."""
    span = f"{_clock(document['from'])} to {_clock(document['to'])} (China time)"
    console.print(f"{document['stream']}: {_counted(document['comments'], 'comment')}, {span}.", soft_wrap=True)
    if document["alerts"]:
        console.print(_alert_table(document["alerts"]))
    else:
        console.print("No alert.")
    if document["unconfirmed"]:
        console.print(f"Left out as they were pending and never sure: {document['unconfirmed']:,}.")
    if "truth" in document:
        _show_truth(document["truth"], console)


def speed(comments: int, seconds: float, costs: Costs) -> str:
    """Say how fast it went and what part of it the monitor took; worth saying from `LEAST_TIMED` comments on.

    >>> speed(30_000, 20.0, Costs(scoring=15, monitor=0.3, telling=0.6))
    '1,500 comments/s; scoring took 75 %, the monitor 1.5 % (10 us a comment), telling its alerts 3.0 %.'
    """
    scoring, monitor, telling = (each / seconds for each in (costs.scoring, costs.monitor, costs.telling))
    return (
        f"{comments / seconds:,.0f} comments/s; scoring took {scoring:.0%}, the monitor {monitor:.1%} "
        f"({costs.monitor / comments * 1e6:,.0f} us a comment), telling its alerts {telling:.1%}."
    ).replace("%", " %")


def _alert_table(alerts: list[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("time", no_wrap=True)
    table.add_column("comment", justify="right", no_wrap=True)
    table.add_column("alert", overflow="fold")
    table.add_column("share", no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    for alert in alerts:
        detected = alert["detected"]
        summary = alert["annotations"].get("summary_zh", "")
        table.add_row(_clock(detected["time"]), f"{detected['comment']:,}", _name(alert), _shares(alert), summary)
    return table


def _name(alert: Mapping[str, Any]) -> str:
    labels = alert["labels"]
    apart = [labels[name] for name in _LABELS if name in labels and labels[name] not in _PLAIN]
    return " ".join([labels["alertname"], *apart])


def _shares(alert: Mapping[str, Any]) -> str:
    if "segment" in alert:
        return f"{_percent(alert['segment']['share_first'])} → {_percent(alert['segment']['share'])}"
    told = alert.get("explanation") or {"before": alert["signal"]["baseline"], "after": alert["signal"]["now"]}
    return f"{_percent(told['before']['value'])} → {_percent(told['after']['value'])}"


def _show_truth(truth: Mapping[str, Any], console: Console) -> None:
    if not truth["episodes"]:
        console.print(
            f"By the truth of {_counted(truth['labelled'], 'label')} the negative share never rose by ten points."
        )
    for episode in truth["episodes"]:
        console.print(
            f"By the truth the negative share rose from {_percent(episode['before'])} to {_percent(episode['share'])}: "
            f"comments {episode['comment']:,} to {episode['last_comment']:,}, from {_clock(episode['from'])} on.",
            soft_wrap=True,
        )
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("detector", no_wrap=True)
    for name in ("episodes found", "false alarms", "mean delay (comments)"):
        table.add_column(name, justify="right")
    for detector in truth["detectors"]:
        delay = detector["mean_delay_comments"]
        table.add_row(
            detector["name"],
            f"{detector['episodes_found']} of {detector['episodes']}",
            f"{detector['false_alarms']:,}",
            "-" if delay is None else f"{delay:,.0f}",
        )
    for missing in truth["not_run"]:
        table.add_row(f"{missing['name']} ({missing['reason']})", "-", "-", "-")
    console.print(table)


def _percent(share: float) -> str:
    return f"{100 * share:.{0 if share >= 0.0995 else 1}f} %"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _clock(iso: str) -> str:
    """Give a time to the nearest minute, as the sentences of an alert do."""
    return f"{datetime.fromisoformat(iso).astimezone(ZoneInfo(ZONE)) + timedelta(seconds=30):%Y-%m-%d %H:%M}"
