"""The command beside `label` and `evaluate`: help, version, score, model, serve."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.service.conftest import COMMAND, Poquan


def test_help_names_every_command_and_an_example(poquan: Poquan) -> None:
    shown = poquan("--help").stdout.decode()
    for name in ("label", "score", "evaluate", "serve", "model", "poquan label comments.csv -o labelled.csv"):
        assert name in shown


@pytest.mark.parametrize("command", ["label", "score", "evaluate", "serve"])
def test_every_command_teaches_by_examples(poquan: Poquan, command: str) -> None:
    done = poquan(command, "--help")
    assert done.returncode == 0
    assert f"poquan {command} " in done.stdout.decode().partition("Examples:")[2]


def test_help_loads_nothing_heavy() -> None:
    program = "import service.cli, sys; print([m for m in ('numpy', 'jieba', 'model', 'fastapi') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_the_version_is_that_of_the_distribution(poquan: Poquan) -> None:
    assert poquan("--version").stdout.decode().strip() == f"poquan {version('poquan')}"


@pytest.mark.parametrize(
    "arguments", [["label"], ["label", "a.csv", "--nonsense"], ["nonsense"], ["serve", "--port", "x"]]
)
def test_a_wrong_use_ends_with_2_and_no_traceback(poquan: Poquan, arguments: list[str]) -> None:
    done = poquan(*arguments)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_score_shows_the_decision_and_the_words(poquan: Poquan) -> None:
    done = poquan("score", "全程无尿点，必须二刷！", "烂片，浪费钱，退票！")
    shown = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert shown.index("全程无尿点") < shown.index("positive") < shown.index("烂片") < shown.index("negative")
    assert re.search(r"烂片 -0\.\d\d|退票 -0\.\d\d|浪费 -0\.\d\d", shown)


def test_score_names_circles_aspects_and_stage_and_what_speaks_for_them(poquan: Poquan) -> None:
    shown = poquan("score", "带着爸妈二刷，演技炸裂").stdout.decode()
    assert "中老年·银发 (senior)" in shown
    assert re.search(r"│ acting +│ rewatch +│", shown)
    assert re.search(r"senior: 爸妈 \+0\.\d\d", shown)
    assert re.search(r"rewatch: 二刷 \+0\.\d\d", shown)


def test_score_fits_a_terminal_of_100_columns(poquan: Poquan) -> None:
    comment = "作为原著党，剧情改得面目全非，节奏拖沓，演技也就那样，带着爸妈和孩子看的，不推荐给身边的朋友"
    shown = poquan("score", comment, COLUMNS="100").stdout.decode()
    assert max(cell_len(line) for line in shown.splitlines()) <= 100
    assert "…" not in shown


@pytest.mark.parametrize(
    ("command", "names"), [("label", ["p_circle_NAME", "facet_words", "--expect", "TGI"]), ("score", [])]
)
def test_help_teaches_the_facets(poquan: Poquan, command: str, names: list[str]) -> None:
    shown = poquan(command, "--help").stdout.decode()
    for name in ("circles", "aspects", "stage", "refund", *names):
        assert name in shown


def test_score_reads_lines_where_no_comment_is_given(poquan: Poquan) -> None:
    shown = poquan("score", stdin="好看哭了\n\n难看得要命\n".encode()).stdout.decode()
    assert "好看哭了" in shown
    assert "难看得要命" in shown


def test_score_without_comments_is_refused(poquan: Poquan) -> None:
    done = poquan("score", stdin=b"\n")
    assert done.returncode == 2
    assert b"comments" in done.stderr


def test_model_commands_tell_what_is_in_use(poquan: Poquan) -> None:
    assert poquan("model", "list").stdout.decode().strip() == "shipped  (in use)"
    shown = poquan("model", "show").stdout.decode()
    assert "default" in shown.splitlines()[0]


def test_there_is_no_way_back_from_the_shipped_model(poquan: Poquan) -> None:
    done = poquan("model", "rollback")
    assert done.returncode == 2
    assert "shipped model is in use" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_serve_keeps_its_door_shut_without_a_key(poquan: Poquan) -> None:
    done = poquan("serve", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "POQUAN_API_KEY" in done.stderr.decode()


def test_serve_says_when_its_port_is_taken(poquan: Poquan) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = poquan("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "--port" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="stopped by a signal of POSIX")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_prints_its_address_answers_there_and_stops(environment: dict[str, str], workers: str) -> None:
    command = [*COMMAND, "serve", "--port", "0", "--workers", workers]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    try:
        line = running.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address is not None, line
        with urllib.request.urlopen(f"{address[0]}/livez", timeout=60) as answer:
            assert answer.status == 200
    finally:
        running.send_signal(signal.SIGINT)
        rest = running.communicate(timeout=60)[1]
    assert "Traceback" not in rest


def test_evaluate_prints_figures_and_writes_json(poquan: Poquan, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    rows = ["好看哭了,pos", "太精彩了，力荐,pos", "难看，退票,neg", "烂片，浪费时间,neg", "今天上映,neu"]
    path.write_text("\n".join(["content,label", *rows]), "utf-8")
    done = poquan("evaluate", path, "--truth", "label", "--json", tmp_path / "figures.json")
    assert done.returncode == 0, done.stderr.decode()
    shown = done.stdout.decode()
    assert "5 comments" in shown
    assert "macro-F1" in shown
    assert "resample 5 rows" in shown
    assert (tmp_path / "figures.json").exists()


def test_evaluate_names_a_missing_column(poquan: Poquan, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_text("content,label\n好看,pos\n", "utf-8")
    done = poquan("evaluate", path, "--truth", "polarity")
    assert done.returncode == 2
    assert "'polarity'" in done.stderr.decode()
