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

from model import Scorer
from model.files import read_model, write_model
from model.scorer import DEFAULT
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
        shares = [float(row[name]) for name in LABELS[2:5]]
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


SPOKEN = ["带着爸妈去看的，必须二刷", "烂片，浪费钱，退票！", "好看"]


def spoken_dump(tmp_path: Path) -> Path:
    path = tmp_path / "spoken.csv"
    path.write_text("\n".join(["content", *SPOKEN]), "utf-8")
    return path


def test_every_form_holds_the_facets_the_model_names(poquan: Poquan, tmp_path: Path) -> None:
    facets = Scorer.load().score(SPOKEN).facets
    assert "senior" in facets.circles[0] and facets.stage == ["rewatch", "refund", None]
    for form in ("csv", "jsonl", "parquet", "xlsx"):
        target = tmp_path / f"out.{form}"
        succeeded(poquan("label", spoken_dump(tmp_path), "-o", target))
        rows = read(target)
        if form in ("jsonl", "parquet"):
            assert [row["circles"] for row in rows] == facets.circles
            assert [row["aspects"] for row in rows] == facets.aspects
            assert [row["stage"] for row in rows] == facets.stage
        else:
            assert [row["circles"] or "" for row in rows] == [";".join(named) for named in facets.circles]
            assert [row["aspects"] or "" for row in rows] == [";".join(named) for named in facets.aspects]
            assert [row["stage"] or None for row in rows] == facets.stage


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xlsx"])
def test_probabilities_adds_a_column_for_every_circle_of_the_model(poquan: Poquan, tmp_path: Path, form: str) -> None:
    scorer = Scorer.load()
    names = [f"p_circle_{circle}" for circle in scorer.facet_names.circles]
    succeeded(poquan("label", spoken_dump(tmp_path), "-o", tmp_path / f"out.{form}", "--probabilities"))
    rows = read(tmp_path / f"out.{form}")
    assert list(rows[0]) == ["content", *LABELS, *names]
    chances = [[float(row[name]) for name in names] for row in rows]
    assert chances == [
        pytest.approx(expected, abs=1e-4) for expected in scorer.score(SPOKEN).facets.circle_chances.tolist()
    ]


def test_probabilities_are_of_the_circles_of_the_model_that_labels(poquan: Poquan, tmp_path: Path) -> None:
    model = with_another_first_circle(tmp_path / "model")
    options = ["--probabilities", "--model", model]
    succeeded(poquan("label", spoken_dump(tmp_path), "-o", tmp_path / "out.jsonl", *options))
    row = read(tmp_path / "out.jsonl")[0]
    circles = Scorer.load(model).facet_names.circles
    assert circles[0] == "mine"
    assert [name for name in row if name.startswith("p_circle_")] == [f"p_circle_{circle}" for circle in circles]


def with_another_first_circle(folder: Path) -> Path:
    """The shipped model with its first circle called `mine`."""
    manifest, arrays = read_model(DEFAULT)
    facets = manifest["facets"]
    renamed = {**facets, "circles": ["mine", *facets["circles"][1:]]}
    return write_model(folder, manifest | {"facets": renamed}, arrays)


def test_explain_adds_the_words_that_decided_each_facet(poquan: Poquan, tmp_path: Path) -> None:
    source = spoken_dump(tmp_path)
    succeeded(poquan("label", source, "-o", tmp_path / "out.jsonl", "--explain"))
    succeeded(poquan("label", source, "-o", tmp_path / "out.csv", "--explain"))
    for row, cells in zip(read(tmp_path / "out.jsonl"), read(tmp_path / "out.csv"), strict=True):
        named = [*row["circles"], *row["aspects"], *([row["stage"]] if row["stage"] else [])]
        assert list(dict.fromkeys(word["facet"] for word in row["facet_words"])) == named
        assert [part.partition(":")[0] for part in cells["facet_words"].split("; ") if part] == named
    assert "refund: 退票 0." in read(tmp_path / "out.csv")[1]["facet_words"]


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


@pytest.mark.parametrize("options", [(), ("--probabilities", "--explain")])
def test_labelling_an_output_again_replaces_its_labels(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path, options: tuple[str, ...]
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    succeeded(poquan("label", make_dump(ROWS), "-o", first, *options))
    message = succeeded(poquan("label", first, "-o", second, *options))
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


def test_the_summary_tells_the_audience_of_each_work(poquan: Poquan, tmp_path: Path) -> None:
    source, target = tmp_path / "comments.csv", tmp_path / "out.csv"
    anime = [f"流浪猫,作画崩了，声优也不行{number},女" for number in range(60)]
    family = [f"小家,带孩子来看的，孩子很喜欢{number},男" for number in range(60)]
    source.write_text("\n".join(["title,content,gender", *anime, *family, "短片,好看,"]), "utf-8")
    options = ("--expect", "anime=0.1", "--summary", tmp_path / "summary.json", "--batch-size", "50")
    message = succeeded(poquan("label", source, "-o", target, *options))
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    works = {work["work"]: work for work in summary["works"]}
    assert [(name, work["comments"]) for name, work in works.items()] == [("流浪猫", 60), ("小家", 60), ("短片", 1)]
    shares = {name: works[name]["audience"] for name in ("流浪猫", "小家")}
    assert shares["流浪猫"]["anime"]["share"] > 0.5 > shares["小家"]["anime"]["share"]
    assert shares["小家"]["family"]["share"] > 0.5 > shares["流浪猫"]["family"]["share"]
    assert works["短片"]["audience"] is None
    assert shares["流浪猫"]["anime"]["tgi"] == pytest.approx(shares["流浪猫"]["anime"]["share"] * 1000, abs=1)
    assert "tgi" not in shares["流浪猫"]["family"]
    assert works["流浪猫"]["author_gender"]["share"] == 1
    assert (summary["total"]["author_gender"]["share"], summary["total"]["author_gender"]["witnesses"]) == (0.5, 120)
    rows = read(target)
    for aspect, count in summary["total"]["aspects"].items():
        assert count == sum(aspect in row["aspects"].split(";") for row in rows)
    for stage, count in summary["total"]["stages"].items():
        assert count == sum(row["stage"] == stage for row in rows)
    assert "二次元·动画迷" in message
    assert "TGI" in message


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        ("woman=0.1", "'woman', which is no circle of the model; it knows anime, family"),
        ("women=2", "women the share 2; it must be above 0 and at most 1"),
        ("women=0", "women the share 0;"),
        ("women=nan", "women the share nan;"),
        ("women", "'women' is no share of a circle; write CIRCLE=SHARE"),
        ("women=25%", "'women=25%' is no share"),
    ],
)
def test_an_expectation_that_is_none_is_told_before_the_labelling(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path, expected: str, sentence: str
) -> None:
    done = poquan("label", make_dump(3), "-o", tmp_path / "out.csv", "--expect", expected)
    assert sentence in refused(done)
    assert [path.name for path in tmp_path.iterdir()] == ["comments.csv"]


def test_a_circle_is_expected_once(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    done = poquan("label", make_dump(3), "-o", tmp_path / "out.csv", "--expect", "women=0.1", "--expect", "women=0.2")
    assert "names women twice" in refused(done)


def test_an_own_circle_may_be_expected_by_its_key(poquan: Poquan, make_dump: DumpMaker, tmp_path: Path) -> None:
    model = with_another_first_circle(tmp_path / "model")
    options = ("--model", model, "--expect", "mine=0.5", "--summary", tmp_path / "summary.json")
    message = succeeded(poquan("label", make_dump(ROWS), "-o", tmp_path / "out.csv", *options))
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert summary["total"]["audience"]["mine"]["expected"] == 0.5
    assert "mine " in message


def test_a_model_without_rates_labels_and_says_that_there_is_no_mix(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path
) -> None:
    manifest, arrays = read_model(DEFAULT)
    kept = {name: array for name, array in arrays.items() if not name.startswith("mix_")}
    model = write_model(tmp_path / "model", manifest, kept)
    options = ("--model", model, "--summary", tmp_path / "summary.json", "--expect", "women=0.1")
    message = succeeded(poquan("label", make_dump(ROWS), "-o", tmp_path / "out.csv", *options))
    assert "No audience mix" in message
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert summary["total"]["audience"] is None
    assert sum(summary["total"]["aspects"].values()) > 0


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


@pytest.mark.parametrize("options", [(), ("--probabilities",)])
def test_a_model_that_is_none_is_refused(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path, options: tuple[str, ...]
) -> None:
    message = refused(poquan("label", make_dump(3), "-o", tmp_path / "out.csv", "--model", tmp_path, *options))
    assert str(tmp_path) in message
    assert not (tmp_path / "out.csv").exists()


def test_a_folder_named_model_where_the_user_stands_is_not_taken_for_ours(
    poquan: Poquan, make_dump: DumpMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.py").write_text("raise SystemExit('shadowed')")
    source = make_dump(3)
    monkeypatch.chdir(tmp_path)
    succeeded(poquan("label", source, "-o", tmp_path / "out.csv"))
