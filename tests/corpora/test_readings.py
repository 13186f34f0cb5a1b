"""What the readings promise: labels of the guide, no word of a comment, and none of a comment a model is judged on."""

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from corpora import readings
from corpora.fetch import load, mirror
from corpora.readings import READ_CORPORA, digest, labelled, read_readings, unread
from corpora.taxonomy import ASPECTS, CIRCLES, STAGES, read_facets

COLUMNS = ["digest", "pick", "polarity", "sarcasm", "circles", "aspects", "stage"]
PLACE_WITHOUT_TITLE = {"weibo_liulangdiqiu_spades10", "maoyan_liulangdiqiu_mirstt"}  # one film, held out row by row

here = pytest.mark.skipif(mirror() is None, reason="needs the corpora (POQUAN_CORPORA)")


def test_every_row_holds_a_digest_and_labels_of_the_guide_and_nothing_else() -> None:
    known = [{facet.key for facet in read_facets(file)} for file in (CIRCLES, ASPECTS, STAGES)]
    path = Path(readings.__file__).with_name("readings.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines)
        rows = list(table)
    assert table.fieldnames == COLUMNS
    for row in rows:
        assert re.fullmatch(r"[0-9a-f]{12}", row["digest"]), row
        assert row["pick"] in {"random", "polarity", "facet"}, row
        assert row["polarity"] in {"negative", "neutral", "positive", "mixed"}, row
        assert row["sarcasm"] in {"0", "1"}, row
        for name, keys in zip(("circles", "aspects", "stage"), known, strict=True):
            told = [key for key in row[name].split(";") if key]
            assert set(told) <= keys, row
            assert len(told) == len(set(told)), row
    digests = [row["digest"] for row in rows]
    assert digests == sorted(set(digests))
    assert len(read_readings()) == len(rows)


def test_white_space_does_not_change_what_a_comment_is_known_by() -> None:
    assert digest("太好看了 \n") == digest(" 太好看了")
    assert digest("\ud83d") != digest("\ud83e")


@pytest.fixture
def small_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with one gold comment, a starred one that was read, and one that was not."""

    def write(name: str, *rows: dict[str, Any]) -> None:
        path = tmp_path / f"{name}.jsonl.gz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(b"".join(orjson.dumps(row) + b"\n" for row in rows)))

    write("gold/train", {"text": "雨停了", "polarity": "neutral", "circles": [], "aspects": [], "title": "雨"})
    write("film/starred.train", {"text": "好看", "star": 5, "title": "雨", "src": "a"}, {"text": "难看", "star": 1})
    for name in READ_CORPORA.keys() - {"film/starred.train"}:
        write(name, {"text": f"{name} 里的帖子", "community": "雨具"})
    labels = {"pick": "random", "polarity": "positive", "sarcasm": 0, "circles": ["scifi"], "aspects": []}
    known = {digest("好看"): labels, digest("circle/s1_boards 里的帖子"): labels, digest("哪里都没有"): labels}
    monkeypatch.setattr(readings, "read_readings", lambda: known)
    monkeypatch.setenv("POQUAN_CORPORA", str(tmp_path))
    return tmp_path


def test_readings_stand_beside_the_gold_comments(small_mirror: Path) -> None:
    gold, starred, board = labelled()
    assert gold["text"] == "雨停了"
    assert "reading" not in gold
    assert (starred["title"], starred["src"], starred["polarity"], starred["reading"]) == ("雨", "a", "positive", True)
    assert (board["platform"], board["title"], board["src"]) == ("s1_forum", "雨具", "s1_boards")
    assert board["circles"] == ["scifi"]


def test_a_comment_that_was_read_is_no_starred_one_any_more(small_mirror: Path) -> None:
    assert [row["text"] for row in unread(load("film/starred.train"))] == ["难看"]


@here
def test_the_mirror_holds_nearly_every_comment_that_was_read() -> None:
    found = sum(row.get("reading", False) for row in labelled())
    assert found >= 0.99 * len(read_readings())


@here
def test_no_comment_a_model_is_judged_on_was_read() -> None:
    folder = mirror()
    assert folder is not None
    names = [path.relative_to(folder).as_posix().removesuffix(".jsonl.gz") for path in folder.rglob("*.jsonl.gz")]
    judging = [name for name in names if name.endswith((".test", ".dev", "gold/dev")) or name.startswith("streams/")]
    assert "gold/dev" in judging
    for name in judging:
        read = [row["text"] for row in load(name) if digest(row["text"]) in read_readings()]
        assert not read, name


@here
def test_no_title_that_is_held_out_whole_was_read() -> None:
    held = {row["title"] for row in load("gold/dev") if row.get("held") == "title"}
    held |= {row["title"] for row in load("film/starred.test")}
    for row in _read():
        assert row.get("title") not in held or row["src"] in PLACE_WITHOUT_TITLE, row["src"]


def _read() -> Iterator[dict[str, Any]]:
    return (row for row in labelled() if row.get("reading"))
