"""Say what a review chose: how many comments for which reason, and how the circles fared."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from service.review.lanes import ASPECT, CIRCLE, POLARITY, RANDOM, STAGE
from service.review.review import Report

_MEANT = {
    RANDOM: "a plain sample: estimate shares on these alone",
    POLARITY: "two polarities are nearly as likely",
    CIRCLE: "near a circle's threshold",
    ASPECT: "near an aspect's threshold",
    STAGE: "near a stage's threshold",
}


def show_report(report: Report, console: Console) -> None:
    """Print the counts by reason and by circle, and what to do next."""
    reasons = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    reasons.add_column("why")
    reasons.add_column("comments", justify="right")
    reasons.add_column("meaning")
    for kind, meaning in _MEANT.items():
        reasons.add_row(kind, f"{report.reasons[kind]:,}", meaning)
    console.print(reasons)
    near, guessed = report.near_circles, report.guessed_circles
    circles = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    circles.add_column("circle")
    circles.add_column("chosen for it", justify="right")
    circles.add_column("model's guess in the queue", justify="right")
    for name in sorted(near | guessed, key=lambda name: (-near[name], -guessed[name], name)):
        circles.add_row(name, f"{near[name]:,}", f"{guessed[name]:,}")
    console.print(circles)
    console.print(closing_lines(report), soft_wrap=True)


def closing_lines(report: Report) -> str:
    """How many comments of how many went where, and what to do with them."""
    written = " and ".join(map(str, report.written))
    refused = f" ({report.refused:,} rows could not be read)" if report.refused else ""
    return (
        f"{len(report.queue):,} of {report.comments:,} comments{refused} written to {written}, "
        f"model {report.model}.\n"
        "Correct the labels, delete the rows you have not judged, put the file into corpora/local and run make train."
    )
