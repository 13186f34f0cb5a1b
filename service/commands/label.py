"""`poquan label`: its options, and what is said about a run."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.reading import reads

if TYPE_CHECKING:
    from rich.console import Console

    from corpora.readers import ReadOptions
    from service.batch.audience import Audiences
    from service.batch.label import Job, Report

_OUTPUT, _RUN = "Output", "Run"

_WIDTH_OF_LOGS = 120


@reads()
def label(
    *,
    source: Annotated[str, typer.Argument(metavar="IN", help="A file or a folder of comments; - for standard input.")],
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="OUT", help="The file to write; - for standard output."),
    ],
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="csv, jsonl, parquet, xlsx, csv.gz or jsonl.gz; else the name of OUT tells (- is csv).",
            rich_help_panel=_OUTPUT,
            show_default=False,
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add the words that decided (slower).", rich_help_panel=_OUTPUT)
    ] = False,
    probabilities: Annotated[
        bool,
        typer.Option("--probabilities", help="Add the probability of every circle.", rich_help_panel=_OUTPUT),
    ] = False,
    rejected: Annotated[
        Path | None,
        typer.Option(
            help="Where rejected rows go; else OUT.rejected.jsonl.", rich_help_panel=_OUTPUT, show_default=False
        ),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(help="Also write the summary as JSON.", rich_help_panel=_OUTPUT, show_default=False),
    ] = None,
    expect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CIRCLE=SHARE",
            help="Share of comments expected of a circle, as women=0.25; shows its TGI. May be repeated.",
            rich_help_panel=_OUTPUT,
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT where it exists.", rich_help_panel=_OUTPUT)
    ] = False,
    read: "ReadOptions",
    model: Annotated[
        Path | None,
        typer.Option(help="Model folder, else the current model.", rich_help_panel=_RUN, show_default=False),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, help="Scoring processes, else one a core.", rich_help_panel=_RUN, show_default=False
        ),
    ] = None,
    batch_size: Annotated[
        int, typer.Option(min=1, max=100_000, help="Comments a process takes at a time.", rich_help_panel=_RUN)
    ] = 1000,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped.", rich_help_panel=_RUN)
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.", rich_help_panel=_RUN)] = False,
) -> None:
    """Label every comment of a dump: its polarity, audience circles, aspects and stage.

    IN may be csv, tsv, jsonl, json, xlsx, sqlite, Parquet or Bilibili danmaku xml, plain or .gz, or a folder or
    database that MediaCrawler has filled; kind, encoding and columns are found out. OUT is csv, jsonl, Parquet or xlsx
    by its name (csv and jsonl also .gz).

    All columns are kept (names, pictures and account ids of the writers are dropped or hashed) and these are added:
    `polarity` (negative, neutral, positive), `polarity_score` (-1 to 1), `p_negative`, `p_neutral`, `p_positive`;
    `circles` (the audience circles it speaks from, such as senior or family), `aspects` (what it judges, such as story
    or acting) and `stage` (want, seen, rewatch, recommend, dissuade, refund). Most comments carry no circle; then
    `circles` is empty. With `--probabilities` also `p_circle_NAME` for every circle, with `--explain` also `words`
    and `facet_words`: the words that decided the polarity and each facet, and how far they move it.

    A column of the input with the name of an added one goes on as `input_NAME`; where all of them are there, the input
    is an earlier output and they are replaced. A csv file begins with a byte order mark, so that Excel reads it
    rightly; lists in csv and xlsx are joined by `;`. Cells that begin like a formula stay as they were written.

    At the end the audience mix of every work is shown: the share of comments that speak from each circle, corrected for
    the model's own error, and the share of women among the authors. With `--expect CIRCLE=SHARE` also the circle's TGI,
    its share by the one expected, times 100.

    Rows that cannot be read go to `OUT.rejected.jsonl`. OUT appears when it is whole; a run that was stopped, even by
    `kill -9`, goes on with `--resume`: no row is lost or doubled.

    Examples:

    - `poquan label comments.csv -o labelled.csv`
    - `poquan label comments.csv -o labelled.parquet --probabilities`
    - `poquan label comments.csv -o labelled.csv --expect women=0.25 --expect anime=0.1`
    - `poquan label MediaCrawler/data -o labelled.xlsx --work 第九枚卫星`
    - `zcat dump.jsonl.gz | poquan label - -o - --format jsonl | jq .polarity`
    """
    from service.batch.forms import choose_form
    from service.batch.label import Job
    from service.errors import OutputError
    from service.settings import load_settings

    settings = load_settings(model=model)
    if summary is not None and not summary.parent.is_dir():  # before an hour of labelling, not after it
        raise OutputError(
            f"The folder {summary.parent} of the summary does not exist; make it first or choose another."
        )
    destination = None if output == "-" else Path(output)
    job = Job(
        source=None if source == "-" else Path(source),
        output=destination,
        form=choose_form(destination, form),
        home=settings.home,
        model=settings.model,
        read=read,
        jobs=jobs or _cores(),
        batch_size=batch_size,
        explain=explain,
        probabilities=probabilities,
        resume=resume,
        overwrite=overwrite,
        rejected=rejected,
        expected=_shares(expect or ()),
    )
    _run(job, summary, quiet)


def _run(job: "Job", summary: Path | None, quiet: bool) -> None:
    from rich.console import Console

    from service.batch.audience import WORKS_SHOWN, read_audiences
    from service.batch.label import label as do_label
    from service.batch.summary import write_summary
    from service.batch.watching import watch_on

    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_LOGS)
    try:
        with watch_on(console, quiet) as watch:
            report = do_label(job, watch)
    except KeyboardInterrupt:
        console.print(_how_to_go_on(job), soft_wrap=True)
        raise typer.Exit(130) from None
    if quiet and summary is None:
        return
    audiences = read_audiences(report, most=WORKS_SHOWN if summary is None else None)
    if not quiet:
        _show(report, audiences, job, console)
    if summary is not None:
        write_summary(report, audiences, summary)


def _show(report: "Report", audiences: "Audiences", job: "Job", console: "Console") -> None:
    from service.batch.audience import show_audiences
    from service.batch.outputs import Places
    from service.batch.summary import closing_line, show_summary

    rejected = job.rejected if job.output is None else Places(job.output, job.rejected).rejected
    show_summary(report, console)
    show_audiences(report, audiences, console)
    line = closing_line(report, "standard output" if job.output is None else str(job.output), rejected)
    console.print(line, soft_wrap=True)


def _shares(given: Sequence[str]) -> dict[str, float]:
    """The expected shares by circle, from `circle=share` each."""
    from service.errors import SettingsError

    shares: dict[str, float] = {}
    for entry in given:
        circle, _, share = (part.strip() for part in entry.partition("="))
        if circle in shares:
            raise SettingsError(f"--expect names {circle} twice; give each circle one share.")
        try:
            shares[circle] = float(share)
        except ValueError:
            raise SettingsError(
                f"--expect {entry!r} is no share of a circle; write CIRCLE=SHARE with a share above 0 and at most 1, "
                "such as women=0.25."
            ) from None
    return shares


def _how_to_go_on(job: "Job") -> str:
    from service.batch.outputs import Places

    if job.output is None or not Places(job.output, job.rejected).journal.exists():
        return "Stopped."
    command = [argument for argument in sys.argv[1:] if argument not in ("--resume", "--overwrite")]
    return f"Stopped; go on with: poquan {shlex.join(command)} --resume"


def _cores() -> int:
    """The cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
