"""`poquan review`: which comments are worth labelling next?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.commands.reading import reads

if TYPE_CHECKING:
    from corpora.readers import ReadOptions
    from service.review.review import Job

_OUTPUT = "Output"
_WIDTH_OF_LOGS = 120


@reads("text_column id_column time_column work_column platform_column platform work timezone encoding sheet table")
def review(
    *,
    source: Annotated[Path, typer.Argument(metavar="DUMP", help="A file or a folder of comments.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="The file to write.")],
    count: Annotated[int, typer.Option(min=1, max=10_000, help="Comments to choose.")] = 200,
    per_circle: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Comments near the threshold of each circle, else half of all.", show_default=False
        ),
    ] = None,
    labelled: Annotated[
        list[Path] | None,
        typer.Option("--except", metavar="FILE", help="Leave out the comments of this file.", show_default=False),
    ] = None,
    form: Annotated[
        Literal["csv", "doccano", "label-studio"] | None,
        typer.Option(
            "--format",
            help="Else the name of OUT tells: .csv, .jsonl (doccano), .json (Label Studio).",
            rich_help_panel=_OUTPUT,
            show_default=False,
        ),
    ] = None,
    label_config: Annotated[
        Path | None,
        typer.Option(
            metavar="XML",
            help="Where the Label Studio interface goes; else beside OUT, as NAME.config.xml.",
            rich_help_panel=_OUTPUT,
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT where it exists.", rich_help_panel=_OUTPUT)
    ] = False,
    read: "ReadOptions",
    model: Annotated[
        Path | None, typer.Option(help="Model folder, else the current model.", show_default=False)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Choose the comments that teach the model most when you label them.

    Chosen are comments the model is unsure of: between two polarities, or near the threshold of a circle, an aspect or
    a stage. Every circle has its turn, so that rare ones are not drowned; copies are left out, and topics and works
    are spread. The same dump and model give the same queue.

    A tenth is drawn at random and marked `random`. Only on these can you tell how large a circle is or how often the
    model is right: the others were chosen because they are hard, so shares and scores on them are wrong.

    A csv has the columns `text`, `polarity`, `circles`, `aspects`, `stage` (the model's guess, lists joined by `;`),
    `why`, `id`, `work`, `platform`, `time`. Correct the guesses (`polarity` may also be `mixed`), delete the rows you
    have not judged, put the file into `corpora/local` and run `make train`. The exports of doccano and Label Studio go
    there too.

    For doccano: a text classification project without single labels, import as JSONL. For Label Studio: paste
    NAME.config.xml as the labelling interface, then import OUT; the guesses are its predictions.

    Examples:

    - `poquan review comments.csv -o queue.csv`
    - `poquan review MediaCrawler/data -o queue.json --count 600 --per-circle 20`
    - `poquan review comments.csv -o next.csv --except corpora/local/queue.csv`
    """
    from service.review.forms import choose_review_form
    from service.review.review import Job
    from service.settings import load_settings

    settings = load_settings(model=model)
    job = Job(
        source=source,
        output=output,
        form=choose_review_form(output, form),
        home=settings.home,
        model=settings.model,
        read=read,
        count=count,
        per_circle=per_circle,
        done=tuple(labelled or ()),
        config=label_config,
        overwrite=overwrite,
    )
    _run(job, quiet)


def _run(job: "Job", quiet: bool) -> None:
    from rich.console import Console

    from service.batch.watching import watch_on
    from service.review.review import review as do_review
    from service.review.showing import show_report

    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_LOGS)
    try:
        with watch_on(console, quiet) as watch:
            report = do_review(job, watch)
    except KeyboardInterrupt:
        console.print("Stopped; nothing was written.")
        raise typer.Exit(130) from None
    if not quiet:
        show_report(report, console)
