from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpora.readers import ReadOptions
from service.following.follow import Counts, Job, follow
from tests.service.following.receiver import Receiver, receiving

Look = Callable[..., Counts]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def said() -> list[str]:
    """What the looks of a test have said."""
    return []


@pytest.fixture
def look(tmp_path: Path, receiver: Receiver, said: list[str]) -> Look:
    """Look once at a dump, as a process that is started anew does."""

    def look(source: Path, **options: str) -> Counts:
        counts = Counts()
        read = ReadOptions(**options)  # type: ignore[arg-type]
        follow(Job(source, "剧", receiver.url, None, tmp_path / "home", read, once=True), said.append, counts)
        return counts

    return look


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    return tmp_path / "data" / "weibo" / "jsonl"
