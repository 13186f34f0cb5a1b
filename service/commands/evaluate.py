"""`poquan evaluate`: how good is the model on comments you have labelled yourself?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.commands.reading import reads

if TYPE_CHECKING:
    from corpora.readers import ReadOptions

_WIDTH_OF_LOGS = 120


@reads("text_column platform_column platform encoding sheet table")
def evaluate(
    *,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A file of comments with a column of labels.")],
    truth: Annotated[str, typer.Option(metavar="COLUMN", help="The column with your labels.")],
    truth_scale: Annotated[
        Literal["auto", "three", "binary", "stars"], typer.Option(help="What the labels are; see above.")
    ] = "auto",
    group: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Intervals resample the values of this column, else rows.", show_default=False
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Also write everything as JSON.", show_default=False)
    ] = None,
    read: "ReadOptions",
    model: Annotated[
        Path | None, typer.Option(help="Model folder, else the current model.", show_default=False)
    ] = None,
) -> None:
    """Judge the model on comments you have labelled.

    Labels may be words (negative, neutral, positive; neg, neu, pos; 负面, 中性, 正面) or -1, 0, 1.
    With `--truth-scale binary` 0 is negative and 1 positive; with `--truth-scale stars` 1 and 2 are negative, 4 and 5
    positive. Mixed labels and 3 stars are reported apart.

    Prints the confusion matrix, precision, recall and F1 of each class, macro-F1, accuracy, AUC (where the truth has
    two classes) and the calibration error of P(negative), with 95 % intervals, and the main figures by platform.

    Examples:

    - `poquan evaluate labelled.csv --truth label --group title`
    - `poquan evaluate reviews.jsonl --truth star --truth-scale stars --json figures.json`
    """
    from rich.console import Console

    from corpora.readers import open_dump
    from service.batch.model_choice import load_scorer
    from service.evaluation.judge import evaluate as judge
    from service.evaluation.showing import show_evaluation, write_evaluation
    from service.evaluation.truth import Truths
    from service.settings import load_settings

    settings = load_settings(model=model)
    dump = open_dump(source, read)
    scorer = load_scorer(settings.model, settings.home)
    evaluation = judge(dump, scorer, Truths(truth_scale, truth), group)
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_LOGS)
    show_evaluation(evaluation, group, console)
    if json_file is not None:
        write_evaluation(evaluation, scorer.version, group, json_file)
