"""CSV and its kin, as spreadsheets, crawlers and people leave them."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.readers import RejectedRow, Row, open_dump
from corpora.readers.delimited import DelimitedTable
from corpora.readers.options import ReadOptions
from corpora.readers.stored import StoredFile


def rows_of(path: Path, content: str | bytes) -> list[Row | RejectedRow]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(open_dump(path).rows())


def texts(rows: list[Row | RejectedRow]) -> list[str]:
    return [row.comment.text for row in rows if isinstance(row, Row)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_delimiters_and_encodings(delimiter: str, encoding: str, tmp_path: Path) -> None:
    content = delimiter.join(["评论内容", "评分"]) + "\r\n" + delimiter.join(["开场十分钟就值回票价", "5"]) + "\r\n"
    (row,) = rows_of(tmp_path / "dump", content.encode(encoding))
    assert isinstance(row, Row)
    assert row.fields == {"评论内容": "开场十分钟就值回票价", "评分": "5"}


def test_chinese_far_behind_the_start_is_still_told_apart(tmp_path: Path) -> None:
    content = "text,n\n" + "ok,1\n" * 60_000 + "结尾反转太生硬,2\n"
    assert texts(rows_of(tmp_path / "a.csv", content.encode("gb18030")))[-1] == "结尾反转太生硬"


def test_a_damaged_byte_costs_one_character_and_not_the_encoding(tmp_path: Path) -> None:
    content = ("text\n" + "镜头稳，台词也稳\n" * 50).encode()
    damaged = content[:10] + b"\xff" + content[11:]
    read = texts(rows_of(tmp_path / "a.csv", damaged))
    assert len(read) == 50
    assert read[1:] == ["镜头稳，台词也稳"] * 49


def test_quoted_newlines_delimiters_and_quotes(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path / "a.csv", 'text,star\n"第一句，\n第二句说""好""",3\n')
    assert isinstance(row, Row)
    assert row.comment.text == '第一句，\n第二句说"好"'


def test_a_row_that_does_not_match_the_header_is_set_apart_with_its_number(tmp_path: Path) -> None:
    good, bad, other = rows_of(tmp_path / "a.csv", "text,nickname,star\n好,小满,5\n坏,小满\n行,小满,3\n")
    assert isinstance(good, Row)
    assert isinstance(other, Row)
    assert other.number == 3
    assert isinstance(bad, RejectedRow)
    assert (bad.number, bad.source) == (2, tmp_path / "a.csv")
    assert "2 values" in bad.reason
    assert "小满" not in bad.raw


def test_empty_text_is_set_apart_without_personal_fields(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path / "a.csv", "text,昵称,star\n  ,小满,5\n")
    assert row == RejectedRow(
        1, tmp_path / "a.csv", "the text in column 'text' is empty", '{"text": "  ", "star": "5"}'
    )


def test_trailing_empty_values_are_no_fault(tmp_path: Path) -> None:
    assert texts(rows_of(tmp_path / "a.csv", "text,star\n好,5,,\n")) == ["好"]


def test_headers_repeated_by_joining_files_are_passed_over(tmp_path: Path) -> None:
    assert texts(rows_of(tmp_path / "a.csv", "text,star\n好,5\n\ufefftext,star\n坏,1\n")) == ["好", "坏"]


def test_quotation_marks_that_quote_nothing_swallow_no_rows(tmp_path: Path) -> None:
    content = 'label\ttext_a\n1\t"值回票价" 这话我说的\n0\t"说好的反转呢\n1\t一家三口都看哭了\n0\t字幕"错字连篇\n'
    read = texts(rows_of(tmp_path / "a.tsv", content))
    assert read == ['"值回票价" 这话我说的', '"说好的反转呢', "一家三口都看哭了", '字幕"错字连篇']


def test_a_quotation_mark_left_open_far_behind_is_told(tmp_path: Path) -> None:
    *_, last = rows_of(tmp_path / "a.csv", "text,star\n" + '"好",5\n' * 20_000 + '"没有合上,1\n后来的,2\n')
    assert isinstance(last, RejectedRow)
    assert "quotation mark left open" in last.reason


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    assert texts(rows_of(tmp_path / "a.csv", "text,star\n\n好,5\n\n\n坏,1\n")) == ["好", "坏"]


def test_empty_and_repeated_column_names_are_told_apart(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path / "a.csv", "text,,text\n好,a,b\n")
    assert row.fields == {"text": "好", "column 2": "a", "text (3)": "b"}  # type: ignore[union-attr]


def test_a_very_long_comment_and_a_nul_are_read(tmp_path: Path) -> None:
    long = "长" * 300_000
    assert texts(rows_of(tmp_path / "a.csv", f"text,star\n{long},5\n断\0开,1\n")) == [long, "断\0开"]


def test_a_file_of_one_column_is_a_dump(tmp_path: Path) -> None:
    assert texts(rows_of(tmp_path / "a.csv", "\n评论\n好看\n评论\n")) == ["好看", "评论"]


def test_a_header_alone_is_a_dump_without_comments(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "a.csv", "评论内容,评分\n") == []


def test_a_compressed_file_that_breaks_off_gives_what_is_there(tmp_path: Path) -> None:
    lines = "".join(f"评论第{n}条 {n * 7919 % 10007},5\n" for n in range(20_000))
    packed = gzip.compress(("text,star\n" + lines).encode())
    *rows, last = rows_of(tmp_path / "a.csv.gz", packed[: len(packed) * 2 // 3])
    assert len(rows) > 1000
    assert all(isinstance(row, Row) for row in rows)
    assert isinstance(last, RejectedRow)
    assert "breaks off" in last.reason


def test_a_short_compressed_file_that_breaks_off_is_still_read(tmp_path: Path) -> None:
    packed = gzip.compress(("text,star\n" + "走出影院下雨了,4\n" * 3).encode("gb18030"))
    *rows, last = rows_of(tmp_path / "a.csv.gz", packed[:-8])
    assert texts(rows) == ["走出影院下雨了"] * 3
    assert isinstance(last, RejectedRow)


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,star\n" + "不错,4\n" * 50_000, "utf-8")
    dump = open_dump(path)
    assert dump.bytes_read == 0
    rows = dump.rows()
    next(rows)
    assert 0 < dump.bytes_read < dump.total_bytes
    assert sum(1 for _ in rows) == 49_999
    assert dump.bytes_read == dump.total_bytes


words = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(words.filter(lambda text: text.strip()), words), min_size=1, max_size=8), st.sampled_from(",;\t")
)
def test_whatever_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]], delimiter: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["评论内容是什么", "其他"])
    writer.writerows(records)
    path = tmp_path_factory.mktemp("written") / "a.csv"
    path.write_bytes(buffer.getvalue().encode())
    table = DelimitedTable(StoredFile(path), "utf-8-sig", ReadOptions(text_column="评论内容是什么"))
    assert [tuple(record.values()) for _, record in table.records() if isinstance(record, dict)] == records
