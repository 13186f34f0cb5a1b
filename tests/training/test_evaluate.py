import numpy as np
import pytest

from model import Scorer
from training.evaluate import ALL, calibration_slope, judge, log_losses, star_auc
from training.labels import from_records


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer.load()


PRAISE, BLAME = "太好看了，强烈推荐", "烂片，浪费时间"
ROWS = [
    {"text": PRAISE, "polarity": "positive", "platform": "weibo", "title": "甲"},
    {"text": BLAME, "polarity": "negative", "platform": "weibo", "title": "乙"},
    {"text": "好看但是太长，烂尾", "polarity": "mixed", "platform": "weibo", "title": "丙"},
]


def test_mixed_rows_stay_out_of_the_three_class_figures_and_are_counted_apart(scorer: Scorer) -> None:
    figures = judge(scorer, from_records(ROWS), repeats=10)[ALL]
    assert figures.rows == 2
    assert sum(figures.mixed.values()) == 1
    assert figures.measures["accuracy"].value == 1


def test_mixed_rows_count_in_the_loss(scorer: Scorer) -> None:
    assert len(log_losses(scorer, from_records(ROWS))) == 3


def test_only_platforms_with_a_hundred_rows_are_shown(scorer: Scorer) -> None:
    many = [{**ROWS[0], "platform": "douban"}] * 100
    assert list(judge(scorer, from_records([*ROWS, *many]), repeats=2)) == [ALL, "douban"]


def test_one_title_gives_no_interval(scorer: Scorer) -> None:
    figures = judge(scorer, from_records([{**row, "title": "甲"} for row in ROWS]), repeats=10)[ALL]
    assert figures.units == 1
    assert np.isnan(figures.measures["accuracy"].low)


def test_stars_are_judged_without_the_three(scorer: Scorer) -> None:
    examples = from_records([ROWS[0], ROWS[1], ROWS[2]])
    assert star_auc(scorer, examples, np.array([5, 1, 3]), repeats=5).value == 1


def test_the_slope_tells_overstatement() -> None:
    dice = np.random.default_rng(0)
    odds = dice.normal(size=20_000)
    happened = (dice.uniform(size=20_000) < 1 / (1 + np.exp(-odds))).astype(float)
    stated = 1 / (1 + np.exp(-2 * odds))
    assert calibration_slope(stated, happened, np.ones(20_000)) == pytest.approx(0.5, abs=0.03)
    assert np.isnan(calibration_slope(stated, np.zeros(20_000), np.ones(20_000)))
