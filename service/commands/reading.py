"""The options by which commands are told how a dump is to be read, the same for all of them."""

from typing import Annotated

import typer

COLUMNS, READING = "Columns of the input", "Reading"
"""The panels of the help these options stand in."""

ColumnName = Annotated[str | None, typer.Option(metavar="NAME", rich_help_panel=COLUMNS, show_default=False)]

Platform = Annotated[
    str | None,
    typer.Option(help="Platform, where the input does not say.", rich_help_panel=READING, show_default=False),
]
Work = Annotated[
    str | None, typer.Option(help="Film or series of every comment.", rich_help_panel=READING, show_default=False)
]
Timezone = Annotated[str, typer.Option(help="Zone of times that name none.", rich_help_panel=READING)]
Encoding = Annotated[
    str | None,
    typer.Option(help="Encoding of a text file, else detected.", rich_help_panel=READING, show_default=False),
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook.", rich_help_panel=READING, show_default=False)]
Table = Annotated[str | None, typer.Option(help="Table of a database.", rich_help_panel=READING, show_default=False)]
