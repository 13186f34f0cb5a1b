import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import CorporaError
from training.labels import POLARITY_TARGETS, SHIPPED
from training.local import part
from training.own import OwnLabels, held_out, read_own, read_starter, tell


def write(file: Path, *lines: str) -> None:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def told(labels: OwnLabels, row: int) -> dict[str, float]:
    """What a row tells of facets: 1 or 0 by name, without those it says nothing of."""
    facets = zip(labels.names.all, labels.examples.facets[row].tolist(), strict=True)
    return {name: value for name, value in facets if not np.isnan(value)}


def named(labels: OwnLabels, row: int) -> set[str]:
    """The facets a row carries."""
    return {name for name, value in told(labels, row).items() if value == 1}


CAMPING = """
[camping]
chinese = "露营"
english = "Campers"
cues = ["露营", "天幕", "搭帐篷"]
examples = ["周末搭帐篷看的，天幕一撑就是影院", "露营党路过"]
"""


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
    assert named(labels, 0) == {"family"}


@pytest.mark.parametrize(
    "cell",
    [
        "senior;family",
        "senior；family",
        '"senior,family"',
        "senior、family",
        "senior family",
        "中老年·银发;亲子家庭",
        "银发 亲子家庭",
        "Older audiences; parents and families",
        '"[""senior"", ""family""]"',
        '"{""choices"": [""senior"", ""family""]}"',
    ],
)
def test_circles_may_be_written_in_many_ways(tmp_path: Path, cell: str) -> None:
    write(tmp_path / "a.csv", "text,circles", f"带爸妈和娃看的,{cell}")
    labels = read_own(tmp_path)
    assert labels.bad == []
    assert named(labels, 0) == {"senior", "family"}


def test_an_unknown_circle_is_named_with_what_to_do(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity,circles", "搭帐篷看的,positive,family;露营")
    labels = read_own(tmp_path)
    assert len(labels.examples) == 0
    reason = str(labels.bad[0])
    assert "a.csv, row 1: circles names '露营'" in reason
    assert "senior" in reason
    assert "add a table to circles.toml" in reason


def test_an_empty_cell_says_none_where_the_file_names_a_circle_somewhere(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity,circles", "带娃看的,positive,family", "好看,positive,")
    labels = read_own(tmp_path)
    assert told(labels, 1) == dict.fromkeys(SHIPPED.circles, 0)


def test_an_empty_cell_says_nothing_where_the_file_names_none(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity,circles,aspects", "好看,positive,,story", "不好看,negative,,")
    labels = read_own(tmp_path)
    assert told(labels, 1) == dict.fromkeys(SHIPPED.aspects, 0)


def test_a_circle_may_be_denied_in_words(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity,circles", "好看,positive,无")
    assert told(read_own(tmp_path), 0) == dict.fromkeys(SHIPPED.circles, 0)


def test_a_row_without_polarity_trains_facets_alone(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity,circles,stage", "带娃二刷,,family,rewatch", "好看,positive,,")
    labels = read_own(tmp_path)
    assert labels.examples.told.tolist() == [False, True]
    assert named(labels, 0) == {"family", "rewatch"}
    assert labels.told == {"polarity": 1, "circles": 2, "aspects": 0, "stage": 2}


def test_stages_are_told_without_aspects_and_aspects_without_stages(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,stage", "等上映,想看")
    write(tmp_path / "b.csv", "text,aspects", "配乐绝了,sound")
    labels = read_own(tmp_path)
    assert told(labels, 0) == dict.fromkeys(SHIPPED.stages, 0) | {"want": 1}
    assert told(labels, 1) == dict.fromkeys(SHIPPED.aspects, 0) | {"sound": 1}


def test_a_comment_has_one_stage_at_most(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,stage", "二刷了快去看,rewatch;recommend")
    assert "one at most" in str(read_own(tmp_path).bad[0])


def test_a_row_that_tells_nothing_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity", "好看,positive", "没看懂,")
    labels = read_own(tmp_path)
    assert "a.csv, row 2: nothing is told" in str(labels.bad[0])


def test_files_about_the_same_comment_add_up(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text,polarity", "带娃二刷,positive")
    write(tmp_path / "b.csv", "text,circles", "带娃二刷,family")
    labels = read_own(tmp_path)
    assert labels.examples.targets.tolist() == [[0, 0, 1]]
    assert named(labels, 0) == {"family"}


def test_own_circles_stand_behind_the_shipped_ones(tmp_path: Path) -> None:
    more = '[family]\nchinese = "亲子"\ncues = ["遛娃"]\n'
    (tmp_path / "circles.toml").write_text(CAMPING + more, "utf-8")
    write(tmp_path / "a.csv", "text,circles", "搭帐篷看的,露营", "带娃看的,亲子")
    labels = read_own(tmp_path)
    assert labels.files == 1
    assert labels.names.circles == (*SHIPPED.circles, "camping")
    assert [circle.key for circle in labels.circles] == ["camping", "family"]
    assert [circle.key for circle in labels.new_circles] == ["camping"]
    assert labels.circle_examples == {"camping": ("周末搭帐篷看的，天幕一撑就是影院", "露营党路过")}
    assert named(labels, 0) == {"camping"}
    assert named(labels, 1) == {"family"}


def test_files_from_before_an_own_circle_say_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "circles.toml").write_text(CAMPING, "utf-8")
    write(tmp_path / "a.csv", "text,circles", "带娃搭帐篷,family")
    assert "camping" not in told(read_own(tmp_path), 0)


def test_own_circles_without_labels_are_read(tmp_path: Path) -> None:
    (tmp_path / "circles.toml").write_text(CAMPING, "utf-8")
    labels = read_own(tmp_path)
    assert labels.examples.facets.shape == (0, len(SHIPPED) + 1)


def test_a_broken_circles_file_ends_the_reading(tmp_path: Path) -> None:
    (tmp_path / "circles.toml").write_text('[露营]\nchinese = "露营"', "utf-8")
    with pytest.raises(CorporaError, match=r"circles\.toml"):
        read_own(tmp_path)


def test_the_page_in_the_folder_is_no_label_file(tmp_path: Path) -> None:
    write(tmp_path / "README.md", "# Your own labels")
    labels = read_own(tmp_path)
    assert (labels.files, labels.bad) == (0, [])


def test_what_was_read_is_told_by_kind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "circles.toml").write_text(CAMPING, "utf-8")
    write(tmp_path / "a.csv", "text,polarity,circles", "搭帐篷看的,,camping", "不好不坏,mixed,")
    with caplog.at_level("INFO"):
        tell(read_own(tmp_path), tmp_path)
    assert "read 2 labels from 1 files" in caplog.text
    assert "1 tell polarity, 2 tell circles, 0 tell aspects" in caplog.text
    assert "your circle camping (露营): new, 3 cues" in caplog.text
    assert "1 are mixed" in caplog.text


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
