"""A model folder is there whole or not at all, and a damaged one is refused before a number of it is used."""

import hashlib
import json
import pickle
import random
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import model.files
from model import DamagedModel, ModelError, NewerFormat, Scorer
from model.files import FORMAT, MANIFEST, read_model, write_model

from .conftest import write_tiny

ARRAYS = {"a": np.arange(6, dtype=np.int32).reshape(2, 3), "b": np.zeros((0, 3), np.float32)}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    manifest, arrays = read_model(write_model(tmp_path / "m", {"version": "一"}, ARRAYS, "# card"))
    assert manifest["version"] == "一" and manifest["format"] == FORMAT
    assert {name: array.tolist() for name, array in arrays.items()} == {"a": [[0, 1, 2], [3, 4, 5]], "b": []}
    assert arrays["a"].dtype == np.int32 and isinstance(arrays["a"], np.memmap)


def test_a_manifest_that_was_read_can_be_written_again(tmp_path: Path) -> None:
    manifest, arrays = read_model(write_model(tmp_path / "m", {"version": "1"}, ARRAYS))
    assert read_model(write_model(tmp_path / "copy", manifest, arrays))[0] == manifest


def test_a_changed_byte_of_an_array_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", {"version": "1"}, ARRAYS)
    for file in folder.glob("*.npy"):
        whole = file.read_bytes()
        for place in range(len(whole)):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(DamagedModel, match="does not match its digest"):
                read_model(folder)
        file.write_bytes(whole)


def test_a_changed_byte_of_the_manifest_is_noticed_or_changes_nothing_it_says(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", {"version": "1", "lexicon": {"词": 5}}, ARRAYS)
    file = folder / MANIFEST
    whole, (said, _) = file.read_bytes(), read_model(folder)
    for place in range(len(whole)):
        for bit in (1, 16):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            try:
                manifest, _ = read_model(folder)
            except ModelError:
                continue
            # Only the name of the seal itself is under no seal.
            assert {key: manifest[key] for key in said} == said, place


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_cut_file_is_refused(tmp_path: Path, kept: int) -> None:
    folder = write_model(tmp_path / "m", {"version": "1"}, ARRAYS)
    for file in (folder / "a.npy", folder / MANIFEST):
        whole = file.read_bytes()
        # The last byte of a manifest is its line end, which says nothing.
        file.write_bytes(whole.rstrip()[:kept])
        with pytest.raises(DamagedModel):
            read_model(folder)
        file.write_bytes(whole)
    read_model(folder)


@pytest.mark.parametrize("name", ["a.npy", MANIFEST])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write_model(tmp_path / "m", {"version": "1"}, ARRAYS)
    (folder / name).unlink()
    with pytest.raises(DamagedModel, match=name):
        read_model(folder)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"format": 1}', '{"format": "1", "files": {}}', "\ufeff{}"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(DamagedModel, match="copy the model folder again"):
        read_model(tmp_path)


def test_a_newer_format_asks_for_a_newer_poquan(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", {"version": "1"}, ARRAYS)
    change_manifest(folder, format=FORMAT + 1)
    with pytest.raises(NewerFormat, match=f"format {FORMAT + 1}.*update poquan"):
        read_model(folder)


@pytest.mark.parametrize("name", ["../outside.npy", "/outside.npy", "sub/inside.npy", "..", "", ".", "x.txt", "a.npy/"])
def test_a_manifest_cannot_name_a_file_outside_its_folder(tmp_path: Path, name: str) -> None:
    folder = write_model(tmp_path / "m", {"version": "1"}, ARRAYS)
    np.save(tmp_path / "outside.npy", np.ones(2))
    digest = hashlib.sha256((tmp_path / "outside.npy").read_bytes()).hexdigest()
    change_manifest(folder, files={name: digest})
    with pytest.raises(DamagedModel, match="no array of the folder"):
        read_model(folder)


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (Path.touch, (self.mark,))


@pytest.mark.parametrize("form", ["object array", "bare pickle", "archive"])
def test_a_doctored_array_is_refused_and_nothing_in_it_runs(tmp_path: Path, form: str) -> None:
    folder, mark = write_model(tmp_path / "m", {"version": "1"}, ARRAYS), tmp_path / "ran"
    file = folder / "a.npy"
    load = np.asarray([Bomb(mark)], dtype=object)
    with file.open("wb") as stream:
        if form == "object array":
            np.save(stream, load, allow_pickle=True)
        elif form == "bare pickle":
            pickle.dump(Bomb(mark), stream)
        else:
            np.savez(stream, load)
    change_manifest(folder, files={"a.npy": hashlib.sha256(file.read_bytes()).hexdigest()})
    with pytest.raises(DamagedModel, match="plain array"):
        read_model(folder)
    assert not mark.exists()


def test_an_object_array_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        write_model(tmp_path / "m", {"version": "1"}, {"a": np.asarray([{}], dtype=object)})
    assert list(tmp_path.iterdir()) == []


def test_no_module_of_the_model_can_unpickle() -> None:
    folder = Path(model.files.__file__).parent
    for file in folder.glob("*.py"):
        code = file.read_text(encoding="utf-8")
        assert "import pickle" not in code and "joblib" not in code, file.name
        assert code.count("np.load(") == code.count("allow_pickle=False)") - code.count("np.save("), file.name


def test_scoring_unpickles_nothing_but_jiebas_own_words_and_the_code_numba_compiled_here() -> None:
    program = """
import pickle, sys
def unless_numba(real):
    def refuse(*given, **named):
        if not sys._getframe(1).f_globals["__name__"].startswith("numba.core."): raise SystemExit("unpickled")
        return real(*given, **named)
    return refuse
pickle.load, pickle.loads, pickle.Unpickler = map(unless_numba, (pickle.load, pickle.loads, pickle.Unpickler))
from model import Scorer
print(Scorer.load().score(["好看"], explain=True).polarity)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "['positive']"), done.stderr


def test_a_failed_write_leaves_the_old_model_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_model(tmp_path / "m", {"version": "old"}, ARRAYS)
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target == folder and self.name != "model":
            raise OSError("the disk is gone")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="the disk is gone"):
        write_model(folder, {"version": "new"}, ARRAYS)
    assert read_model(folder)[0]["version"] == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["m"]


def test_a_write_over_a_model_replaces_all_of_it(tmp_path: Path) -> None:
    write_model(tmp_path / "m", {"version": "old"}, ARRAYS, "# card")
    folder = write_model(tmp_path / "m", {"version": "new"}, {"c": np.ones(1)})
    assert sorted(file.name for file in folder.iterdir()) == ["c.npy", MANIFEST]
    assert [file.name for file in tmp_path.iterdir()] == ["m"]


def test_other_users_can_read_a_written_model(tiny: Path) -> None:
    assert stat.S_IMODE(tiny.stat().st_mode) == 0o755
    assert {file.name for file in tiny.iterdir() if not file.stat().st_mode & stat.S_IROTH} == set()


@pytest.mark.parametrize("name", ["hashes", "idf", "views", "views_scales", "vectors", "vector_columns", "head_centre"])
def test_a_model_without_an_array_the_scorer_needs_is_damaged(tmp_path: Path, name: str) -> None:
    with pytest.raises(DamagedModel, match=name):
        Scorer.load(write_tiny(tmp_path / "m", changed={name: None}))


@pytest.mark.parametrize("key", ["version", "lexicon", "ngrams"])
def test_a_manifest_without_what_the_scorer_needs_is_damaged(tiny: Path, key: str) -> None:
    change_manifest(tiny, **{key: None})
    with pytest.raises(DamagedModel):
        Scorer.load(tiny)


def test_an_array_that_does_not_fit_the_others_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DamagedModel):
        Scorer.load(write_tiny(tmp_path / "m", changed={"vector_columns": np.asarray([99], np.int32)}))


def test_one_byte_anywhere_in_the_shipped_arrays_decides(tmp_path: Path) -> None:
    shipped = Scorer.load().path
    rng = random.Random(7)
    for file in shipped.glob("*.npy"):
        folder = tmp_path / file.stem
        folder.mkdir()
        for other in shipped.iterdir():
            (folder / other.name).symlink_to(other)
        whole = bytearray(file.read_bytes())
        whole[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        (folder / file.name).unlink()
        (folder / file.name).write_bytes(whole)
        with pytest.raises(DamagedModel, match=file.name):
            read_model(folder)


def change_manifest(folder: Path, **changed: Any) -> None:
    """Change what a manifest says as an attacker would: without a seal. None takes an entry out."""
    said = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | {"seal": None} | changed
    kept = {key: value for key, value in said.items() if value is not None}
    (folder / MANIFEST).write_text(json.dumps(kept), encoding="utf-8")
