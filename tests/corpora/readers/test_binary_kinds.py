"""Workbooks, databases, Parquet and danmaku."""

import gzip
import sqlite3
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpora.errors import CorporaError, NotADump
from corpora.readers import ReadOptions, RejectedRow, Row, open_dump

DANMAKU = """<?xml version="1.0" encoding="UTF-8"?><i><chatid>128001</chatid><maxlimit>1000</maxlimit>
<d p="12.3,1,25,16777215,1577836800,0,a1b2c3d4,25818900000000001">名场面来了</d>
<d p="40.0,5,25,255,1577836801,0,a1b2c3d4,25818900000000002">泪\x08目 &lt;3</d></i>"""


def comments_of(path: Path, options: ReadOptions | None = None) -> list[Row]:
    rows = list(open_dump(path, options).rows())
    assert all(isinstance(row, Row) for row in rows)
    return [row for row in rows if isinstance(row, Row)]


def write_workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, records in sheets.items():
        sheet = workbook.create_sheet(name)
        for record in records:
            sheet.append(record)
    workbook.save(path)
    workbook.close()
    return path


def write_database(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_a_workbook_is_read_with_dates_and_numbers_typed_as_text(tmp_path: Path) -> None:
    records: list[list[object]] = [
        ["评论内容", "发布时间", "点赞数", "评论ID"],
        ["稳", datetime(2024, 2, 10, 20), 12, 1001],
        [None, None, None, None],
        [666, "2024/2/11", None, "7393712345678901237"],
    ]
    path = write_workbook(tmp_path / "a.xlsx", {"说明": [["随便写写"]], "数据": records})
    first, second = comments_of(path)
    assert first.comment.time == datetime(2024, 2, 10, 12, tzinfo=UTC)
    assert (first.comment.likes, first.comment.id) == (12, "1001")
    assert second.comment.text == "666"
    assert second.fields["评论ID"] == "7393712345678901237"
    assert (second.number, open_dump(path).total_rows) == (2, 3)


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"一": [["评论"], ["甲"]], "二": [["评论"], ["乙"]]})
    assert [row.comment.text for row in comments_of(path, ReadOptions(sheet="二"))] == ["乙"]
    with pytest.raises(NotADump, match="its sheets are: 一, 二"):
        open_dump(path, ReadOptions(sheet="三"))


@pytest.mark.parametrize(
    ("package", "name", "extra"), [("openpyxl", "a.xlsx", "xlsx"), ("pyarrow", "a.parquet", "parquet")]
)
def test_a_missing_extra_is_named(
    package: str, name: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(100) if extra == "xlsx" else b"PAR1" + bytes(100))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(CorporaError, match=rf"poquan\[{extra}\]"):
        open_dump(tmp_path / name)


def test_the_table_of_comments_is_found_in_a_database(tmp_path: Path) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE films (title TEXT)",
        "CREATE TABLE reviews (id BIGINT, 内容 TEXT, 昵称 TEXT)",
        "INSERT INTO reviews VALUES (7393712345678901237, '后劲很大', '小满')",
    )
    (row,) = comments_of(path)
    assert row.comment.id == "7393712345678901237"
    assert row.fields == {"id": 7393712345678901237, "内容": "后劲很大"}


def test_a_table_can_be_named(tmp_path: Path) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE comments (text TEXT)",
        'CREATE TABLE "odd ""name" (text TEXT)',
        'INSERT INTO "odd ""name" VALUES (\'在这里\')',
    )
    assert [row.comment.text for row in comments_of(path, ReadOptions(table='odd "name'))] == ["在这里"]
    with pytest.raises(NotADump, match="its tables are: comments"):
        open_dump(path, ReadOptions(table="nope"))


def test_a_database_is_not_written_to(tmp_path: Path) -> None:
    path = write_database(tmp_path / "a.db", "CREATE TABLE c (text TEXT)", "INSERT INTO c VALUES ('好')")
    before = path.read_bytes()
    comments_of(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.db"]


def test_a_view_without_rowid_is_read(tmp_path: Path) -> None:
    path = write_database(
        tmp_path / "a.db",
        "CREATE TABLE t (k TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID",
        "INSERT INTO t VALUES ('1', '好')",
    )
    assert [row.comment.text for row in comments_of(path)] == ["好"]


def test_a_database_without_comments_is_no_dump(tmp_path: Path) -> None:
    with pytest.raises(NotADump, match="its tables are: films"):
        open_dump(write_database(tmp_path / "a.db", "CREATE TABLE films (title TEXT)"))


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table(
        {
            "comment_text": ["好", None, "行"],
            "time": [datetime(2024, 1, 1, tzinfo=UTC), None, None],
            "comment_id": pyarrow.array([7393712345678901237, 2, 3], pyarrow.int64()),
            "thread_id": [5.0, float("nan"), 6.0],
            "user": [{"nickname": "小满", "level": 3}] * 3,
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    dump = open_dump(tmp_path / "a.parquet")
    first, missing, last = dump.rows()
    assert isinstance(first, Row)
    assert isinstance(missing, RejectedRow)
    assert isinstance(last, Row)
    assert first.comment.time == datetime(2024, 1, 1, tzinfo=UTC)
    assert first.comment.id == "7393712345678901237"
    assert (first.fields["thread_id"], first.fields["user"]) == (5, {"level": 3})
    assert dump.total_rows == 3


def test_danmaku_carry_time_position_sender_and_id(tmp_path: Path) -> None:
    path = tmp_path / "danmaku.xml"
    path.write_text(DANMAKU, "utf-8")
    first, second = comments_of(path)
    assert first.comment.time == datetime(2020, 1, 1, tzinfo=UTC)
    assert (first.comment.id, first.comment.thread, first.comment.platform) == (
        "25818900000000001",
        "128001",
        "bilibili",
    )
    assert first.fields["position"] == "12.3"
    assert first.comment.author == first.fields["sender"]
    assert first.comment.author != "a1b2c3d4"
    assert second.comment.text == "泪目 <3"


def test_danmaku_that_break_off_give_what_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "danmaku.xml"
    path.write_text(DANMAKU[:-60], "utf-8")
    first, rest = open_dump(path).rows()
    assert isinstance(first, Row)
    assert isinstance(rest, RejectedRow)


def test_an_xml_bomb_is_no_dump(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE i [<!ENTITY a "aaaa">]><i><d p="1">&a;</d></i>', "utf-8")
    with pytest.raises(NotADump, match="no Bilibili danmaku"):
        open_dump(path)


@pytest.mark.parametrize("kind", ["xlsx", "db"])
def test_a_compressed_copy_is_read_and_its_temporary_file_removed(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    if kind == "xlsx":
        plain = write_workbook(tmp_path / "a.xlsx", {"Sheet": [["评论"], ["好"]]})
    else:
        plain = write_database(tmp_path / "a.db", "CREATE TABLE c (text TEXT)", "INSERT INTO c VALUES ('好')")
    packed = tmp_path / f"a.{kind}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert [row.comment.text for row in comments_of(packed)] == ["好"]
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
        zlib.compress(bytes(range(256)) * 400, 0),
        b"PK\x03\x04" + bytes(200),
        b"PAR1" + bytes(200),
        b"SQLite format 3\0" + bytes(200),
        b"\xd0\xcf\x11\xe0" + bytes(600),
        b"\x1f\x8b" + bytes(50),
        "很久以前，海边有一座城。\n人们每天看着船来船往，谁也不说话。\n".encode(),
        b"Once upon a time, there was a harbour.\nNobody spoke, and ships came and went.\n",
        b"<html><body>404</body></html>",
        b'{"data": ',
        b"[]",
        b"[1, 2]",
        b"",
        b"   \n",
        b"a,b,c\n1,2,3\n",
    ],
)
def test_what_is_no_dump_is_refused_with_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "thing"
    path.write_bytes(content)
    with pytest.raises(NotADump) as refusal:
        open_dump(path)
    message = str(refusal.value)
    assert str(path) in message
    assert "\n" not in message
    assert len(message) < 1000


def test_the_columns_seen_and_the_remedy_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(NotADump, match=r"a, b; name the right one with --text-column"):
        open_dump(tmp_path / "a.csv")
    with pytest.raises(NotADump, match=r"no column 'c' \(--text-column\)"):
        open_dump(tmp_path / "a.csv", ReadOptions(text_column="c"))


def test_options_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\n好\n", "utf-8")
    with pytest.raises(CorporaError, match="no time zone"):
        open_dump(tmp_path / "a.csv", ReadOptions(timezone="Mars/Olympus"))
    with pytest.raises(CorporaError, match="no encoding"):
        open_dump(tmp_path / "a.csv", ReadOptions(encoding="klingon"))
    with pytest.raises(NotADump, match="does not exist"):
        open_dump(tmp_path / "b.csv")
