"""The tree as a whole: what the README must name, which locks belong to it, what git must not hold."""

import hashlib
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from service.cli import app

ROOT = Path(__file__).parents[1]
CORPORA = Path(os.environ.get("POQUAN_CORPORA", ROOT.parent / "shared" / "data"))

_MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:work|root|tmp|home|Users|private)/[\w.-]+|\b[A-Z]:\\{1,2}Users\b")
_QUOTED = re.compile("|".join(f"{a}([^{a}{z}\\n]{{14,300}}){z}" for a, z in ('""', "''", "``", "“”", "「」")))
_PARTING = re.compile(r"[,\t|]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def make_targets() -> list[str]:
    return re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def commands() -> list[str]:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return sorted(group.commands)


def extras() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(project["optional-dependencies"])


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tracked() -> dict[str, str]:
    """The text files git holds, by path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing to say about what git holds")
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        file = ROOT / name
        if file.is_file() and b"\0" not in (raw := file.read_bytes()):
            texts[name] = raw.decode("utf-8")
    return texts


@pytest.mark.parametrize("target", make_targets())
def test_the_readme_names_every_make_target(readme: str, target: str) -> None:
    assert re.search(rf"\bmake {target}(?![\w-])", readme), f"README.md does not name `make {target}`."


@pytest.mark.parametrize("command", commands())
def test_the_readme_names_every_command(readme: str, command: str) -> None:
    assert re.search(rf"\bpoquan {command}(?![\w-])", readme), f"README.md does not name `poquan {command}`."


def test_every_make_target_that_installs_has_its_lock() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    needed = set(re.findall(r"\.venv/([a-z]+)\b(?=\s|$)", makefile)) - {"bin"}
    assert needed and {name for name in needed if not _lock(name).is_file()} == set()


@pytest.mark.parametrize("extra", extras())
def test_every_extra_is_locked(extra: str) -> None:
    # The kinds of file (xlsx, parquet, pandas) are locked together, as "full".
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (full,) = project["optional-dependencies"]["full"]
    together = re.findall(r"[a-z]+", full.partition("[")[2])
    lock = _lock("full" if extra in together else extra)
    assert lock.is_file(), f"{lock.name} is missing; run `make lock`."
    locked = {_bare(name) for name in re.findall(r"^([\w.-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)}
    wanted = [re.split(r"[<>=~\[;]", line)[0] for line in project["optional-dependencies"][extra]]
    assert {name for name in wanted if name != "poquan" and _bare(name) not in locked} == set()


def test_git_holds_no_path_of_a_machine(tracked: dict[str, str]) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in tracked.items()
        for number, line in enumerate(text.splitlines(), 1)
        if _MACHINE_PATH.search(line)
    ]
    assert found == []


def test_git_holds_no_sentence_of_the_public_corpora(tracked: dict[str, str]) -> None:
    digests = CORPORA / "digests.bin"
    if not digests.is_file():
        pytest.skip("no digests.bin: set POQUAN_CORPORA to the corpora folder to check for copied sentences")
    raw = digests.read_bytes()
    known = {raw[start : start + 6] for start in range(0, len(raw), 6)}
    assert [f"{name}: {part}" for name, text in tracked.items() for part in parts(text) if digest(part) in known] == []


def test_the_search_for_sentences_sees_quoted_and_parted_ones() -> None:
    ours = "这一句是为这个检查写的没有人说过"
    for text in (f'x = "{ours}"', f"说“{ours}”", f"1,{ours},3", f"a\t{ours}", f"| {ours} | 2 |", f"('{ours}')"):
        assert ours in parts(text), text
    assert list(parts('"太短了"')) == []


def test_the_search_for_machine_paths_sees_them() -> None:
    for folder in ("home", "root", "tmp"):
        assert _MACHINE_PATH.search(f'open("/{folder}/somebody/x.csv")')
    assert not _MACHINE_PATH.search("https://example.com/home/page and docs/tmp/x and /score")


def parts(text: str) -> Iterator[str]:
    """Give what may be someone's sentence: quoted or parted by a comma, tab or bar; 14 to 300 long, mostly Chinese."""
    for line in text.splitlines():
        if len(_CHINESE.findall(line)) < 12:
            continue
        quoted = (next(filter(None, match.groups())) for match in _QUOTED.finditer(line))
        for part in (*quoted, *_PARTING.split(line)):
            bare = part.strip()
            if 14 <= len(bare) <= 300 and len(_CHINESE.findall(bare)) >= 12:
                yield bare


def digest(text: str) -> bytes:
    """Give the first six bytes of the SHA-1 of a text without its white space."""
    return hashlib.sha1(re.sub(r"\s+", "", text).encode(), usedforsecurity=False).digest()[:6]


def _lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.lock"


def _bare(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
