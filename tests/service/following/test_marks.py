"""Where the reading stands, on disk."""

from pathlib import Path

import pytest

from service.errors import ResumeError
from service.following.marks import Mark, Marks

LINES = Mark("lines", 3, 120, "ab12")
WHOLE = Mark("whole", 2, 0, "cd34", (10, 20))


def marks(home: Path, stream: str = "剧", url: str = "http://127.0.0.1:8000") -> Marks:
    return Marks(home, home / "dump", stream, url)


def test_marks_come_back_as_they_were_kept(tmp_path: Path) -> None:
    marks(tmp_path).keep({"a.csv": LINES})
    marks(tmp_path).keep({"b.json": WHOLE})
    again = marks(tmp_path)
    assert (again.find("a.csv", "lines"), again.find("b.json", "whole")) == (LINES, WHOLE)
    assert again.begun
    assert [file.name for file in (tmp_path / "watch").iterdir()] == [again.path.name]


def test_the_making_of_the_stream_stays_known_until_it_is_another(tmp_path: Path) -> None:
    marks(tmp_path).keep({"a.csv": LINES}, "2024-05-01T00:00:00+00:00")
    marks(tmp_path).keep({"b.json": WHOLE})
    assert marks(tmp_path).created == "2024-05-01T00:00:00+00:00"
    marks(tmp_path).restart()
    again = marks(tmp_path)
    assert (again.created, again.find("a.csv", "lines"), again.find("b.json", "whole")) == (None, None, None)


def test_a_restart_goes_back_to_where_the_sending_began(tmp_path: Path) -> None:
    passed = marks(tmp_path)
    passed.keep({"a.csv": LINES})
    passed.begin_here()
    marks(tmp_path).keep({"a.csv": Mark("lines", 9, 900, "ef56"), "b.json": WHOLE}, "2024-05-01T00:00:00+00:00")
    marks(tmp_path).restart()
    again = marks(tmp_path)
    assert (again.find("a.csv", "lines"), again.find("b.json", "whole")) == (LINES, None)


def test_a_mark_of_another_kind_is_none(tmp_path: Path) -> None:
    marks(tmp_path).keep({"a": LINES})
    assert marks(tmp_path).find("a", "whole") is None


def test_each_stream_and_service_has_its_own_marks(tmp_path: Path) -> None:
    marks(tmp_path).keep({"a.csv": LINES})
    assert not marks(tmp_path, stream="别的").begun
    assert not marks(tmp_path, url="http://127.0.0.1:9000").begun


@pytest.mark.parametrize("damage", ["", "[]", '{"format": 9}', '{"format": 1, "files": {"a": {"kind": "x"}}}'])
def test_damaged_marks_are_refused_with_the_way_out(tmp_path: Path, damage: str) -> None:
    marks(tmp_path).keep({})
    path = marks(tmp_path).path
    path.write_text(damage, "utf-8")
    with pytest.raises(ResumeError, match="remove it, or give --anew"):
        marks(tmp_path)
    assert path.exists()
    assert not Marks(tmp_path, tmp_path / "dump", "剧", "http://127.0.0.1:8000", anew=True).begun
    assert not path.exists()
