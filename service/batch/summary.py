"""What a labelling found: net sentiment by work and platform as a table, and everything as JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from service.batch.audience import Audiences, audience_figures
from service.batch.label import Report
from service.batch.tally import Counts, net_sentiment

_ROWS_SHOWN = 20
_NAME_SHOWN = 40  # characters of a work's name


def show_summary(report: Report, console: Console) -> None:
    """Print the table of the largest groups and of all together."""
    groups = sorted(report.standing.tally.counts.items(), key=lambda item: -item[1].comments)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("work", overflow="fold", max_width=40)
    table.add_column("platform", overflow="fold", min_width=8)
    for name in ("comments", "neg", "neu", "pos", "net sentiment (95 %)"):
        table.add_column(name, justify="right", no_wrap=True)
    for (work, platform), counts in groups[:_ROWS_SHOWN]:
        table.add_row((work or "-")[:_NAME_SHOWN], platform or "-", *_cells(counts))
    if len(groups) > _ROWS_SHOWN:
        rest = sum((counts for _, counts in groups[_ROWS_SHOWN:]), Counts())
        table.add_row(f"{len(groups) - _ROWS_SHOWN} more", "", *_cells(rest))
    if len(groups) > 1:
        table.add_section()
        table.add_row("all", "", *_cells(report.standing.tally.total), style="bold")
    console.print(table)


def closing_line(report: Report, output: str, rejected: Path | None) -> str:
    """How many comments went where, how fast, and with which model."""
    standing = report.standing
    rate = f" at {report.labelled / report.seconds:,.0f} a second" if report.labelled and report.seconds else ""
    line = (
        f"{standing.comments:,} comments labelled to {output} in {report.seconds:,.1f} s{rate}, model {report.model}."
    )
    if standing.rejected:
        place = f"see {rejected}" if rejected is not None else "name a file with --rejected to keep them"
        line += f"\n{standing.rejected:,} rows rejected ({place}); the first: {standing.first_reason}"
    return line


def write_summary(report: Report, audiences: Audiences, path: Path) -> None:
    """Write the figures as JSON: `model`, `input`, `comments`, `rejected`, `seconds`, `total`, `groups`, `works`.

    `groups` holds for every work and platform, `total` for all, the `comments`, how many are `negative`, `neutral` and
    `positive`, and `net_sentiment` in [-1, 1] with `_low` and `_high` (95 %, see `net_sentiment`), null without any.

    `works` holds for each of the first `MOST_AUDIENCES` works of the input (the rest as `OTHERS`), and `total` for all:

    - `audience`: by circle the `share` of comments in [0, 1] with its 95 % interval `low`, `high`, corrected for the
      model's own error (`model.audience_mix`); of the circles given by `--expect` also `expected` and `tgi`, `tgi_low`,
      `tgi_high`, which are the share by the expected one, times 100. A comment may speak from several circles.
    - `none`: the same of comments that speak from no circle; `effective_circles`: the effective number of circles,
      `value`, `low`, `high`. These three are null below `LEAST_COMMENTS` comments and for a model without rates.
    - `author_gender`: the `share` of women among the authors, `low`, `high`, by `basis` ("declared" gender or
      "self-references" in the text) and the number of `witnesses`; null where too few tell (`model.author_gender`).
    - `aspects`, `stages`: how many comments the model names each in, not corrected.
    """
    standing = report.standing
    summary = {
        "model": report.model,
        "input": report.kind,
        "comments": standing.comments,
        "rejected": standing.rejected,
        "seconds": round(report.seconds, 3),
        "total": {**_figures(standing.tally.total), **audience_figures(audiences.all, report)},
        "groups": [
            {"work": work, "platform": platform, **_figures(counts)}
            for (work, platform), counts in sorted(standing.tally.counts.items(), key=lambda item: -item[1].comments)
        ],
        "works": [
            {"work": each.work, "comments": each.counts.comments, **audience_figures(each, report)}
            for each in audiences.works
        ],
    }
    path.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _figures(counts: Counts) -> Mapping[str, Any]:
    net = net_sentiment(counts)
    return {
        "comments": counts.comments,
        "negative": counts.negative,
        "neutral": counts.neutral,
        "positive": counts.positive,
        "net_sentiment": None if net is None else round(net.value, 4),
        "net_sentiment_low": None if net is None else round(net.low, 4),
        "net_sentiment_high": None if net is None else round(net.high, 4),
    }


def _cells(counts: Counts) -> list[str]:
    net = net_sentiment(counts)
    if net is None:
        return ["0", "-", "-", "-", "-"]
    shares = [f"{part / counts.comments:.1%}" for part in (counts.negative, counts.neutral, counts.positive)]
    return [f"{counts.comments:,}", *shares, f"{net.value:+.2f} ({net.low:+.2f}…{net.high:+.2f})"]
