"""`poquan replay`: an old dump through the monitor, as if it were live."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.commands.reading import reads

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from corpora.readers import ReadOptions
    from model import Scorer
    from service.evaluation.truth import Scale
    from service.monitor.expectations import Expectations
    from service.replay.dump import By, Comments, Reading
    from service.replay.outputs import Drafts
    from service.replay.replay import Replayed

_REPLAY, _TRUTH = "Replay", "Truth"

_WIDTH_OF_LOGS = 120
_STEP = 1_000  # comments read between two moves of the bar


@dataclass(frozen=True, slots=True)
class _Job:
    source: Path
    output: Path
    json: Path | None
    rejected: Path
    read: "ReadOptions"
    by: "By | None"
    bucket: str | None
    truth: tuple[str, "Scale"] | None


@reads()
def replay(
    *,
    source: Annotated[Path, typer.Argument(metavar="DUMP", help="A file or a folder of comments.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="HTML", help="The report to write.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="JSON", help="Also write everything as JSON.", show_default=False)
    ] = None,
    by: Annotated[
        Literal["platform", "work"] | None,
        typer.Option(help="Replay a stream for each, and write a report for each.", rich_help_panel=_REPLAY),
    ] = None,
    expect: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What is expected: JSON with any of mix, women, core, work, comments_between_false_alarms.",
            rich_help_panel=_REPLAY,
            show_default=False,
        ),
    ] = None,
    bucket: Annotated[
        str | None,
        typer.Option(
            help="Step of the charts, such as 10m, 1h or 1d; else the time spanned tells.",
            rich_help_panel=_REPLAY,
            show_default=False,
        ),
    ] = None,
    truth_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Stars or labels to judge the alerts by.", rich_help_panel=_TRUTH, show_default=False
        ),
    ] = None,
    truth_scale: Annotated[
        Literal["auto", "three", "binary", "stars"],
        typer.Option(help="What the labels are, as for `poquan evaluate`.", rich_help_panel=_TRUTH),
    ] = "auto",
    read: "ReadOptions",
    model: Annotated[
        Path | None,
        typer.Option(help="Model folder, else the current model.", rich_help_panel=_REPLAY, show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Replay an old dump through the monitor: which alerts would have come, when, and why.

    DUMP is what `poquan label` reads from a file or folder. Its comments are scored and watched in the order of their
    times, as the running service would have done, and nothing is known of what comes later. The report is one HTML file
    that needs nothing else: charts, the alerts with what explains them, and the new segments. With `--json` the same as
    JSON: `alerts` in the vocabulary of Alertmanager, `segments`, `series`. Alerts that were pending and never sure are
    left out.

    All comments are one stream, or with `--by platform` or `--by work` one for each, the 50 largest; then the reports
    are named `REPORT.STREAM.html`. Comments with the id of an earlier one are left out. Rows that cannot be read go to
    `REPORT.html.rejected.jsonl`.

    With `--truth-column` the alerts on the overall negative share are judged: stars 1 and 2 are negative, 3 is not, and
    labels are those of `poquan evaluate`. An episode is where the true negative share rose by ten points or more for
    thirty comments or more. Beside the monitor stand an alarm at every 100th comment, the rule of monitoring services
    (100 comments over the mean + 3 standard deviations of the 700 before), and river's ADWIN and PageHinkley where
    river is installed.

    Examples:

    - `poquan replay comments.csv -o report.html`
    - `poquan replay reviews.jsonl.gz -o report.html --json report.json --truth-column star`
    - `poquan replay MediaCrawler/data -o report.html --by platform`
    """
    from service.batch.model_choice import load_scorer
    from service.monitor.expectations import Expectations
    from service.replay.expected import read_expected
    from service.replay.outputs import check_outputs
    from service.settings import load_settings

    settings = load_settings(model=model)
    _check_source(source)
    _check_bucket(bucket)
    rejected = check_outputs(source, output, json_file)
    scorer = load_scorer(settings.model, settings.home)
    expected = Expectations() if expect is None else read_expected(expect, scorer.facet_names.circles)
    truth = None if truth_column is None else (truth_column, truth_scale)
    _run(_Job(source, output, json_file, rejected, read, by, bucket, truth), scorer, expected, quiet)


def _run(job: _Job, scorer: "Scorer", expected: "Expectations", quiet: bool) -> None:
    from rich.console import Console

    from service.replay.outputs import Drafts

    beside, console = (Console(stderr=stderr, highlight=False, markup=False, quiet=quiet) for stderr in (True, False))
    for each in (beside, console):
        if not each.is_terminal:
            each.width = max(each.width, _WIDTH_OF_LOGS)
    try:
        with Drafts() as drafts:
            reports = _replay_all(job, scorer, expected, drafts, beside, console)
    except KeyboardInterrupt:
        beside.print("Stopped; nothing was written.")
        raise typer.Exit(130) from None
    for report in reports:
        console.print(f"The report is {report}.", soft_wrap=True)


def _replay_all(
    job: _Job, scorer: "Scorer", expected: "Expectations", drafts: "Drafts", beside: "Console", console: "Console"
) -> list[Path]:
    """Write the drafts of all streams and print what they came to; what is said ``beside`` is no result."""
    import orjson

    from service.replay.document import document
    from service.replay.outputs import paths_of
    from service.replay.replay import Costs
    from service.replay.report import render_report
    from service.replay.showing import LEAST_TIMED, notices, show_stream, speed

    reading = _read(job, drafts, beside)
    for notice in notices(reading, str(job.rejected), job.by):
        beside.print(notice, soft_wrap=True)
    names = [comments.stream for comments in reading.streams]
    reports = paths_of(job.output, names)
    documents = [] if job.json is None else paths_of(job.json, names)
    total, watched, started = Costs(), 0, time.perf_counter()
    for place, comments in enumerate(reading.streams):
        bucket, replayed = _replay_one(comments, job, scorer, expected, beside)
        told = document(replayed, job.source.name, bucket, scorer.version)
        drafts.file(reports[place]).write(render_report(told).encode())
        if documents:
            drafts.file(documents[place]).write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        show_stream(told, console)
        total.add(replayed.costs)
        watched += len(comments)
    if watched >= LEAST_TIMED:
        console.print(speed(watched, time.perf_counter() - started, total), soft_wrap=True)
    if not reading.rejected:
        job.rejected.unlink(missing_ok=True)  # of an earlier replay
    return reports


def _read(job: _Job, drafts: "Drafts", console: "Console") -> "Reading":
    from corpora.readers import RejectedRow, open_dump
    from service.batch.chunks import rejected_line
    from service.replay.dump import read_streams
    from service.replay.truth import TruthColumn

    truth = None if job.truth is None else TruthColumn(*job.truth)
    with _bar(console) as bar:
        task = bar.add_task("reading", total=None)

        def reject(row: RejectedRow) -> None:
            drafts.file(job.rejected).write(rejected_line(row))

        def move(comments: int) -> None:
            if comments % _STEP == 0:
                bar.update(task, completed=comments)

        return read_streams(open_dump(job.source, job.read), job.by, truth, reject, move)


def _replay_one(
    comments: "Comments", job: _Job, scorer: "Scorer", expected: "Expectations", console: "Console"
) -> "tuple[str, Replayed]":
    from service.monitor.series import parse_bucket
    from service.replay.replay import replay, usual_bucket

    bucket = job.bucket or usual_bucket(comments)
    named = expected if expected.work is not None else replace(expected, work=comments.work)
    with _bar(console) as bar:
        task = bar.add_task("replaying", total=len(comments))
        return bucket, replay(
            comments, scorer, named, parse_bucket(bucket), lambda watched: bar.update(task, advance=watched)
        )


def _bar(console: "Console") -> "Progress":
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} comments"),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=console.quiet or not console.is_terminal,
    )


def _check_source(source: Path) -> None:
    from service.errors import SettingsError

    if source == Path("-") and not source.exists():
        raise SettingsError("Standard input is not taken; give a file or a folder of comments in place of -.")


def _check_bucket(bucket: str | None) -> None:
    """Refuse a bucket that is none before an hour of scoring, not after it."""
    from service.errors import SettingsError
    from service.monitor.series import parse_bucket

    try:
        parse_bucket(bucket or "1h")
    except ValueError as error:
        raise SettingsError(f"--bucket: {error}") from None
