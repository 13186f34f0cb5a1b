"""`poquan score`: a few comments from the command line."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from model import WordEffect

_WORDS_SHOWN = 2  # on a line: the table must fit a terminal


def score(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="Comments; without them, the lines of standard input."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Model folder, else the current model.", show_default=False)
    ] = None,
) -> None:
    """Score comments given here, with the words that decided.

    The score is P(positive) - P(negative), from -1 to 1. The circles are the audiences a comment speaks from (most
    speak from none), the aspects what it judges, the stage one of want, seen, rewatch, recommend, dissuade and refund.

    Beside each word stands how far it moves the score; below, after a facet's name, the words that speak for that
    facet and how far they move its probability.

    Examples:

    - `poquan score 带着爸妈二刷，值了 剧情拖沓，中途睡着了`
    - `grep 退票 comments.txt | poquan score`
    """
    from rich.console import Console
    from rich.table import Table

    from corpora.taxonomy import CIRCLES, read_facets
    from service.batch.model_choice import load_scorer
    from service.settings import load_settings

    settings = load_settings(model=model)
    comments = texts or [line.rstrip("\n") for line in sys.stdin if line.strip()]
    if not comments:
        raise typer.BadParameter("give comments as arguments, or one a line on standard input.")
    scores = load_scorer(settings.model, settings.home).score(comments, explain=True)
    assert scores.words is not None and scores.facet_words is not None
    names = {circle.key: f"{circle.chinese} ({circle.key})" for circle in read_facets(CIRCLES)}
    facets = scores.facets
    table = Table(show_edge=False, pad_edge=False, show_lines=True)
    table.add_column("comment", overflow="fold", ratio=3)
    table.add_column("polarity", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    for name, ratio in (("circles", 2), ("aspects", None), ("stage", None), ("words that decided", 3)):
        table.add_column(name, overflow="fold", ratio=ratio)
    for place, comment in enumerate(comments):
        table.add_row(
            comment,
            scores.polarity[place],
            f"{scores.score[place]:+.2f}",
            "\n".join(names.get(circle, circle) for circle in facets.circles[place]),
            "\n".join(facets.aspects[place]),
            facets.stage[place],
            "\n".join(_deciding(scores.words[place], scores.facet_words[place])),
        )
    Console(markup=False, highlight=False).print(table)


def _deciding(words: "list[WordEffect]", facet_words: "dict[str, list[WordEffect]]") -> list[str]:
    """A line of the words that moved the score most, and one for each facet of those that speak for it."""
    lines = [_line(words)]
    for facet, effects in facet_words.items():
        lines.append(f"{facet}: {_line([effect for effect in effects if effect.effect > 0])}")
    return lines


def _line(words: "list[WordEffect]") -> str:
    return " ".join(f"{word.word} {word.effect:+.2f}" for word in words[:_WORDS_SHOWN])
