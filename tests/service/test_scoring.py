import threading
from pathlib import Path

import anyio
import pytest

from model import Scorer
from service.scoring import Busy, LiveModel, NotReady, ReloadFailed
from tests.service.api.serving import settings_for


def test_before_the_first_load_there_is_no_scorer(tmp_path: Path) -> None:
    live = LiveModel(settings_for(tmp_path))
    assert live.version is None
    with pytest.raises(NotReady, match="is being loaded"):
        _ = live.scorer


def test_a_load_that_fails_is_remembered_with_its_reason(tmp_path: Path) -> None:
    live = LiveModel(settings_for(tmp_path, model=tmp_path / "missing"))
    with pytest.raises(ReloadFailed, match="missing"):
        anyio.run(live.reload)
    with pytest.raises(NotReady, match="missing"):
        _ = live.scorer


def test_a_load_nobody_waits_for_fails_into_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    anyio.run(LiveModel(settings_for(tmp_path, model=tmp_path / "missing")).reload_or_log)
    assert "missing" in caplog.text and "No model answers." in caplog.text


def test_only_so_many_wait_and_the_admitted_always_may(tmp_path: Path) -> None:
    go_on = threading.Event()

    async def crowd() -> list[str]:
        live = LiveModel(settings_for(tmp_path), threads=1, waiting=1)
        answers: list[str] = []

        async def ask(name: str, admitted: bool = False) -> None:
            await live.run(go_on.wait, admitted=admitted)
            answers.append(name)

        async with anyio.create_task_group() as tasks:
            for name in ("scored", "waiting"):
                tasks.start_soon(ask, name)
                await anyio.wait_all_tasks_blocked()
            assert live.queue == 1
            with pytest.raises(Busy, match="1 requests are waiting"):
                await live.run(go_on.wait)
            tasks.start_soon(ask, "admitted", True)
            await anyio.wait_all_tasks_blocked()
            assert live.queue == 2
            go_on.set()
        return answers

    assert sorted(anyio.run(crowd)) == ["admitted", "scored", "waiting"]


def test_a_scorer_that_is_given_answers_at_once(tmp_path: Path) -> None:
    scorer = Scorer.load()
    assert LiveModel(settings_for(tmp_path), scorer).scorer is scorer
