from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from model import Scorer
from service.gathering import TOGETHER, Gathering
from service.scoring import Busy, LiveModel
from tests.service.api.serving import settings_for


class Named:
    """Stands for a model that only says whether compiled code reads its comments."""

    version = "named"

    def __init__(self, compiled: bool) -> None:
        self.compiled = compiled


def live(home: Path, compiled: bool = True, waiting: int = 128) -> LiveModel:
    made = LiveModel(settings_for(home), waiting=waiting)
    made._scorer = Named(compiled)  # type: ignore[assignment]
    return made


class Noted:
    """Work that doubles numbers, notes what was done together and fails over 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        if 13 in numbers:
            raise ValueError("13 is no number")
        return [2 * number for number in numbers]


def do_all(gathering: Gathering[int, int], numbers: Sequence[int], size: int = 1) -> dict[int, Any]:
    """What each of some numbers becomes that are asked at the same moment."""
    answers: dict[int, Any] = {}

    async def ask(number: int) -> None:
        try:
            answers[number] = await gathering.do(number, size)
        except (ValueError, Busy) as error:
            answers[number] = error

    async def ask_all() -> None:
        async with anyio.create_task_group() as tasks:
            for number in numbers:
                tasks.start_soon(ask, number)

    anyio.run(ask_all)
    return answers


@pytest.mark.parametrize("compiled", [True, False])
def test_what_comes_together_is_done_together_and_each_gets_its_own(tmp_path: Path, compiled: bool) -> None:
    work = Noted()
    answers = do_all(Gathering(live(tmp_path, compiled), work), range(10))
    assert answers == {number: 2 * number for number in range(10)}
    assert sorted(number for batch in work.batches for number in batch) == list(range(10))
    assert len(work.batches) < 10


def test_no_more_is_done_at_once_than_a_millisecond_holds(tmp_path: Path) -> None:
    work = Noted()
    do_all(Gathering(live(tmp_path), work), range(6), size=TOGETHER // 2)
    assert max(map(len, work.batches)) == 2


def test_one_that_is_too_large_for_company_is_done_alone(tmp_path: Path) -> None:
    work = Noted()
    assert do_all(Gathering(live(tmp_path), work), range(3), size=TOGETHER + 1) == {0: 0, 1: 2, 2: 4}
    assert [len(batch) for batch in work.batches] == [1, 1, 1]


@pytest.mark.parametrize("compiled", [True, False])
def test_the_error_of_one_is_not_the_others(tmp_path: Path, compiled: bool) -> None:
    answers = do_all(Gathering(live(tmp_path, compiled), Noted()), [1, 13, 2])
    assert (answers[1], answers[2]) == (2, 4)
    assert isinstance(answers[13], ValueError)


def test_more_than_may_wait_are_asked_to_come_again(tmp_path: Path) -> None:
    answers = do_all(Gathering(live(tmp_path, waiting=1), Noted()), range(20))
    refused = [number for number, answer in answers.items() if isinstance(answer, Busy)]
    assert 0 < len(refused) < 20
    assert all(answers[number] == 2 * number for number in range(20) if number not in refused)


def test_who_has_gone_is_not_worked_for(tmp_path: Path) -> None:
    work = Noted()
    gathering = Gathering(live(tmp_path), work)

    async def leave_and_ask() -> int:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(gathering.do, 1, 1)
            await anyio.sleep(0)
            tasks.cancel_scope.cancel()
        return await gathering.do(2, 1)

    assert anyio.run(leave_and_ask) == 4
    assert work.batches[-1] == [2]


def test_the_shipped_model_is_read_by_compiled_code(tmp_path: Path) -> None:
    made = LiveModel(settings_for(tmp_path))
    assert not made.compiled
    made._scorer = Scorer.load()
    assert made.compiled
