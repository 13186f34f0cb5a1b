from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from service.batch import convert as conversion
from service.batch.columns import FACET_WORDS, LABELS, WORDS, plan_layout
from service.batch.convert import convert
from service.batch.encode import Encoder
from service.batch.forms import Form
from service.batch.kinds import kinds_of

LABEL: tuple[object, ...] = ("positive", 0.5, 0.1, 0.3, 0.6, ["senior", "family"], [], None)
EFFECTS = [{"word": "好看", "effect": 0.41}]
FACET_EFFECTS = [{"facet": "senior", "word": "爸妈", "effect": 0.82}, {"facet": "want", "word": "看", "effect": 0.2}]


def converted(
    tmp_path: Path, kind: str, records: list[dict[str, Any]], explain: bool = False, circles: tuple[str, ...] = ()
) -> Path:
    """The records, labelled and written as a run would."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    layout = plan_layout(columns or ["text"], explain, circles)
    label = (*LABEL, *([0.25] * len(circles)), *((EFFECTS, FACET_EFFECTS) if explain else ()))
    part, target = tmp_path / "part", tmp_path / "target"
    part.write_bytes(Encoder(layout, Form("jsonl")).rows(records, [label] * len(records)))
    convert(part, target, Form("parquet") if kind == "parquet" else Form("xlsx"), layout, kinds_of(records))
    return target


def test_parquet_columns_have_the_type_of_their_values(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 2, 3, 4, tzinfo=UTC)
    record = {
        "id": 7312345678901234567,
        "text": "好",
        "rate": 0.5,
        "seen": True,
        "tags": ["a", "b"],
        "time": moment,
        "day": date(2024, 1, 2),
    }
    table = pq.read_table(converted(tmp_path, "parquet", [record, {"text": "坏"}]))
    rows = table.to_pylist()
    assert table.column_names == [*record, *LABELS]
    assert rows[0] == {**record, **dict(zip(LABELS, LABEL, strict=True))}
    assert rows[1]["id"] is None


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ([1, 0.5], [1.0, 0.5]),
        ([1, "十万+"], ["1", "十万+"]),
        ([2**70, 1], [str(2**70), "1"]),
        ([{"level": 3}, None], ['{"level":3}', None]),
        ([None, None], [None, None]),
    ],
)
def test_parquet_columns_of_several_kinds_hold_all_values(tmp_path: Path, values: list[Any], read: list[Any]) -> None:
    table = pq.read_table(converted(tmp_path, "parquet", [{"column": value} for value in values]))
    assert table["column"].to_pylist() == read


def test_parquet_holds_the_words_as_lists(tmp_path: Path) -> None:
    table = pq.read_table(converted(tmp_path, "parquet", [{"text": "好看"}], explain=True))
    assert table[WORDS].to_pylist() == [EFFECTS]
    assert table[FACET_WORDS].to_pylist() == [FACET_EFFECTS]


def test_parquet_has_facets_as_lists_a_stage_as_text_and_probabilities_as_numbers(tmp_path: Path) -> None:
    path = converted(tmp_path, "parquet", [{"text": "好看"}], circles=("senior", "mine"))
    types = {field.name: str(field.type) for field in pq.read_schema(path)}
    assert types["circles"].startswith("list<") and types["circles"] == types["aspects"]
    assert types["stage"] == types["polarity"] == "string"
    assert types["p_circle_senior"] == types["p_circle_mine"] == types["p_positive"] == "double"
    (row,) = pq.read_table(path).to_pylist()
    assert (row["circles"], row["aspects"], row["stage"]) == (["senior", "family"], [], None)
    assert row["p_circle_mine"] == 0.25


def test_parquet_keeps_the_order_over_several_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "_GROUP_ROWS", 2)
    target = converted(tmp_path, "parquet", [{"n": number} for number in range(5)])
    assert pq.ParquetFile(target).num_row_groups == 3
    assert pq.read_table(target)["n"].to_pylist() == [0, 1, 2, 3, 4]


def cells(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path.rename(path.with_suffix(".xlsx")))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_a_workbook_has_the_labels_as_numbers_and_lists_joined(tmp_path: Path) -> None:
    sheet = cells(converted(tmp_path, "xlsx", [{"text": "好看", "tags": ["a", "b"]}], explain=True))["comments"]
    assert sheet[0] == ("text", "tags", *LABELS, WORDS, FACET_WORDS)
    assert sheet[1][:7] == ("好看", "a;b", *LABEL[:5])
    assert sheet[1][7:] == ("senior;family", None, None, "好看 0.41", "senior: 爸妈 0.82; want: 看 0.2")


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://a")', "#N/A", "=", "+1", "-1", "@a"])
def test_a_comment_that_looks_like_a_formula_is_text_in_a_workbook(tmp_path: Path, text: str) -> None:
    path = converted(tmp_path, "xlsx", [{"text": text}])
    book = openpyxl.load_workbook(path.rename(path.with_suffix(".xlsx")))
    cell = book.worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_what_excel_cannot_hold_is_left_out_or_cut(tmp_path: Path) -> None:
    sheet = cells(converted(tmp_path, "xlsx", [{"text": "a\x00b\x0bc\x1fd\uffffe"}, {"text": "长" * 40_000}]))[
        "comments"
    ]
    assert sheet[1][0] == "abcde"
    assert sheet[2][0] == "长" * 32_767


def test_long_ids_are_exact_in_a_workbook(tmp_path: Path) -> None:
    sheet = cells(converted(tmp_path, "xlsx", [{"id": 7312345678901234567, "likes": 12}]))["comments"]
    assert sheet[1][:2] == ("7312345678901234567", 12)


def test_rows_beyond_a_sheet_go_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "_SHEET_ROWS", 3)
    sheets = cells(converted(tmp_path, "xlsx", [{"n": number} for number in range(5)]))
    assert [[row[0] for row in rows] for rows in sheets.values()] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]
    assert list(sheets) == ["comments", "comments 2", "comments 3"]


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_no_rows_still_give_a_file_with_the_columns(tmp_path: Path, kind: str) -> None:
    path = converted(tmp_path, kind, [])
    if kind == "parquet":
        assert pq.read_table(path).column_names == ["text", *LABELS]
    else:
        assert cells(path) == {"comments": [("text", *LABELS)]}
