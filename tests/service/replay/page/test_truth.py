import re

import pytest

from service.replay.report import render_report
from tests.service.replay.page.documents import EPISODE, TRUTH, document, plain, section


def test_the_truth_is_shown_where_there_is_one() -> None:
    assert "与真值对照" not in render_report(document())
    told = section(render_report(document(truth=TRUTH)), "truth")
    assert told.count('<tr class="ours">') == 1
    assert "第 601–1,200 条，10% → 40%" in told


def test_an_episode_of_truth_is_drawn_over_its_length() -> None:
    told = section(
        render_report(document(truth=TRUTH | {"episodes": [EPISODE, EPISODE | {"last_comment": 900}]})), "truth"
    )
    long, brief = (float(width) for width in re.findall('class="episode" x="[^"]*" y="0" width="([^"]*)"', told))
    assert long == pytest.approx(2 * brief, rel=0.02)


def test_detectors_that_could_not_run_are_told_with_the_reason() -> None:
    told = plain(section(render_report(document(truth=TRUTH)), "truth"))
    assert "river PageHinkley：It is not installed." in told
    assert "未运行" not in section(render_report(document(truth=TRUTH | {"not_run": []})), "truth")


def test_a_truth_without_a_turn_is_told_so() -> None:
    assert "按真值口碑没有转差" in render_report(document(truth=TRUTH | {"episodes": []}))
