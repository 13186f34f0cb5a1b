"""What the starter corpus promises: clean labels, every voice and circle heard, and no sentence that is not our own."""

import hashlib
import json
import os
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "corpora" / "starter").glob("*.jsonl"))

PLATFORMS = ["weibo", "douyin", "kuaishou", "xiaohongshu", "bilibili", "tieba", "zhihu", "douban", "maoyan"]
POLARITIES = ["negative", "neutral", "positive", "mixed"]
CIRCLES = [
    "anime",
    "family",
    "scifi",
    "history",
    "beauty",
    "women",
    "student",
    "worker",
    "senior",
    "smalltown",
    "cinephile",
    "fandom",
    "bookfan",
    "gamer",
    "romance",
    "suspense",
    "comedy",
    "military",
    "lifestyle",
    "overseas",
]
ASPECTS = ["story", "acting", "visual", "sound", "pace", "marketing", "cinema", "people", "values", "humour"]
STAGES = ["want", "seen", "rewatch", "recommend", "dissuade", "refund"]

KEYS = ["text", "polarity", "sarcasm", "circles", "aspects", "stage", "platform", "work"]
# Two comments written apart share a phrase at most; two fillings of one template share most of their 4-grams.
TEMPLATE_OVERLAP = 0.4

Row = dict[str, Any]


@pytest.fixture(scope="module")
def corpus() -> list[Row]:
    return [row for path in FILES for row in _rows(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_line_is_one_comment_with_keys_in_the_documented_order(path: Path) -> None:
    for row in _rows(path):
        expected = [key for key in KEYS if key != "stage" or "stage" in row]
        assert list(row) == expected, row


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_labels_come_from_the_guide(path: Path) -> None:
    for row in _rows(path):
        assert row["polarity"] in POLARITIES, row
        assert type(row["sarcasm"]) is int and row["sarcasm"] in (0, 1), row
        assert _is_subset_without_repeats(row["circles"], CIRCLES), row
        assert _is_subset_without_repeats(row["aspects"], ASPECTS), row
        assert row.get("stage") in (None, *STAGES) and row.get("stage", "") is not None, row


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_holds_one_platform_and_names_it(path: Path) -> None:
    assert {row["platform"] for row in _rows(path)} == {path.stem}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_texts_and_works_are_written_out_and_untrimmed_edges_are_absent(path: Path) -> None:
    for row in _rows(path):
        assert row["text"] and row["text"] == row["text"].strip(), row
        assert row["work"] and row["work"] == row["work"].strip("《》 "), row


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_platform_shows_every_polarity_and_irony(path: Path) -> None:
    rows = list(_rows(path))
    assert {row["polarity"] for row in rows} == set(POLARITIES)
    assert any(row["sarcasm"] for row in rows)


def test_there_are_at_least_600_comments_from_every_platform(corpus: list[Row]) -> None:
    assert len(corpus) >= 600
    assert {row["platform"] for row in corpus} == set(PLATFORMS)


def test_every_circle_is_heard_at_least_eight_times(corpus: list[Row]) -> None:
    heard = Counter(circle for row in corpus for circle in row["circles"])
    assert {circle: heard[circle] for circle in CIRCLES if heard[circle] < 8} == {}


def test_many_comments_speak_from_no_circle_as_in_life(corpus: list[Row]) -> None:
    share = sum(not row["circles"] for row in corpus) / len(corpus)
    assert 0.3 <= share <= 0.7


def test_every_aspect_and_stage_occurs(corpus: list[Row]) -> None:
    assert {aspect for row in corpus for aspect in row["aspects"]} == set(ASPECTS)
    assert {row["stage"] for row in corpus if "stage" in row} == set(STAGES)


def test_no_text_is_given_twice(corpus: list[Row]) -> None:
    times = Counter(_bare(row["text"]) for row in corpus)
    assert [text for text, n in times.items() if n > 1] == []


def test_no_two_texts_are_fillings_of_one_template(corpus: list[Row]) -> None:
    grams = [(row["text"], _four_grams(row["text"])) for row in corpus]
    alike = [(a, b) for (a, of_a), (b, of_b) in combinations(grams, 2) if _jaccard(of_a, of_b) > TEMPLATE_OVERLAP]
    assert alike == []


def test_the_template_check_sees_a_template() -> None:
    one, other = "这部片子的摄影真是让人过目不忘", "这部片子的配乐真是让人过目不忘"
    assert _jaccard(_four_grams(one), _four_grams(other)) > TEMPLATE_OVERLAP


def test_no_text_stands_in_the_public_corpora(corpus: list[Row]) -> None:
    digests = Path(os.environ.get("POQUAN_CORPORA", ROOT.parent / "shared" / "data")) / "digests.bin"
    if not digests.exists():
        pytest.skip("no digests.bin: set POQUAN_CORPORA to the corpora folder to check for copied sentences")
    known = _digests_of(digests.read_bytes())
    # Everyone has written "笑死" once: only a text of some length can be a copy.
    long_enough = [row["text"] for row in corpus if len(re.findall(r"[\u4e00-\u9fff]", row["text"])) >= 6]
    assert [text for text in long_enough if _digest(text) in known] == []


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _is_subset_without_repeats(given: list[str], allowed: list[str]) -> bool:
    return isinstance(given, list) and set(given) <= set(allowed) and len(set(given)) == len(given)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text) or text


def _four_grams(text: str) -> set[str]:
    bare = _bare(text)
    return {bare[i : i + 4] for i in range(len(bare) - 3)}


def _jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0


def _digest(text: str) -> bytes:
    return hashlib.sha1(re.sub(r"\s+", "", text).encode(), usedforsecurity=False).digest()[:6]


def _digests_of(raw: bytes) -> set[bytes]:
    return {raw[i : i + 6] for i in range(0, len(raw), 6)}
