"""`poquan model`: which model is in use, what is known of it, and the way back."""

import typer

models = typer.Typer(help="The models: which is in use, what it can do, and the way back.", no_args_is_help=True)


@models.command("list")
def list_models() -> None:
    """Name the models that have been in use, oldest first; the last one is in use now."""
    from model.registry import history
    from service.settings import load_settings

    names = history(load_settings().home)
    for place, name in enumerate(names, 1):
        typer.echo(f"{name}  (in use)" if place == len(names) else name)


@models.command("show")
def show_model() -> None:
    """Show the model in use: where it lies and its card."""
    from rich.console import Console
    from rich.markdown import Markdown

    from service.batch.model_choice import load_scorer
    from service.settings import load_settings

    settings = load_settings()
    scorer = load_scorer(settings.model, settings.home)
    console = Console()
    console.print(f"{scorer.version} in {scorer.path}", highlight=False, markup=False, soft_wrap=True)
    if scorer.card:
        console.print(Markdown(scorer.card))


@models.command("rollback")
def roll_back() -> None:
    """Go back to the model that was in use before. A running service takes it over at POST /model/reload."""
    from model.registry import history, rollback
    from service.settings import load_settings

    home = load_settings().home
    rollback(home)
    typer.echo(f"The model in use is now: {history(home)[-1]}")
