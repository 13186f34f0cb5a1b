from pathlib import Path

import numpy as np
import pytest

from model import Scorer
from model.files import read_model, write_model
from model.registry import current_model, history, rollback
from model.scorer import DEFAULT
from tests.training.own_files import dialect, plain, turned, write_labels
from training.__main__ import main, train_local
from training.labels import from_records
from training.own import read_starter
from training.promote import compare, contradiction


@pytest.fixture(autouse=True)
def few_starter_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fifth starter comment: the gate is the same and the fits are quick."""
    few = read_starter()
    few = few.take(np.arange(0, len(few), 5))
    monkeypatch.setattr("training.__main__.read_starter", lambda: few)


def test_good_labels_come_into_use_and_rollback_goes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels, home = write_labels(tmp_path / "labels", dialect(160)), tmp_path / "home"
    assert train_local(labels, home) == 0
    shown = capsys.readouterr().out
    assert "Now in use: local-" in shown
    assert "your labels, held-out fifth" in shown
    assert "starter comments, held-out fifth" in shown
    scorer = Scorer.load(current_model(home))
    assert scorer.version.startswith("local-")
    assert "held-out fifth" in scorer.card
    assert train_local(labels, home) == 0
    assert "Unchanged" in capsys.readouterr().out
    assert len(history(home)) == 2
    assert rollback(home) == DEFAULT


def test_poisoned_labels_leave_the_old_model_and_force_overrides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels, home = write_labels(tmp_path / "labels", turned(plain(160))), tmp_path / "home"
    assert train_local(labels, home) == 0
    assert "Kept base-" in capsys.readouterr().out
    assert current_model(home) == DEFAULT
    assert [p.name for p in (home / "models").iterdir()] == []
    assert train_local(labels, home, force=True) == 0
    assert "by --force" in capsys.readouterr().out
    assert current_model(home) != DEFAULT


def test_a_model_that_is_clearly_worse_on_one_part_is_refused_although_the_mean_is_better(tmp_path: Path) -> None:
    manifest, arrays = read_model(DEFAULT)
    sour = arrays["head_biases_1"] + [20, 0, 0]
    sour_model = write_model(tmp_path / "sour", manifest, {**arrays, "head_biases_1": sour.astype("float32")})
    praise = from_records({"text": text, "polarity": "positive"} for text, p in plain(160) if p == "positive")
    wrong = from_records({"text": text, "polarity": "negative"} for text in praise.texts * 2)
    verdict = compare(DEFAULT, sour_model, {"mine": wrong, "yours": praise})
    assert not verdict.passed
    assert "clearly worse on yours" in verdict.reason


def test_the_same_model_is_not_worse() -> None:
    rows = from_records({"text": text, "polarity": polarity} for text, polarity in plain(10))
    assert compare(DEFAULT, DEFAULT, {"mine": rows}).passed


def test_labels_turned_round_contradict_and_right_ones_do_not() -> None:
    base = Scorer.load()
    right, wrong, few = (
        from_records({"text": text, "polarity": polarity} for text, polarity in rows)
        for rows in (plain(160), turned(plain(160)), turned(plain(10)))
    )
    assert contradiction(base, right) is None
    assert "check the column polarity" in (contradiction(base, wrong) or "")
    assert contradiction(base, few) is None


def test_base_training_without_corpora_says_so_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("POQUAN_CORPORA", "")
    assert main(["base", "--output", str(tmp_path / "model")]) == 2
    assert "POQUAN_CORPORA" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def test_without_labels_the_starter_comments_alone_train(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("POQUAN_HOME", str(tmp_path / "home"))
    with caplog.at_level("INFO", "training"):
        assert main(["--labels", str(tmp_path / "none")]) == 0
    assert "starter comments alone" in caplog.text
