import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.labels import POLARITY_TARGETS
from training.local import part
from training.own import held_out, read_own, read_starter


def write(file: Path, *lines: str) -> None:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "polarity"),
    [("neg", "negative"), ("负面", "negative"), ("POSITIVE", "positive"), ("中性", "neutral"), ("混合", "mixed")],
)
def test_usual_names_of_a_polarity_are_known(tmp_path: Path, written: str, polarity: str) -> None:
    write(tmp_path / "a.csv", "text,polarity", f"片子就那样吧,{written}")
    examples = read_own(tmp_path).examples
    np.testing.assert_allclose(examples.targets[0], POLARITY_TARGETS[polarity])


def test_bad_rows_are_named_with_file_and_row_and_the_others_are_kept(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity", "很好看,positive", "很难看,awful", ",negative")
    labels = read_own(tmp_path)
    assert labels.examples.texts == ["很好看"]
    assert [(bad.file.name, bad.row) for bad in labels.bad] == [("a.csv", 2), ("a.csv", 3)]
    assert "'awful'" in str(labels.bad[0])
    assert "a.csv, row 2" in str(labels.bad[0])


def test_a_file_without_polarities_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,time", "很好看,2024-01-01")
    assert "no column 'polarity'" in str(read_own(tmp_path).bad[0])


def test_json_lines_with_platform_and_circles(tmp_path: Path) -> None:
    row = {"text": "带娃二刷", "polarity": "positive", "platform": "weibo", "circles": ["family"]}
    write(tmp_path / "a.jsonl", json.dumps(row, ensure_ascii=False))
    labels = read_own(tmp_path)
    assert labels.examples.platforms == ["weibo"]
    assert labels.with_circles == 1


def test_of_a_text_labelled_twice_the_last_label_counts(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity", "还行,neutral")
    write(tmp_path / "b.csv", "text,polarity", "还行 ,negative")
    np.testing.assert_array_equal(read_own(tmp_path).examples.targets, [[1, 0, 0]])


def test_no_folder_is_no_labels(tmp_path: Path) -> None:
    assert len(read_own(tmp_path / "absent").examples) == 0


def test_no_held_out_text_is_trained_on_also_when_it_is_repeated() -> None:
    parts = part(read_starter())
    assert not set(parts.training.texts) & set(parts.evaluation.texts)
    assert 0.15 < len(parts.evaluation) / (len(parts.training) + len(parts.evaluation)) < 0.25


@given(st.text(max_size=20))
def test_a_text_stays_on_its_side_however_it_is_spaced(text: str) -> None:
    assert held_out([text])[0] == held_out([f" {text}　"])[0]
