"""A dump read in pieces gives what it gives row by row, wherever the pieces end."""

import csv
import gzip
import io
import json
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.readers import Dump, Piece, ReadOptions, RejectedRow, Row, cutting, open_dump

Told = tuple[object, ...]


def told(row: Row | RejectedRow) -> Told:
    if isinstance(row, RejectedRow):
        return (row.number, row.source, row.reason, row.raw)
    comment = row.comment
    return (comment.text, comment.work, comment.platform, comment.gender, list(row.fields.items()))


def row_by_row(dump: Dump) -> tuple[list[Told], list[Told]]:
    rows = list(dump.rows())
    return (
        [told(row) for row in rows if isinstance(row, Row)],
        [told(row) for row in rows if isinstance(row, RejectedRow)],
    )


def in_pieces(dump: Dump, size: int) -> tuple[list[Told], list[Told]]:
    """The comments and the rejected rows, read elsewhere and in any order, put together again."""
    pieces = list(dump.pieces(size))
    assert all(1 <= piece.entries <= size for piece in pieces)
    reader = pickle.loads(pickle.dumps(dump.reader))
    read = [reader.read(pickle.loads(pickle.dumps(piece))) for piece in reversed(pieces)][::-1]
    comments: list[Told] = []
    rejected: list[Told] = []
    numbers: dict[int, int] = {}
    for piece, (batch, taken) in zip(pieces, read, strict=True):
        before = numbers.setdefault(piece.part, 0) if taken is not None else 0
        numbers[piece.part] = before + (taken or 0)
        rejected += [told(replace(row, number=before + row.number)) for row in batch.rejected]
        comments += [
            (text, work, platform, gender, list(record.items()))
            for record, text, work, platform, gender in zip(
                batch.records, batch.texts, batch.works, batch.platforms, batch.genders, strict=True
            )
        ]
    return comments, rejected


def agree(path: Path, sizes: Sequence[int] = (1, 2, 3, 1000), options: ReadOptions | None = None) -> list[Piece]:
    expected = row_by_row(open_dump(path, options))
    for size in sizes:
        assert in_pieces(open_dump(path, options), size) == expected
    return list(open_dump(path, options).pieces(sizes[0]))


def is_text(pieces: Sequence[Piece]) -> bool:
    return all(isinstance(piece.content, bytes) for piece in pieces)


marks = st.lists(
    st.sampled_from(
        ['"', '""', ",", "\n", "\r\n", "\r", "好看", "a", " ", "\0", "text,star", "\ufeff", "😀", "\u2028"]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(marks, st.sampled_from([1, 2, 5, 1 << 20]), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_whatever_stands_in_a_delimited_text(
    tmp_path_factory: pytest.TempPathFactory, text: str, piece: int, encoding: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(("text,star\n好,1\n" + text).encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "_PIECE", piece)
        agree(path, (1, 3), ReadOptions(encoding=encoding))


cells = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ['"', '说"好"', "上,下", "一\n二", "三\r四"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(cells, cells), max_size=12), st.sampled_from([",", ";", "\t"]), st.sampled_from([3, 1 << 20]))
def test_whatever_a_csv_writer_writes(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]], delimiter: str, piece: int
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(["text", "note"])
    writer.writerows(records)
    path = tmp_path_factory.mktemp("written") / "a.csv"
    path.write_bytes(buffer.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "_PIECE", piece)
        agree(path, (1, 4), ReadOptions(encoding="utf-8"))


lines = st.sampled_from(
    [
        '{"text": "好"}',
        '{"text": ""}',
        '{"city": "苏州", "text": "行"}',
        "",
        "  ",
        "[1]",
        "{",
        '{"text": NaN}',
        "7",
        "\r",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(lines, max_size=12), st.booleans(), st.sampled_from([4, 1 << 20]))
def test_whatever_stands_in_json_lines(
    tmp_path_factory: pytest.TempPathFactory, given_lines: list[str], whole: bool, piece: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    path.write_text("\n".join(['{"text": "好", "work": "灯火"}', *given_lines]) + "\n" * whole, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "_PIECE", piece)
        agree(path, (1, 3))


def test_damaged_bytes_are_replaced_as_in_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,star\n" + "镜头稳，台词也稳,5\n".encode() * 20 + b"\xe5\xa5\xff" + "中间,4\n".encode()[1:])
    assert is_text(agree(path))


def test_personal_columns_odd_rows_and_repeated_headers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [
        "text,昵称,user_id,性别,片名",
        "好,小满,7,女,灯火",
        "坏,小满",
        " ,小满,8,男,灯火",
        "text,昵称,user_id,性别,片名",
        "行,小满,9,,",
        "坏",
    ]
    path.write_text("\n".join(rows), "utf-8")
    assert is_text(agree(path))


def test_a_record_without_an_end_is_read_as_in_the_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,star\n" + '"好\n看",5\n' * 300 + '"没有合上,1\n' + "后来的,2\n" * 100, "utf-8")
    monkeypatch.setattr(cutting, "_PIECE", 64)
    monkeypatch.setattr(cutting, "_LONGEST", 512)
    pieces = agree(path, (50,))
    assert is_text(pieces[:6])
    assert not is_text(pieces[6:])


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_compressed_file_that_breaks_off(tmp_path: Path, kind: str) -> None:
    header, row = ("text,star\n", "评论第{0}条 {1},5\n") if kind == "csv" else ("", '{{"text": "评论第{0}条 {1}"}}\n')
    packed = gzip.compress((header + "".join(row.format(n, n * 7919 % 10007) for n in range(20_000))).encode())
    path = tmp_path / f"a.{kind}.gz"
    path.write_bytes(packed[: len(packed) * 2 // 3])
    agree(path, (700,))


def test_comments_crawled_again_collapse_across_pieces(tmp_path: Path) -> None:
    folder = tmp_path / "weibo" / "jsonl"
    folder.mkdir(parents=True)
    for day in range(2):
        records = [
            {"comment_id": number, "note_id": "n", "content": f"第{number}条", "last_modify_ts": day * (number % 3)}
            for number in range(9)
        ]
        dumped = "\n".join(f"{json.dumps(record)}\n" for record in records)  # with blank lines
        (folder / f"search_comments_{day}.jsonl").write_text(dumped, "utf-8")
    (folder / "detail_comments_empty.csv").write_text("nothing", "utf-8")
    agree(tmp_path, (1, 4, 1000))


def test_kinds_that_cannot_be_cut_come_as_entries(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": "好"}, 7, {"text": ""}, {"text": "坏", "work": "灯火"}]), "utf-8")
    assert not is_text(agree(path))


def test_pieces_hold_few_records_where_these_are_long(tmp_path: Path) -> None:
    text = "长" * 600_000
    (tmp_path / "a.csv").write_text("text,n\n" + f"{text},1\n" * 4, "utf-8")
    (tmp_path / "a.json").write_text(json.dumps([{"text": text}] * 4), "utf-8")
    for name in ("a.csv", "a.json"):
        assert [piece.entries for piece in open_dump(tmp_path / name).pieces(1000)] == [2, 2]


def test_batches_add_up(tmp_path: Path) -> None:
    (tmp_path / "a_comments.csv").write_text("content,n\n好,1\n,2\n", "utf-8")
    (tmp_path / "b_comments.jsonl").write_text('{"content": "坏", "gender": "女"}\n', "utf-8")
    dump = open_dump(tmp_path)
    one, other = (dump.reader.read(piece)[0] for piece in dump.pieces(10))
    both = one + other
    assert (both.texts, both.works, both.platforms, both.genders) == (
        ["好", "坏"],
        [None] * 2,
        [None] * 2,
        [None, "female"],
    )
    assert both.records == [{"content": "好", "n": "1"}, {"content": "坏", "gender": "女"}]
    assert both.column("n") == ["1", None]
    assert [row.number for row in both.rejected] == [2]
    assert len(one) == len(other) == 1
