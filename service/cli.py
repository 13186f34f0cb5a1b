"""The command `poquan`."""

import os
import sys
from typing import Annotated

import typer

from corpora.errors import CorporaError
from service.commands.evaluate import evaluate
from service.commands.label import label
from service.commands.model import models
from service.commands.replay import replay
from service.commands.review import review
from service.commands.score import score
from service.commands.serve import serve
from service.commands.watch import watch
from service.errors import ServiceError

app = typer.Typer(
    name="poquan",
    help="What Chinese audiences feel under films, series and short dramas.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with `poquan label comments.csv -o labelled.csv`. "
    "Settings come from the environment: `POQUAN_HOME`, `POQUAN_MODEL`, …",
)
app.command()(label)
app.command()(score)
app.command()(evaluate)
app.command()(review)
app.command()(replay)
app.command()(serve)
app.command()(watch)
app.add_typer(models, name="model")


def main() -> None:
    """Run the command; what the user can put right ends with one sentence and exit code 2, never with a traceback."""
    try:
        app()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if not _is_for_the_user(error):
            raise
        print(f"poquan: {_sentence(error)}", file=sys.stderr)
        sys.exit(2)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"poquan {version('poquan')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Nothing is common to the commands but what can be asked without one."""


def _is_for_the_user(error: Exception) -> bool:
    if isinstance(error, ServiceError | CorporaError | OSError):
        return True
    loaded = sys.modules.get("model")  # not imported for the question's sake: it is slow to load
    return loaded is not None and isinstance(error, loaded.ModelError)


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error)
