"""`poquan score`: a few comments from the command line."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def score(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="Comments; without them, the lines of standard input."),
    ] = None,
    platform: Annotated[str | None, typer.Option(help="The platform they stand on.", show_default=False)] = None,
    model: Annotated[
        Path | None, typer.Option(help="Model folder, else the current model.", show_default=False)
    ] = None,
) -> None:
    """Score comments given here, with the words that decided.

    The score is P(positive) - P(negative), from -1 to 1; beside each word stands how far it moves the score.

    Examples:

    - `poquan score 特效满分，哭着出来的 剧情拖沓，中途睡着了`
    - `grep 退票 comments.txt | poquan score --platform maoyan`
    """
    from rich.console import Console
    from rich.table import Table

    from service.batch.model_choice import load_scorer
    from service.settings import load_settings

    settings = load_settings(model=model)
    comments = texts or [line.rstrip("\n") for line in sys.stdin if line.strip()]
    if not comments:
        raise typer.BadParameter("give comments as arguments, or one a line on standard input.")
    scorer = load_scorer(settings.model, settings.home)
    scores = scorer.score(comments, platforms=[platform] * len(comments), explain=True)
    table = Table(show_edge=False)
    for name in ("polarity", "score", "P(neg)", "P(neu)", "P(pos)"):
        table.add_column(name, justify="left" if name == "polarity" else "right", no_wrap=True)
    table.add_column("comment", overflow="fold")
    table.add_column("words that decided", overflow="fold")
    for place, comment in enumerate(comments):
        words = scores.words[place] if scores.words is not None else []
        table.add_row(
            scores.polarity[place],
            f"{scores.score[place]:+.2f}",
            *(f"{chance:.2f}" for chance in scores.probabilities[place]),
            comment,
            "  ".join(f"{effect.word} {effect.effect:+.2f}" for effect in words),
        )
    Console(markup=False, highlight=False).print(table)
