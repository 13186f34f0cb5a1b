from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import cast

import orjson
import pytest
from rich.console import Console

from corpora.readers import open_dump
from model import Scorer, Scores
from service.errors import ServiceError
from service.evaluation.judge import Evaluation, evaluate
from service.evaluation.showing import show_evaluation, write_evaluation
from service.evaluation.truth import Scale, Truths
from tests.service.batch.scored import scores_of

CHANCES = {"差": [0.8, 0.1, 0.1], "平": [0.2, 0.7, 0.1], "好": [0.1, 0.1, 0.8]}


class ByFirstCharacter:
    """Reads 差 as negative, 平 as neutral, 好 as positive."""

    def score(self, texts: Sequence[str]) -> Scores:
        return scores_of([CHANCES[text[0]] for text in texts])


def judged(tmp_path: Path, rows: str, scale: Scale = "auto", group: str | None = None) -> Evaluation:
    path = tmp_path / "labelled.csv"
    path.write_text(f"content,label,platform,title\n{rows}", "utf-8")
    return evaluate(open_dump(path), cast(Scorer, ByFirstCharacter()), Truths(scale, "label"), group)


def test_three_classes_are_counted_by_truth_and_decision(tmp_path: Path) -> None:
    rows = "差,neg,weibo,甲\n" * 4 + "好,neg,weibo,甲\n" + "平,neu,douban,乙\n" * 2 + "好,pos,douban,乙\n" * 3
    evaluation = judged(tmp_path, rows)
    overall = evaluation.overall
    assert overall.classes == ("negative", "neutral", "positive")
    assert overall.matrix == [[4, 0, 1], [0, 2, 0], [0, 0, 3]]
    assert overall.measures["recall_negative"].value == pytest.approx(0.8)
    assert overall.measures["precision_positive"].value == pytest.approx(0.75)
    assert overall.measures["accuracy"].value == pytest.approx(0.9)
    assert "auc" not in overall.measures
    assert [(platform.name, platform.rows) for platform in evaluation.platforms] == [("weibo", 5), ("douban", 5)]
    assert evaluation.overall.units == 10
    for estimate in overall.measures.values():
        assert 0 <= estimate.low <= estimate.high <= 1


def test_a_binary_truth_is_judged_by_the_sign_of_the_score_and_by_auc(tmp_path: Path) -> None:
    overall = judged(tmp_path, "差,0,,\n平,0,,\n好,1,,\n平,1,,\n", "binary").overall
    assert overall.classes == ("negative", "positive")
    assert overall.matrix == [[1, 1, 0], [0, 1, 1]]
    assert overall.measures["auc"].value == pytest.approx((1 + 1 + 1 + 0.5) / 4)
    assert overall.measures["accuracy"].value == pytest.approx(0.75)


def test_three_stars_and_mixed_labels_stand_apart(tmp_path: Path) -> None:
    evaluation = judged(tmp_path, "差,1,,\n好,5,,\n平,3,,\n好,3,,\n", "stars")
    assert evaluation.overall.rows == 2
    assert evaluation.apart == [0, 1, 1]


def test_resampling_titles_gives_wider_intervals_than_rows_where_titles_differ(tmp_path: Path) -> None:
    rows = "".join(
        f"{'差' if title % 2 else '好'},neg,,{title}\n" * 20 + f"好,pos,,{title}\n" * 20 for title in range(8)
    )
    by_row = judged(tmp_path, rows).overall.measures["accuracy"]
    evaluation = judged(tmp_path, rows, group="title")
    by_title = evaluation.overall.measures["accuracy"]
    assert evaluation.overall.units == 8
    assert by_title.high - by_title.low > 1.5 * (by_row.high - by_row.low)


def test_one_title_alone_gives_no_interval(tmp_path: Path) -> None:
    evaluation = judged(
        tmp_path, "差,neg,weibo,甲\n好,neg,weibo,甲\n差,neg,douban,甲\n好,pos,douban,乙\n", group="title"
    )
    weibo = next(platform for platform in evaluation.platforms if platform.name == "weibo")
    assert weibo.units == 1
    assert weibo.measures["accuracy"].value == 0.5
    assert isnan(weibo.measures["accuracy"].low)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"no column 'film'.*content, label, platform, title"):
        judged(tmp_path, "差,neg,,\n", group="film")


def test_what_was_left_out_is_told(tmp_path: Path) -> None:
    evaluation = judged(tmp_path, "差,neg,,\n好,pos,,\n平,neu,,\n好,,,\n好,?,,\n,neg,,\n")
    assert (evaluation.overall.rows, evaluation.without_truth, evaluation.unread) == (3, 1, {"?": 1})
    assert evaluation.rejected == 1
    console = Console(record=True, width=140)
    show_evaluation(evaluation, None, console)
    shown = console.export_text()
    assert "1 rejected rows, 1 rows without a truth" in shown
    assert "'?' (1)" in shown
    assert "--group" in shown


def test_the_json_holds_what_the_tables_show(tmp_path: Path) -> None:
    evaluation = judged(tmp_path, "差,neg,weibo,\n好,pos,weibo,\n")
    write_evaluation(evaluation, "base-1", None, tmp_path / "figures.json")
    figures = orjson.loads((tmp_path / "figures.json").read_bytes())
    assert figures["model"] == "base-1"
    assert figures["overall"]["confusion"]["negative"] == {"negative": 1, "neutral": 0, "positive": 0}
    assert figures["overall"]["measures"]["macro_f1"]["value"] == 1
    assert figures["platforms"][0]["name"] == "weibo"
