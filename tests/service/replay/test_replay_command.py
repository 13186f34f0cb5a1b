import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import service.replay.report
import service.replay.showing
from service.commands.replay import replay
from service.errors import OutputError, SettingsError
from service.replay.expected import read_expected
from service.replay.outputs import Drafts, paths_of
from tests.service.replay.staged import NOON, course, dump, rows_of

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command alone, in the folder of the test."""
    monkeypatch.setenv("POQUAN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(replay)
    return lambda *arguments: CliRunner().invoke(app, [*map(str, arguments)])


def night(folder: Path, **more: object) -> Path:
    return dump(folder, rows_of(course((40, 0.3)), **more))


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_a_dump_becomes_a_report_and_a_document(run: Run, tmp_path: Path) -> None:
    result = run(night(tmp_path, title="年夜饭"), "-o", "report.html", "--json", "report.json")
    assert result.exit_code == 0, result.output
    assert "年夜饭: 40 comments, 2019-02-05 12:00 to 2019-02-05 12:39 (China time)." in result.output
    assert "The report is report.html." in result.output
    told = json.loads((tmp_path / "report.json").read_bytes())
    assert told["source"] == "night.jsonl" and told["stream"] == "年夜饭" and told["bucket"] == "10m"
    assert set(told) >= {"poquan", "model", "comments", "from", "to", "alerts", "segments", "series"}
    assert "年夜饭" in (tmp_path / "report.html").read_text("utf-8")
    assert files(tmp_path) == {"night.jsonl", "report.html", "report.json"}


def test_what_is_not_replayed_as_it_stands_is_told(run: Run, tmp_path: Path) -> None:
    rows = [*rows_of(["好看", "好听"]), {"id": "c0", "content": "又来一遍"}, {"id": "x", "content": "没有时间"}]
    source = dump(tmp_path, [*rows, {"id": "y", "content": ""}])
    result = run(source, "-o", "report.html")
    assert "1 row could not be read as comments; see report.html.rejected.jsonl." in result.output
    assert "1 comment with the id of an earlier one left out" in result.output
    assert "1 comment without a time taken" in result.output
    [rejected] = (tmp_path / "report.html.rejected.jsonl").read_text("utf-8").splitlines()
    assert json.loads(rejected)["row"] == 5


def test_rejected_rows_of_an_earlier_replay_go_when_there_are_none_now(run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.html.rejected.jsonl").write_text("{}\n")
    assert run(night(tmp_path), "-o", "report.html").exit_code == 0
    assert not (tmp_path / "report.html.rejected.jsonl").exists()


def test_each_platform_has_its_report(run: Run, tmp_path: Path) -> None:
    rows = [
        {"content": text, "time": NOON + at, "platform": ("weibo", "douban")[at % 2]}
        for at, text in enumerate(course((40, 0.3)))
    ]
    result = run(dump(tmp_path, rows), "-o", "report.html", "--json", "report.json", "--by", "platform")
    assert result.exit_code == 0, result.output
    assert files(tmp_path) == {"night.jsonl"} | {
        f"report.{platform}.{ending}" for platform in ("weibo", "douban") for ending in ("html", "json")
    }
    assert json.loads((tmp_path / "report.weibo.json").read_bytes())["comments"] == 20


def test_with_a_truth_the_detectors_are_compared(run: Run, tmp_path: Path) -> None:
    rows = rows_of(course((60, 0.1), (60, 0.9)))
    for row in rows:
        row["star"] = 1 if row["content"][0] == "差" else 5
    result = run(dump(tmp_path, rows), "-o", "report.html", "--truth-column", "star")
    assert result.exit_code == 0, result.output
    assert "By the truth the negative share rose from" in result.output
    assert "always, every 100th" in result.output and "river ADWIN" in result.output


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_a_replay_that_is_stopped_leaves_nothing_and_keeps_the_older_report(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    def stop(told: object) -> str:
        raise failure

    source = dump(tmp_path, [*rows_of(["好看"]), {"content": ""}])
    (tmp_path / "report.html").write_text("older")
    monkeypatch.setattr(service.replay.report, "render_report", stop)
    result = run(source, "-o", "report.html", "--json", "report.json")
    assert result.exit_code == (130 if failure is KeyboardInterrupt else 1)
    assert files(tmp_path) == {"night.jsonl", "report.html"}
    assert (tmp_path / "report.html").read_text() == "older"


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        (["-o", "night.jsonl"], SettingsError, "must end in .html, such as night.html"),
        (["-o", "report.html", "--json", "night.jsonl"], SettingsError, "must end in .json"),
        (["-o", "nowhere/report.html"], OutputError, "folder nowhere of the output does not exist"),
        (["-o", "report.html", "--bucket", "7m"], SettingsError, "--bucket: .* multiple"),
        (["-o", "report.html", "--bucket", "often"], SettingsError, "--bucket: .*'often'"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_read(
    run: Run, tmp_path: Path, arguments: list[str], error: type[Exception], sentence: str
) -> None:
    result = run(night(tmp_path), *arguments)
    assert isinstance(result.exception, error)
    with pytest.raises(error, match=sentence):
        raise result.exception
    assert files(tmp_path) == {"night.jsonl"}


def test_standard_input_is_refused_with_what_to_give(run: Run) -> None:
    result = run("-", "-o", "report.html")
    assert isinstance(result.exception, SettingsError)
    assert "Standard input is not taken; give a file or a folder" in str(result.exception)


def test_how_fast_it_went_is_said_only_where_its_start_is_no_great_part_of_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = night(tmp_path)
    assert "comments/s" not in run(source, "-o", "report.html").output
    monkeypatch.setattr(service.replay.showing, "LEAST_TIMED", 40)
    assert "comments/s" in run(source, "-o", "report.html").output


def test_streams_with_names_alike_in_a_file_have_files_of_their_own() -> None:
    names = [path.name for path in paths_of(Path("report.html"), ["甲/乙", "甲:乙", "丙"])]
    assert names == ["report.甲-乙.html", "report.甲-乙-2.html", "report.丙.html"]


def test_drafts_get_their_names_together(tmp_path: Path) -> None:
    with Drafts() as drafts:
        for name in ("a", "b"):
            drafts.file(tmp_path / name).write(name.encode())
        assert not files(tmp_path) & {"a", "b"}
    assert files(tmp_path) == {"a", "b"}


def test_expectations_that_cannot_be_opened_are_refused_with_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nope.json \(--expect\) cannot be read \(No such file.*with any of work"):
        read_expected(tmp_path / "nope.json", CIRCLES)


CIRCLES = ("family", "student")


def expected_file(folder: Path, given: object) -> Path:
    path = folder / "expected.json"
    path.write_text(given if isinstance(given, str) else json.dumps(given), "utf-8")
    return path


def test_expectations_are_read_from_json(tmp_path: Path) -> None:
    given = {"work": "年夜饭", "mix": {"family": 0.3}, "women": 0.4, "core": ["family"]}
    expected = read_expected(expected_file(tmp_path, given), CIRCLES)
    assert (expected.work, expected.mix, expected.women) == ("年夜饭", {"family": 0.3}, 0.4)
    assert expected.core == ("family",)
    assert expected.comments_between_false_alarms == 50_000


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("{", "is no JSON"),
        ([1], "must be a JSON object"),
        ({"muse": 1}, "no other members than work, mix, women, core"),
        ({"mix": ["family"]}, "mix must give circles their shares"),
        ({"mix": {"family": "much"}}, "mix must give circles their shares"),
        ({"mix": {"sailors": 0.1}}, "'sailors', which is no circle of the model"),
        ({"mix": {"family": 2}}, "at most 1"),
        ({"women": 25}, "women must be a share"),
        ({"core": "family"}, "core must be a list of circles"),
        ({"core": ["sailors"]}, "core must be a list of circles"),
        ({"work": 7}, "work must be the name"),
        ({"comments_between_false_alarms": 10}, "whole number of 1,000 or more"),
        ({"comments_between_false_alarms": True}, "whole number of 1,000 or more"),
    ],
)
def test_expectations_that_cannot_be_meant_are_refused(tmp_path: Path, given: object, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        read_expected(expected_file(tmp_path, given), CIRCLES)
