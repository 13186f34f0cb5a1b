"""JSON lines and JSON arrays, whole and damaged."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.errors import NotADump
from corpora.readers import ReadOptions, RejectedRow, Row, open_dump


def rows_of(path: Path, content: str | bytes) -> list[Row | RejectedRow]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(open_dump(path).rows())


def test_a_bad_line_is_set_apart_with_its_line_number_and_the_run_goes_on(tmp_path: Path) -> None:
    first, bad, last = rows_of(
        tmp_path / "a.jsonl", '{"text":"好"}\n\n{"text": 坏, "nickname": "小满"}\n{"text":"行"}\n'
    )
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert last.number == 4
    assert isinstance(bad, RejectedRow)
    assert bad.number == 3
    assert "小满" not in bad.raw
    assert "坏" in bad.raw


def test_a_last_line_written_by_half_is_set_apart(tmp_path: Path) -> None:
    _, last = rows_of(tmp_path / "a.jsonl", '{"text":"好"}\n{"text":"只写了一')
    assert isinstance(last, RejectedRow)
    assert "ends in the middle" in last.reason


@pytest.mark.parametrize("record", ['{"star":5}', '{"text":null}', '{"text":666}', '{"text":["好"]}', '{"text":""}'])
def test_a_record_without_text_is_set_apart(record: str, tmp_path: Path) -> None:
    _, row = rows_of(tmp_path / "a.jsonl", f'{{"text":"好"}}\n{record}\n')
    assert isinstance(row, RejectedRow)
    assert "'text'" in row.reason


@pytest.mark.parametrize("item", ["5", '"话"', "[1]", "null"])
def test_what_is_no_object_is_set_apart(item: str, tmp_path: Path) -> None:
    (_, one) = rows_of(tmp_path / "a.jsonl", f'{{"text":"好"}}\n{item}\n')
    (_, other) = rows_of(tmp_path / "a.json", f'[{{"text":"好"}},{item}]')
    assert isinstance(one, RejectedRow)
    assert isinstance(other, RejectedRow)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_half_an_emoji_becomes_a_replacement_character(name: str, tmp_path: Path) -> None:
    record = '{"text":"笑死\\ud83d"}'
    (row,) = rows_of(tmp_path / name, record if name == "a.jsonl" else f"[{record}]")
    assert isinstance(row, Row)
    assert row.comment.text.startswith("笑死")
    row.comment.text.encode()


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("7393712345678901237", 7393712345678901237),
        ("7393712345678901237.0", 7393712345678901237),
        ("123456789012345678901234", "123456789012345678901234"),
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_long_ids_stay_exact(name: str, written: str, field: object, tmp_path: Path) -> None:
    record = f'{{"text":"好","id":{written}}}'
    (row,) = rows_of(tmp_path / name, record if name == "a.jsonl" else f"[{record}]")
    assert isinstance(row, Row)
    assert row.comment.id == str(field)
    assert row.fields["id"] == field


def test_an_id_written_as_a_float_is_given_as_an_integer(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path / "a.jsonl", '{"text":"好","id":42.0,"thread_id":NaN}')
    assert isinstance(row, Row)
    assert row.fields == {"text": "好", "id": 42, "thread_id": None}


def test_the_columns_of_ragged_lines_are_all_that_occur(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text":"好"}\n' * 1000 + '{"text":"行","late":1,"nickname":"小满"}\n', "utf-8")
    assert open_dump(path).columns == ["text", "late"]


def test_a_named_column_may_come_late_but_must_come(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text":"好"}\n' * 1000 + '{"text":"行","when":"2024-01-01"}\n', "utf-8")
    *_, last = open_dump(path, ReadOptions(time_column="when")).rows()
    assert isinstance(last, Row)
    assert last.comment.time is not None
    with pytest.raises(NotADump, match=r"no column 'wen' \(--time-column\)"):
        open_dump(path, ReadOptions(time_column="wen"))


def test_json_in_gb18030_is_read(tmp_path: Path) -> None:
    for name, content in (("a.jsonl", '{"text":"节奏很好"}\n'), ("a.json", '[{"text":"节奏很好"}]')):
        (row,) = rows_of(tmp_path / name, content.encode("gb18030"))
        assert isinstance(row, Row)
        assert row.comment.text == "节奏很好"


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(gzip.compress(b'{"text": "ok"}\n'))
    assert open_dump(tmp_path / "a.csv").kind == "jsonl"


def test_a_pretty_printed_object_is_no_dump(tmp_path: Path) -> None:
    with pytest.raises(NotADump, match="none of its first"):
        rows_of(tmp_path / "a.json", '{\n  "text": "好"\n}\n')


def test_a_damaged_array_gives_what_stands_before_the_damage(tmp_path: Path) -> None:
    one, two, rest = rows_of(tmp_path / "a.json", '[{"text":"好"},{"text":"行"},{"text":坏},{"text":"远"}]')
    assert isinstance(one, Row)
    assert isinstance(two, Row)
    assert isinstance(rest, RejectedRow)
    assert rest.number == 3


values = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(st.characters(codec="utf-8"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["star", "id", "备注", "likes"]), values), min_size=1, max_size=6))
def test_lines_and_array_give_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("written")
    records = [{"text": "好看", **record} for record in records]
    lines = rows_of(folder / "a.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    array = rows_of(folder / "a.json", json.dumps(records))
    assert [row.fields for row in lines if isinstance(row, Row)] == records
    assert [(row.number, row.comment) for row in lines if isinstance(row, Row)] == [
        (row.number, row.comment) for row in array if isinstance(row, Row)
    ]
