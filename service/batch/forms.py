"""The forms an output can have, told by its name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.errors import OutputError

Kind = Literal["csv", "jsonl", "parquet", "xlsx"]

FORMS = ("csv", "csv.gz", "jsonl", "jsonl.gz", "parquet", "xlsx")
"""What an output may be, as extensions and as values of `--format`."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file, and whether it is gzipped.

    csv and jsonl are written as they go. A Parquet file or a workbook cannot be continued after a kill, so its rows
    are kept as JSON lines until all are there (`streamed` is False).
    """

    kind: Kind
    gzipped: bool = False

    @property
    def streamed(self) -> bool:
        """Whether the rows are written in this form right away."""
        return self.kind in ("csv", "jsonl")

    def __str__(self) -> str:
        return f"{self.kind}.gz" if self.gzipped else self.kind


def choose_form(output: Path | None, named: str | None) -> Form:
    """The form named by the user, else the one the output's extension tells; csv for standard output.

    Raises `OutputError` where neither says one of `FORMS`.

    >>> str(choose_form(Path("a/labelled.JSONL.gz"), None))
    'jsonl.gz'
    """
    if named is None and output is None:
        return Form("csv")
    if named is not None:
        name, asked = f".{named.lower().lstrip('.')}", f"--format {named}"
    else:
        assert output is not None
        name, asked = output.name.lower(), f"the output {output}"
    for form in FORMS:
        if name.endswith(f".{form}"):
            kind, _, gz = form.partition(".")
            return Form(kind, bool(gz))  # type: ignore[arg-type]  # FORMS holds only kinds
    raise OutputError(
        f"It cannot be told what to write for {asked}: the name must end in one of "
        f"{', '.join('.' + form for form in FORMS)}, or --format must name one."
    )
