import csv
import gzip
import io
import json
from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.batch.columns import LABELS, plan_layout
from service.batch.encode import BOM, Encoder, as_cell
from service.batch.forms import Form

LABEL: tuple[object, ...] = ("neutral", 0.0, 0.1, 0.8, 0.1, ["senior", "family"], [], None)
CELLS = ["neutral", "0.0", "0.1", "0.8", "0.1", "senior;family", "", ""]


def written(form: Form, columns: Sequence[str], records: Sequence[dict[str, object]], bom: bool = True) -> bytes:
    encoder = Encoder(plan_layout(columns, explain=False), form)
    return encoder.header(bom) + encoder.rows(records, [LABEL] * len(records))


def read_csv(stored: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(stored.decode("utf-8-sig"), newline="")))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_every_text_comes_back_from_csv_and_jsonl_as_it_was(texts: list[str]) -> None:
    records: list[dict[str, object]] = [{"text": text, "n": 1} for text in texts]
    assert [row["text"] for row in read_csv(written(Form("csv"), ["text", "n"], records))] == texts
    lines = written(Form("jsonl"), ["text", "n"], records).splitlines()
    assert [json.loads(line)["text"] for line in lines] == texts


cells = (
    st.text(st.sampled_from('好a ,;"\r\n\t\0\ud83d'), max_size=5)
    | st.none()
    | st.integers()
    | st.floats()
    | st.booleans()
)


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_csv_is_what_the_csv_writer_writes(rows: list[tuple[object, object]]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([[*map(as_cell, row), *CELLS] for row in rows])
    records: list[dict[str, object]] = [{"text": text, "n": number} for text, number in rows]
    stored = Encoder(plan_layout(["text", "n"], explain=False), Form("csv")).rows(records, [LABEL] * len(rows))
    assert stored == buffer.getvalue().encode("utf-8", "replace")


def test_csv_has_the_header_the_labels_and_a_byte_order_mark() -> None:
    stored = written(Form("csv"), ["text"], [{"text": "好看"}])
    assert stored.startswith(BOM)
    assert read_csv(stored) == [{"text": "好看", **dict(zip(LABELS, CELLS, strict=True))}]


def test_csv_for_a_pipe_has_no_byte_order_mark() -> None:
    assert written(Form("csv"), ["text"], [], bom=False).startswith(b"text,polarity,")


def test_a_column_that_a_record_lacks_is_an_empty_cell_and_stays_away_from_jsonl() -> None:
    assert read_csv(written(Form("csv"), ["text", "likes"], [{"text": "好"}]))[0]["likes"] == ""
    assert "likes" not in json.loads(written(Form("jsonl"), ["text", "likes"], [{"text": "好"}]))


def test_facets_are_lists_in_jsonl_and_no_stage_is_null() -> None:
    row = json.loads(written(Form("jsonl"), ["text"], [{"text": "好"}]))
    assert (row["circles"], row["aspects"], row["stage"]) == (["senior", "family"], [], None)


def test_renamed_columns_go_by_their_new_name_and_replaced_ones_go_away() -> None:
    row = json.loads(written(Form("jsonl"), ["text", "polarity"], [{"text": "好", "polarity": "褒"}]))
    assert row["input_polarity"] == "褒"
    assert row["polarity"] == "neutral"
    again = json.loads(written(Form("jsonl"), [*row], [row]))
    assert again == row


def test_values_stay_exact_in_jsonl() -> None:
    record: dict[str, object] = {"id": 2**63 + 1, "tags": ["a", "b"], "deep": {"x": None}, "time": datetime(2024, 1, 2)}
    row = json.loads(written(Form("jsonl"), [*record], [record]))
    assert row["id"] == 2**63 + 1
    assert row["tags"] == ["a", "b"]
    assert row["deep"] == {"x": None}
    assert row["time"].startswith("2024-01-02")


def test_half_an_emoji_does_not_break_the_output() -> None:
    record: dict[str, object] = {"text": "好\ud83d看"}
    assert json.loads(written(Form("jsonl"), ["text"], [record]))["text"] == "好?看"
    assert read_csv(written(Form("csv"), ["text"], [record]))[0]["text"] == "好?看"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_gzipped_chunks_joined_are_one_gzip_file_without_a_time_stamp(kind: str) -> None:
    form = Form("csv", gzipped=True) if kind == "csv" else Form("jsonl", gzipped=True)
    plain = Form(form.kind)
    records: list[dict[str, object]] = [{"text": "好"}, {"text": "坏"}]
    stored = written(form, ["text"], records[:1]) + Encoder(plan_layout(["text"], False), form).rows(
        records[1:], [LABEL]
    )
    assert gzip.decompress(stored) == written(plain, ["text"], records)
    assert stored[4:8] == b"\0\0\0\0"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (12, 12),
        (0.5, 0.5),
        ("=1+1", "=1+1"),
        (["story", "sound"], "story;sound"),
        ([{"word": "好看", "effect": 0.4}, {"word": "退票", "effect": -0.2}], "好看 0.4;退票 -0.2"),
        (
            [
                {"facet": "senior", "word": "爸妈", "effect": 0.82},
                {"facet": "senior", "word": "陪", "effect": 0.11},
                {"facet": "rewatch", "word": "二刷", "effect": 0.63},
            ],
            "senior: 爸妈 0.82 陪 0.11; rewatch: 二刷 0.63",
        ),
        ([], ""),
        ([{"level": 3}, {"level": 4}], '{"level":3};{"level":4}'),
        ({"level": 3}, '{"level":3}'),
        (datetime(2024, 1, 2, 3, 4), "2024-01-02 03:04:00"),
        (date(2024, 1, 2), "2024-01-02"),
    ],
)
def test_a_value_in_a_cell(value: object, cell: object) -> None:
    assert as_cell(value) == cell
