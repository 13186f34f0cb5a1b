import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from service.batch.audience import LEAST_COMMENTS, WORKS_SHOWN, read_audiences, show_audiences
from service.batch.columns import LABELS, Layout
from service.batch.journal import Standing
from service.batch.label import Report
from service.batch.summary import write_summary
from service.batch.tally import OTHERS, AudienceCounts, AudienceTally, Counts, Tally
from tests.service.batch.scored import FACETS, rates

ALL, NONE = (20, 60, 120, 800), (800, 120, 60, 20)  # a thousand comments with, and without, a circle


def counts(comments: int = 1000, *, gender: tuple[int, ...] = (0, 0, 0, 0)) -> AudienceCounts:
    """Comments that all speak as `senior` and none as `mine`, `story` being named in ten."""
    bins = tuple(tuple(number * comments // 1000 for number in row) for row in (ALL, NONE, NONE))
    return AudienceCounts((comments, *gender), (10, 0, 0, 3), bins)


def report_of(audiences: dict[str | None, AudienceCounts], **changes: Any) -> Report:
    known = sum(each.comments for each in audiences.values())
    tally = Tally({(work, None): Counts(positive=each.comments) for work, each in audiences.items()})
    standing = Standing(consumed=known, comments=known, tally=tally, audiences=AudienceTally(audiences))
    fields: dict[str, Any] = {"facets": FACETS, "rates": rates(), "expected": {}}
    return Report(standing, Layout((), (), LABELS), "csv", "base-1", 1.0, known, **fields | changes)


def shown(report: Report, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    show_audiences(report, read_audiences(report), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def written(report: Report, tmp_path: Path) -> dict[str, Any]:
    write_summary(report, read_audiences(report), tmp_path / "summary.json")
    summary: dict[str, Any] = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    return summary


def test_circles_stand_by_their_chinese_names_with_interval_and_those_not_there_are_left_out() -> None:
    table = shown(report_of({"灯火": counts()}))
    assert "中老年·银发 100 % (" in table
    assert "mine" not in table
    assert "a comment may speak from several circles or none" in table


def test_an_expected_circle_is_shown_with_its_tgi_however_small() -> None:
    table = shown(report_of({"灯火": counts()}, expected={"mine": 0.5}))
    assert "mine 0.0 % (0.0–" in table
    assert "TGI 0 (0–" in table


def test_the_share_of_women_says_what_it_rests_on() -> None:
    declared, spoken = counts(gender=(300, 100, 0, 0)), counts(gender=(1, 1, 30, 30))
    table = shown(report_of({"灯火": declared, "潮声": spoken, "小家": counts()}))
    assert "75 % (71–79)" in table
    assert "n = 400" in table
    assert table.index("declared") < table.index("self-references") < table.index("n = 60")


def test_the_largest_works_stand_first_and_all_together_last() -> None:
    works = [f"第{number:02}部" for number in range(WORKS_SHOWN + 2)]
    audiences: dict[str | None, AudienceCounts] = {work: counts(1000 + place) for place, work in enumerate(works)}
    table = shown(report_of({**audiences, "小": counts(LEAST_COMMENTS - 1), OTHERS: counts(50_000)}))
    lines = [line for line in table.splitlines() if "中老年" in line]
    assert [line.split()[0] for line in lines] == [*sorted(works, reverse=True)[:WORKS_SHOWN], "all"]
    assert "Works after the first 50 count in the last row alone." in table


def test_one_work_alone_has_no_row_for_all() -> None:
    assert "\n all " not in shown(report_of({"灯火": counts()}))


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_a_terminal(width: int) -> None:
    work = counts(1_000_000, gender=(0, 0, 40, 40))
    table = shown(report_of({"一部名字特别特别长的网络短剧第二季": work, None: work}, expected={"senior": 0.05}), width)
    assert max(cell_len(line) for line in table.splitlines()) <= width
    assert "…" not in table
    assert "self-references" in table


def test_too_few_comments_show_no_audience() -> None:
    assert shown(report_of({"灯火": counts(LEAST_COMMENTS - 1)})) == ""
    assert shown(report_of({})) == ""


def test_a_model_without_rates_shows_the_women_and_says_why_there_is_no_mix() -> None:
    table = shown(report_of({"灯火": counts(gender=(300, 100, 0, 0))}, rates=None))
    assert "the model base-1 knows no rates" in table
    assert "75 % (71–79)" in table
    assert "中老年" not in table


def test_a_model_that_is_gone_is_named() -> None:
    assert "base-1 is no longer where it was" in shown(report_of({"灯火": counts()}, facets=None, rates=None))


def test_the_json_holds_every_circle_and_what_is_named(tmp_path: Path) -> None:
    summary = written(report_of({"灯火": counts(), "潮声": counts(20)}, expected={"senior": 0.5}), tmp_path)
    first, second = summary["works"]
    assert (first["work"], first["comments"], second["comments"]) == ("灯火", 1000, 20)
    senior = first["audience"]["senior"]
    assert senior["low"] <= senior["share"] <= senior["high"] == 1
    assert senior["tgi"] == pytest.approx(senior["share"] * 200, abs=0.1)
    assert set(first["audience"]["mine"]) == {"share", "low", "high"}
    assert set(first["none"]) == {"share", "low", "high"}
    assert 1 <= first["effective_circles"]["low"] <= first["effective_circles"]["value"]
    assert first["author_gender"] is None
    assert (first["aspects"], first["stages"]) == ({"story": 10, "sound": 0}, {"rewatch": 0, "refund": 3})
    assert (second["audience"], second["none"], second["effective_circles"]) == (None, None, None)
    assert summary["total"]["comments"] == 1020
    assert summary["total"]["audience"]["senior"]["share"] == pytest.approx(1, abs=0.01)


def test_the_json_of_no_comments_has_the_same_form(tmp_path: Path) -> None:
    total = written(report_of({}), tmp_path)["total"]
    assert (total["audience"], total["author_gender"]) == (None, None)
    assert total["aspects"] == {"story": 0, "sound": 0}
