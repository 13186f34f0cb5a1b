from pathlib import Path

import pytest

from service.batch.forms import FORMS, Form, choose_form
from service.errors import OutputError


@pytest.mark.parametrize("name", FORMS)
def test_the_extension_tells_the_form(name: str) -> None:
    assert str(choose_form(Path(f"out/评论.{name}"), None)) == name


def test_a_named_form_stands_above_the_extension() -> None:
    assert choose_form(Path("out.csv"), "jsonl") == Form("jsonl")
    assert choose_form(Path("out.data"), ".CSV.gz") == Form("csv", gzipped=True)


def test_standard_output_is_csv_unless_named() -> None:
    assert choose_form(None, None) == Form("csv")
    assert choose_form(None, "parquet") == Form("parquet")


@pytest.mark.parametrize("name", ["out", "out.txt", "out.xlsx.gz", "csv"])
def test_what_cannot_be_written_is_refused_with_what_can(name: str) -> None:
    with pytest.raises(OutputError, match=r"\.csv, \.csv\.gz, \.jsonl.*--format"):
        choose_form(Path(name), None)
