"""Whole labellings of small dumps, in every form."""

import csv
import gzip
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from service.batch.columns import LABELS
from tests.service.conftest import DumpMaker, Poquan

POLARITIES = {"negative", "neutral", "positive"}
ROWS = 60


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of an output in whichever form."""
    name = path.name.removesuffix(".gz")
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if name.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in content.splitlines()]
    if name.endswith(".parquet"):
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    header, *values = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in values]


def succeeded(done: "subprocess.CompletedProcess[bytes]") -> str:
    message = done.stderr.decode()
    assert done.returncode == 0, message
    return message


def refused(done: "subprocess.CompletedProcess[bytes]") -> str:
    """The one sentence a refusal ends with."""
    message = done.stderr.decode()
    assert done.returncode == 2, message
    assert "Traceback" not in message
    return message.strip().splitlines()[-1]


@pytest.mark.parametrize("form", ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet", "xlsx"])
def test_every_form_holds_every_row_in_order_with_its_columns_and_labels(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path, form: str
) -> None:
    source, target = make_dump(ROWS), tmp_path / f"out.{form}"
    message = succeeded(poquan("label", source, "-o", target, "--batch-size", "25", "--jobs", "2"))
    rows = read(target)
    given = read(source)
    assert [{name: row[name] for name in given[0]} for row in rows] == given
    assert list(rows[0]) == [*given[0], *LABELS]
    for row in rows:
        assert row["polarity"] in POLARITIES
        shares = [float(row[name]) for name in LABELS[2:]]
        assert sum(shares) == pytest.approx(1, abs=2e-4)
        assert float(row["polarity_score"]) == pytest.approx(shares[2] - shares[0], abs=2e-4)
    assert f"{ROWS} comments labelled to" in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["comments.csv", target.name]


def test_explain_adds_the_words_that_decided(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    source = make_dump(20)
    succeeded(poquan("label", source, "-o", tmp_path / "out.jsonl", "--explain"))
    succeeded(poquan("label", source, "-o", tmp_path / "out.csv", "--explain"))
    lists = [row["words"] for row in read(tmp_path / "out.jsonl")]
    assert any(lists)
    assert [row["words"] for row in read(tmp_path / "out.csv")] == [
        ";".join(f"{word['word']} {word['effect']}" for word in words) for words in lists
    ]


def test_standard_input_and_output_stream_rows_and_nothing_else(poquan: Poquan, make_dump: DumpMaker) -> None:
    source = make_dump(ROWS)
    done = poquan("label", "-", "-o", "-", "--format", "jsonl", stdin=source.read_bytes())
    succeeded(done)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [str(number) for number in range(ROWS)]


def test_standard_output_is_csv_without_a_byte_order_mark(poquan: Poquan, make_dump: DumpMaker) -> None:
    done = poquan("label", make_dump(3), "-o", "-", "--quiet")
    assert done.stdout.startswith(b"id,work,platform,content,polarity,")
    assert done.stderr == b""


def test_a_workbook_goes_to_standard_output_too(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    done = poquan("label", make_dump(3), "-o", "-", "--format", "xlsx")
    (tmp_path / "piped.xlsx").write_bytes(done.stdout)
    assert len(read(tmp_path / "piped.xlsx")) == 3


def test_rejected_rows_are_set_apart_and_the_others_labelled(poquan: Poquan, tmp_path: Path) -> None:
    source = tmp_path / "comments.jsonl"
    source.write_text('{"text": "好看"}\n{"text": ""}\nnonsense\n{"text": "难看"}\n', "utf-8")
    message = succeeded(poquan("label", source, "-o", tmp_path / "out.csv"))
    assert [row["text"] for row in read(tmp_path / "out.csv")] == ["好看", "难看"]
    rejected = [json.loads(line) for line in (tmp_path / "out.csv.rejected.jsonl").read_text("utf-8").splitlines()]
    assert [(row["source"], row["row"]) for row in rejected] == [(str(source), 2), (str(source), 3)]
    assert "empty" in rejected[0]["reason"]
    assert "2 rows rejected" in message


def test_labelling_an_output_again_replaces_its_labels(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    succeeded(poquan("label", make_dump(ROWS), "-o", first))
    message = succeeded(poquan("label", first, "-o", second))
    assert second.read_bytes() == first.read_bytes()
    assert "labelled before" in message


def test_a_column_of_the_user_with_a_labels_name_is_kept(poquan: Poquan, tmp_path: Path) -> None:
    source = tmp_path / "comments.csv"
    source.write_text("content,polarity\n好看得哭了,我标的\n", "utf-8")
    message = succeeded(poquan("label", source, "-o", tmp_path / "out.csv"))
    row = read(tmp_path / "out.csv")[0]
    assert row["input_polarity"] == "我标的"
    assert row["polarity"] in POLARITIES
    assert "'polarity' goes on as 'input_polarity'" in message


def test_a_folder_of_several_files_gives_one_output(poquan: Poquan, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a_comments.csv").write_text("content,likes\n好看,3\n", "utf-8")
    (folder / "b_comments.jsonl").write_text('{"content": "难看", "city": "苏州"}\n', "utf-8")
    succeeded(poquan("label", folder, "-o", tmp_path / "out.csv"))
    rows = read(tmp_path / "out.csv")
    assert [(row["content"], row["likes"], row["city"]) for row in rows] == [("好看", "3", ""), ("难看", "", "苏州")]


def test_the_options_of_the_reader_reach_it(poquan: Poquan, tmp_path: Path) -> None:
    source = tmp_path / "comments.csv"
    source.write_bytes("甲,乙\n好看,美\n".encode("big5"))
    options = ["--text-column", "甲", "--encoding", "big5", "--platform", "豆瓣", "--work", "灯火"]
    succeeded(poquan("label", source, "-o", tmp_path / "out.csv", "--summary", tmp_path / "summary.json", *options))
    assert read(tmp_path / "out.csv")[0]["甲"] == "好看"
    group = json.loads((tmp_path / "summary.json").read_text("utf-8"))["groups"][0]
    assert (group["work"], group["platform"], group["comments"]) == ("灯火", "douban", 1)


def test_the_summary_counts_what_the_output_holds(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    succeeded(poquan("label", make_dump(ROWS), "-o", tmp_path / "out.csv", "--summary", tmp_path / "summary.json"))
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    rows = read(tmp_path / "out.csv")
    assert summary["comments"] == ROWS
    for group in summary["groups"]:
        own = [row for row in rows if (row["work"], row["platform"]) == (group["work"], group["platform"])]
        assert group["comments"] == len(own)
        assert group["negative"] == sum(row["polarity"] == "negative" for row in own)
        assert group["net_sentiment_low"] <= group["net_sentiment"] <= group["net_sentiment_high"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("", "empty"), ("a,b\n1,2\n", "no column holds the comments' text"), ("%PDF-1.4 \x00\x01\x02\x03" * 99, "")],
)
def test_what_is_no_dump_ends_with_one_sentence(poquan: Poquan, tmp_path: Path, content: str, sentence: str) -> None:
    source = tmp_path / "comments.csv"
    source.write_text(content, "utf-8")
    assert sentence in refused(poquan("label", source, "-o", tmp_path / "out.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["comments.csv"]


def test_a_header_without_rows_gives_a_header_without_rows(poquan: Poquan, tmp_path: Path) -> None:
    source = tmp_path / "comments.csv"
    source.write_text("id,content\n", "utf-8")
    message = succeeded(poquan("label", source, "-o", tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_text("utf-8-sig") == f"id,content,{','.join(LABELS)}\n"
    assert "0 comments labelled" in message


def test_a_missing_input_or_column_is_named(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    assert "nothing.csv does not exist" in refused(poquan("label", tmp_path / "nothing.csv", "-o", tmp_path / "o.csv"))
    done = poquan("label", make_dump(3), "-o", tmp_path / "o.csv", "--text-column", "评论")
    assert "'评论'" in refused(done)


def test_an_existing_output_is_replaced_only_when_asked(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    source, target = make_dump(3), tmp_path / "out.csv"
    target.write_text("precious")
    assert "--overwrite" in refused(poquan("label", source, "-o", target))
    assert target.read_text() == "precious"
    succeeded(poquan("label", source, "-o", target, "--overwrite"))
    assert len(read(target)) == 3


def test_a_summary_that_cannot_be_written_is_told_before_the_labelling(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path
) -> None:
    done = poquan("label", make_dump(3), "-o", tmp_path / "out.csv", "--summary", tmp_path / "nowhere" / "s.json")
    assert "nowhere" in refused(done)
    assert not (tmp_path / "out.csv").exists()


def test_rejected_rows_do_not_go_to_the_output_itself(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    assert "itself" in refused(poquan("label", make_dump(3), "-o", target, "--rejected", target))


def test_a_model_that_is_none_is_refused(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    message = refused(poquan("label", make_dump(3), "-o", tmp_path / "out.csv", "--model", tmp_path))
    assert str(tmp_path) in message
    assert not (tmp_path / "out.csv").exists()


def test_a_folder_named_model_where_the_user_stands_is_not_taken_for_ours(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.py").write_text("raise SystemExit('shadowed')")
    source = make_dump(3)
    monkeypatch.chdir(tmp_path)
    succeeded(poquan("label", source, "-o", tmp_path / "out.csv"))
