"""The options by which commands are told how a dump is to be read, the same for all of them."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Literal

import typer

COLUMNS, READING = "Columns of the input", "Reading"
"""The panels of the help these options stand in."""

_COLUMN = Annotated[str | None, typer.Option(metavar="NAME", rich_help_panel=COLUMNS, show_default=False)]


def _said(kind: Any, told: str, show_default: bool = False) -> Any:
    return Annotated[kind, typer.Option(help=told, rich_help_panel=READING, show_default=show_default)]


_ROLES = (
    "text", "id", "time", "work", "thread", "parent", "platform", "author", "likes", "replies", "region", "gender",
)  # fmt: skip
_OPTIONS: Mapping[str, tuple[Any, str | None]] = {
    **{f"{role}_column": (_COLUMN, None) for role in _ROLES},
    "platform": (_said(str | None, "Platform, where the input does not say."), None),
    "work": (_said(str | None, "Film or series of every comment."), None),
    "work_from": (_said(Literal["title", "keyword"], "What names the work of a crawled post.", True), "title"),
    "timezone": (_said(str, "Zone of times that name none.", True), "Asia/Shanghai"),
    "encoding": (_said(str | None, "Encoding of a text file, else detected."), None),
    "sheet": (_said(str | None, "Sheet of a workbook."), None),
    "table": (_said(str | None, "Table of a database."), None),
}

_ALL = " ".join(_OPTIONS)


def reads(names: str = _ALL) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options, by default all, in place of its parameter `read`, which takes the `ReadOptions`
    they make; they are named as its fields, with spaces between."""
    options = names.split()

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**given: Any) -> None:
            from corpora.readers import ReadOptions

            command(read=ReadOptions(**{option: given.pop(option) for option in options}), **given)

        parameters: list[inspect.Parameter] = []
        for parameter in inspect.signature(command).parameters.values():
            named = options if parameter.name == "read" else ()
            parameters += [] if named else [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
            for option in named:
                kind, default = _OPTIONS[option]
                parameters.append(
                    inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
                )
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate
