import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model import Scorer
from model.files import read_model, write_model
from model.scorer import DEFAULT
from tests.training.own_files import BLAME, PRAISE, dialect, write_labels
from training.local import extend, fit_local, part
from training.own import read_own, read_starter


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    folder = tmp_path_factory.mktemp("dialect")
    own = part(read_own(write_labels(folder / "labels", dialect(160))).examples).training
    starter = part(read_starter()).training
    few = starter.take(np.arange(0, len(starter), 5))
    return Scorer.load(write_model(folder / "model", *fit_local(DEFAULT, own, few)))


def test_a_new_word_is_learnt_from_the_users_labels(moved: Scorer) -> None:
    unseen = [f"真没想到，整个下来就是{PRAISE}", f"真没想到，整个下来就是{BLAME}"]
    base, local = Scorer.load().score(unseen).score, moved.score(unseen).score
    assert abs(base[0] - base[1]) < 0.5
    assert local[0] - local[1] > 0.5
    assert moved.score(unseen).polarity == ["positive", "negative"]


def test_what_the_base_knew_is_not_forgotten(moved: Scorer) -> None:
    assert moved.score(["太好看了，强烈推荐", "烂片，浪费时间"]).polarity == ["positive", "negative"]


def test_the_local_model_names_its_base_and_its_labels(moved: Scorer) -> None:
    assert moved.version.startswith("local-")
    assert moved.manifest["base"] == Scorer.load().version
    assert 100 < moved.manifest["moved_by"]["own"] < 160


def test_extending_with_ngrams_that_are_known_changes_nothing() -> None:
    _, arrays = read_model(DEFAULT)
    extended = extend(arrays, arrays["hashes"][:5])
    assert all(np.array_equal(extended[name], arrays[name]) for name in arrays)


def test_new_ngrams_are_sorted_in_and_the_old_ones_keep_their_rows() -> None:
    _, arrays = read_model(DEFAULT)
    new = np.array([1, 2**63, 2**64 - 1], np.uint64)
    extended = extend(arrays, new)
    assert (np.diff(extended["hashes"]) > 0).all()
    assert not extended["views"][np.isin(extended["hashes"], new)].any()
    words = extended["hashes"][extended["vector_columns"]]
    np.testing.assert_array_equal(words, arrays["hashes"][arrays["vector_columns"]])


def test_the_same_labels_give_the_same_bytes_whatever_the_thread_count(tmp_path: Path) -> None:
    labels = write_labels(tmp_path / "labels", dialect(40))
    digests = set()
    for threads in ("1", "2"):
        home = tmp_path / threads
        count = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        places = {"POQUAN_HOME": str(home), "POQUAN_LABELS": str(labels), "POQUAN_CORPORA": ""}
        command = [sys.executable, "-m", "training", "--force"]
        subprocess.run(command, env={**os.environ, **places, **count}, check=True, capture_output=True)
        files = sorted(file for file in (home / "models").rglob("*") if file.is_file())
        assert len(files) > 10
        digests.add(hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest())
    assert len(digests) == 1
