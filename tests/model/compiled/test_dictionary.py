"""The tables of words are laid out once and mapped by every later process."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.compiled import dictionary
from model.compiled.dictionary import Dictionary, lay_out, load_dictionary

LEXICON = {"二刷三刷": 50, "圈层": 900}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(dictionary, "code_folder", lambda: tmp_path)
    return tmp_path


def same(one: Dictionary, other: Dictionary) -> bool:
    mine, its = one._asdict(), other._asdict()
    return all(np.array_equal(mine[name], its[name]) for name in mine)


def is_mapped(array: Any) -> bool:
    while isinstance(array, np.ndarray) and not isinstance(array, np.memmap):
        array = array.base
    return isinstance(array, np.memmap)


def laid_out(lexicon: dict[str, int]) -> Dictionary:
    spec = find_spec("jieba")
    assert spec is not None and spec.origin is not None
    return lay_out(Path(spec.origin).parent, lexicon)


def test_a_kept_dictionary_is_the_one_laid_out_and_is_mapped(kept: Path) -> None:
    first, second = load_dictionary(LEXICON), load_dictionary(LEXICON)
    assert same(first, laid_out(LEXICON)) and same(second, first)
    assert is_mapped(second.branches) and not second.branches.flags.writeable


def test_another_lexicon_has_a_dictionary_of_its_own(kept: Path) -> None:
    load_dictionary(LEXICON)
    assert same(load_dictionary({}), laid_out({}))
    assert len(list(kept.iterdir())) == 2


def test_a_damaged_dictionary_is_laid_out_anew(kept: Path) -> None:
    first = load_dictionary(LEXICON)
    (file,) = kept.glob("*/branches.npy")
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    del first
    file.unlink()
    file.write_bytes(whole)
    assert same(load_dictionary(LEXICON), laid_out(LEXICON))
    assert is_mapped(load_dictionary(LEXICON).branches)


def test_where_nothing_can_be_kept_it_is_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(dictionary, "code_folder", lambda: tmp_path / "file")
    assert same(load_dictionary(LEXICON), laid_out(LEXICON))
