"""Excel workbooks (xlsx): one sheet, its first row the column names."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from corpora.errors import CorporaError, NotADump
from corpora.readers.columns import guess_columns
from corpora.readers.dialect import distinct_names
from corpora.readers.options import ReadOptions
from corpora.readers.stored import StoredFile
from corpora.readers.tables import SAMPLE_SIZE, Entry, Unreadable

if TYPE_CHECKING:
    from openpyxl import Workbook

Values = tuple[object, ...]


class WorkbookTable:
    """One sheet of a workbook. A number Excel has rounded to 15 digits, as it does with long ids, stays rounded."""

    kind = "xlsx"
    ragged = nested = False
    typed = True
    parser = None

    def __init__(self, file: StoredFile, options: ReadOptions, sheet: str | None = None) -> None:
        self.file = file
        with _opened(file) as workbook:
            sizes = {each.title: each.max_row for each in workbook.worksheets}  # may be missing or wrong
            self.name = sheet or _choose_sheet(workbook, file, options)
            self.total_rows = (sizes.get(self.name) or 1) - 1 or None
            self.columns = _header(next(_rows(workbook, self.name), ()))
        self.sample = [record for _, record in islice(self.records(), SAMPLE_SIZE) if isinstance(record, dict)]

    def records(self) -> Iterator[tuple[int, Entry]]:
        """Each row below the header that is not blank."""
        number, width = 0, len(self.columns)
        with _opened(self.file) as workbook:
            try:
                for values in islice(_rows(workbook, self.name), 1, None):
                    if any(value is not None for value in values):
                        number += 1
                        padded = values[:width] + (None,) * (width - len(values))
                        yield number, dict(zip(self.columns, padded, strict=True))
            except (zipfile.BadZipFile, SyntaxError) as error:  # SyntaxError: what XML parsers raise
                yield number + 1, Unreadable(f"the workbook is damaged after row {number}: {error}")


def sheet_names(file: StoredFile) -> list[str]:
    """The names of a workbook's sheets."""
    with _opened(file) as workbook:
        return list(workbook.sheetnames)


@contextmanager
def _opened(file: StoredFile) -> Iterator["Workbook"]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise CorporaError(
            f"Reading the workbook {file.path} needs openpyxl; install it with: pip install 'poquan[xlsx]'."
        ) from None
    with file.unpacked().open("rb") as stream:  # by path, openpyxl would insist on the suffix
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                workbook = load_workbook(stream, read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError) as error:
            raise NotADump(f"{file.path} is no workbook that can be read: {error}.") from None
        yield workbook


def _choose_sheet(workbook: "Workbook", file: StoredFile, options: ReadOptions) -> str:
    names: list[str] = list(workbook.sheetnames)
    if options.sheet is not None:
        if options.sheet not in names:
            raise NotADump(f"{file.path} has no sheet {options.sheet!r}; its sheets are: {', '.join(names)}.")
        return options.sheet
    if "Comments" in names:
        return "Comments"
    for name in names:
        header = _header(next(_rows(workbook, name), ()))
        if guess_columns(header, options).text is not None:
            return name
    return names[0]


def _rows(workbook: "Workbook", name: str) -> Iterator[Values]:
    sheet = workbook[name]
    sheet.reset_dimensions()  # some writers state a wrong size, and no row beyond it would be given
    return iter(sheet.iter_rows(values_only=True))


def _header(values: Values) -> list[str]:
    while values and values[-1] is None:
        values = values[:-1]
    return distinct_names(["" if value is None else str(value) for value in values])
