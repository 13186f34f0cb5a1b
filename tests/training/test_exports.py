import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import CorporaError
from training.exports import LabelRow, read_rows, texts_of


def rows_of(file: Path) -> list[LabelRow]:
    rows = list(read_rows(file))
    assert all(isinstance(row, LabelRow) for row in rows), rows
    return [row for row in rows if isinstance(row, LabelRow)]


def annotated(text: str, *judgements: dict[str, list[str]], cancelled: bool = False) -> dict[str, Any]:
    """A task as Label Studio exports it."""
    annotations = [
        {
            "result": [
                {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": choices}}
                for name, choices in judgement.items()
            ],
            "was_cancelled": cancelled,
        }
        for judgement in judgements
    ]
    return {"id": 7, "data": {"text": text, "work": "第九枚卫星", "platform": "微博"}, "annotations": annotations}


@given(st.lists(st.text(alphabet="abc原著", min_size=1), max_size=4))
def test_a_list_reads_the_same_as_such_and_as_json(names: list[str]) -> None:
    assert texts_of(names) == texts_of(json.dumps(names)) == texts_of({"choices": names}) == names


@pytest.mark.parametrize("cell", ["[泪目] 好看", "{", "[1"])
def test_a_cell_that_only_looks_like_json_is_taken_as_written(cell: str) -> None:
    assert texts_of(cell) == [cell]


def test_doccano_labels_are_sorted_by_their_kind(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    row = {"id": 3, "text": "带爸妈看的", "label": ["circle:senior", "polarity:positive", "stage:seen"], "work": "某片"}
    file.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    (read,) = rows_of(file)
    assert read.cells == {"polarity": ["positive"], "circles": ["senior"], "aspects": [], "stage": ["seen"]}
    assert read.work == "某片"


def test_doccano_csv_joins_its_labels_by_a_hash_sign(tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    file.write_text("id,text,label\n1,带爸妈看的,circle:family#circle:senior#polarity:neutral\n", "utf-8")
    assert rows_of(file)[0].cells["circles"] == ["family", "senior"]


def test_what_nobody_has_labelled_in_doccano_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    rows = [{"text": "还没有人看过", "label": []}, {"text": "看过了", "label": ["polarity:neutral"]}]
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    assert [row.text for row in rows_of(file)] == ["看过了"]


def test_a_label_without_a_kind_is_a_polarity(tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    file.write_text("text,label\n好看得很,pos\n", "utf-8")
    assert rows_of(file)[0].cells["polarity"] == ["pos"]


@pytest.mark.parametrize("key", ["annotations", "completions"])
@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
def test_of_a_label_studio_task_the_last_annotation_counts(tmp_path: Path, key: str, suffix: str) -> None:
    task = annotated("带娃二刷", {"polarity": ["neutral"]}, {"polarity": ["positive"], "circles": ["family"]})
    task[key] = task.pop("annotations")
    file = tmp_path / f"project{suffix}"
    content = json.dumps([task]).encode()
    file.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    (read,) = rows_of(file)
    assert read.cells == {"polarity": ["positive"], "circles": ["family"], "aspects": [], "stage": []}
    assert (read.platform, read.work) == ("weibo", "第九枚卫星")


def test_tasks_that_were_skipped_or_never_opened_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "project.json"
    tasks = [annotated("跳过了", {"polarity": ["neutral"]}, cancelled=True), annotated("没打开"), {"data": {}}]
    file.write_text(json.dumps([*tasks, annotated("看了", {"stage": ["seen"]})]), "utf-8")
    read = list(read_rows(file))
    assert [row.number for row in read] == [3, 4]
    assert "no text" in getattr(read[0], "reason", "")


@pytest.mark.parametrize("name", ["min.json", "min.csv"])
def test_the_short_exports_of_label_studio_have_a_column_a_control(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    choices = {"choices": ["family", "senior"]}
    if name.endswith("json"):
        row = {"text": "一家老小都看了", "id": 4, "polarity": "positive", "circles": choices, "annotator": 1}
        file.write_text(json.dumps([row]), "utf-8")
    else:
        cell = json.dumps(choices).replace('"', '""')
        file.write_text(f'annotator,circles,id,polarity,text\n1,"{cell}",4,positive,一家老小都看了\n', "utf-8")
    (read,) = rows_of(file)
    assert read.cells == {"polarity": ["positive"], "circles": ["family", "senior"]}


def test_an_export_that_breaks_off_is_named(tmp_path: Path) -> None:
    file = tmp_path / "project.json"
    file.write_text(json.dumps([annotated("看了", {"stage": ["seen"]})])[:-20], "utf-8")
    with pytest.raises(CorporaError, match="no whole JSON"):
        list(read_rows(file))


def test_a_file_without_labels_is_named_with_the_columns_it_has(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,time\n很好看,2024-01-01\n", "utf-8")
    with pytest.raises(CorporaError, match=r"no column 'polarity'.* only text, time"):
        list(read_rows(file))
