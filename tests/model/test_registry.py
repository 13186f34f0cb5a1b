"""Promote and roll back: the history says which model is in use, and the shipped one is always there."""

from pathlib import Path

import pytest

from model import DamagedModel, ModelError, Scorer
from model.files import MANIFEST, read_model
from model.registry import SHIPPED, current_model, history, promote, rollback
from model.scorer import DEFAULT

from .conftest import write_tiny


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def candidate(tmp_path: Path, version: str) -> Path:
    return write_tiny(tmp_path / f"candidate-{version}", version=version)


def test_the_shipped_model_is_in_use_where_nothing_was_promoted(home: Path) -> None:
    assert current_model(home) == DEFAULT
    assert history(home) == [SHIPPED]
    assert not home.exists()


def test_a_promoted_model_is_in_use_and_can_be_loaded(home: Path, tmp_path: Path) -> None:
    folder = promote(home, candidate(tmp_path, "one"))
    assert folder == current_model(home)
    assert folder.is_relative_to(home)
    assert history(home) == [SHIPPED, "one"]
    assert Scorer.load(folder).version == "one"


def test_rollback_goes_back_step_by_step_to_the_shipped_model(home: Path, tmp_path: Path) -> None:
    one = promote(home, candidate(tmp_path, "one"))
    promote(home, candidate(tmp_path, "two"))
    assert rollback(home) == one == current_model(home)
    assert rollback(home) == DEFAULT == current_model(home)
    with pytest.raises(ModelError, match="Nothing to roll back"):
        rollback(home)


def test_a_model_promoted_again_after_another_is_in_use_again(home: Path, tmp_path: Path) -> None:
    one = promote(home, candidate(tmp_path, "one"))
    two = promote(home, candidate(tmp_path, "two"))
    assert promote(home, candidate(tmp_path, "one")) == one == current_model(home)
    assert rollback(home) == two


def test_a_damaged_candidate_is_refused_and_nothing_changes(home: Path, tmp_path: Path) -> None:
    one = promote(home, candidate(tmp_path, "one"))
    broken = candidate(tmp_path, "two")
    (broken / "idf.npy").write_bytes(b"")
    with pytest.raises(DamagedModel):
        promote(home, broken)
    assert current_model(home) == one and history(home) == [SHIPPED, "one"]


def test_rollback_to_a_pruned_model_is_refused_and_nothing_changes(home: Path, tmp_path: Path) -> None:
    one = promote(home, candidate(tmp_path, "one"))
    two = promote(home, candidate(tmp_path, "two"))
    for file in one.iterdir():
        file.unlink()
    one.rmdir()
    with pytest.raises(DamagedModel, match=MANIFEST):
        rollback(home)
    assert current_model(home) == two


def test_no_draft_is_left_beside_the_models(home: Path, tmp_path: Path) -> None:
    promote(home, candidate(tmp_path, "one"))
    assert sorted(file.name for file in (home / "models").iterdir()) == ["history", "one"]


def test_a_promoted_model_is_whole(home: Path, tmp_path: Path) -> None:
    source = candidate(tmp_path, "one")
    arrays = {name: array.tolist() for name, array in read_model(source)[1].items()}
    assert {name: array.tolist() for name, array in read_model(promote(home, source))[1].items()} == arrays


@pytest.mark.parametrize("version", ["../../escaped", "two words", "shipped", "history", ""])
def test_a_version_that_names_no_folder_is_refused(home: Path, tmp_path: Path, version: str) -> None:
    folder = write_tiny(tmp_path / "odd", version=version)
    with pytest.raises(ModelError, match="cannot name a folder"):
        promote(home, folder)
    assert history(home) == [SHIPPED]


def test_promoting_the_model_in_use_again_adds_nothing_to_go_back_through(home: Path, tmp_path: Path) -> None:
    promote(home, candidate(tmp_path, "one"))
    promote(home, write_tiny(tmp_path / "again", version="one"))
    assert history(home) == [SHIPPED, "one"]
    assert rollback(home) == DEFAULT
