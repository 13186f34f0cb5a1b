"""The public corpora: read from a local mirror, or downloaded from where their makers put them.

No corpus is shipped. `sources.toml` describes every source (`SOURCES`); `load` reads the normalised files of a local
mirror, gzip JSON lines; `fetch` downloads a source's own files, in the source's own format, over https only.

The mirror is the folder named by `POQUAN_CORPORA`, else `../shared/data` beside the checkout where that exists. An
empty `POQUAN_CORPORA` means: no mirror, on purpose.

>>> SOURCES["waimai_10k"].into
('sentiment/waimai_10k.train',)

Errors: `MirrorAbsent` (there is no mirror) and `FetchFailed` (a source could not be downloaded), both `CorporaError`.
"""

import argparse
import gzip
import hashlib
import os
import sys
import tomllib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib import request
from urllib.error import HTTPError
from urllib.parse import quote

import orjson

from corpora.errors import CorporaError

MAX_BYTES = 2**30
"""The largest file `fetch` takes, in bytes."""

Opener = Callable[[str], AbstractContextManager[IO[bytes]]]
"""What `fetch` opens an address with: the address in, a readable response out."""


class MirrorAbsent(CorporaError):
    """There is no local mirror to read from; the message says how to name one."""


class FetchFailed(CorporaError):
    """A source could not be downloaded; the message says which file and why. Nothing half-written is left."""


@dataclass(frozen=True, slots=True)
class Source:
    """One public source, as `sources.toml` describes it (the fields are explained at its head)."""

    key: str
    title: str
    what: str
    address: str
    licence: str
    labels: str
    into: tuple[str, ...]
    names: tuple[str, ...]
    columns: str = ""
    base: str = ""
    files: tuple[str, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def url(self, file: str) -> str:
        """The address `file`, one of `files`, is downloaded from."""
        return self.base + quote(file)


def read_sources(text: str) -> dict[str, Source]:
    """The sources a text in the format of `sources.toml` describes, by key.

    Raises `CorporaError` for a table that is not of that format, and `tomllib.TOMLDecodeError` where it is no TOML.
    """
    return {key: _source(key, table) for key, table in tomllib.loads(text).items()}


def _source(key: str, table: dict[str, Any]) -> Source:
    allowed = {f.name for f in fields(Source)} - {"key"}
    required = {"title", "what", "address", "licence", "labels", "into"}
    if unknown := table.keys() - allowed:
        raise CorporaError(f"[{key}] has {sorted(unknown)}; allowed are {sorted(allowed)}.")
    if missing := required - table.keys():
        raise CorporaError(f'[{key}] lacks {sorted(missing)}; write them down, "not established" where not known.')
    lists = {name: tuple(table.get(name, ())) for name in ("into", "files")}
    source = Source(**{**table, **lists, "key": key, "names": tuple(table.get("names", (key,)))})
    if source.files and not (source.base.startswith("https://") and source.base.endswith("/")):
        raise CorporaError(f"[{key}] base is {source.base!r}; it must begin with https:// and end with a slash.")
    for file in source.files:
        if PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts:
            raise CorporaError(f"[{key}] files has {file!r}; a file must lie below the base.")
    if stray := source.sha256.keys() - set(source.files):
        raise CorporaError(f"[{key}] sha256 has {sorted(stray)}, which are not among its files.")
    return source


SOURCES: Mapping[str, Source] = read_sources(Path(__file__).with_name("sources.toml").read_text(encoding="utf-8"))
"""Every public source by its key, in the order of `sources.toml`."""


def mirror() -> Path | None:
    """The local mirror of the normalised corpora, or None where there is none.

    Raises `MirrorAbsent` when `POQUAN_CORPORA` names something that is no folder: a mistyped mirror is not no mirror.
    """
    named = os.environ.get("POQUAN_CORPORA")
    if named is None:
        beside = Path(__file__).resolve().parents[2] / "shared" / "data"
        return beside if beside.is_dir() else None
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise MirrorAbsent(f"POQUAN_CORPORA names {named!r}, which is not a folder; correct it, or unset it.")
    return folder


def load(name: str, root: Path | None = None) -> Iterator[dict[str, Any]]:
    """The rows of one normalised file, in file order, read as they are asked for.

    `name` is its path below the mirror without `.jsonl.gz`, like `"gold/train"`; `root` is a mirror to read instead of
    `mirror()`. Raises `MirrorAbsent` at once when there is no mirror, and `CorporaError` at once when it lacks the
    file, or on reaching a row that is damaged.
    """
    folder = mirror() if root is None else root
    if folder is None:
        raise MirrorAbsent(
            f"The corpus {name!r} cannot be read: there is no local mirror of the corpora. Set POQUAN_CORPORA to the "
            "folder of the normalised corpora; their sources are listed by `python -m corpora.fetch --list`."
        )
    path = folder / f"{name}.jsonl.gz"
    if not path.is_file():
        held = sorted(p.relative_to(folder).as_posix().removesuffix(".jsonl.gz") for p in folder.rglob("*.jsonl.gz"))
        raise CorporaError(f"{folder} holds no corpus {name!r}; it holds {', '.join(held) or 'none at all'}.")
    return _rows(path)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with gzip.open(path) as lines:
            for number, line in enumerate(lines, 1):
                row = orjson.loads(line)
                if not isinstance(row, dict):
                    raise CorporaError(f"{path}, line {number}: a row must be a JSON object, not {line[:40]!r}.")
                yield row
    except orjson.JSONDecodeError as error:
        raise CorporaError(f"{path}, line {number} is not JSON ({error}); fetch the file again.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise CorporaError(f"{path} breaks off after line {number} ({error}); fetch the file again.") from error


def open_https(url: str) -> AbstractContextManager[IO[bytes]]:
    """Open `url`, following redirects, with no handler but https: neither it nor a redirect can lead anywhere else."""
    director = request.OpenerDirector()
    director.add_handler(request.ProxyHandler({k: v for k, v in request.getproxies().items() if k == "https"}))
    for handler in (
        *(request.HTTPSHandler, request.HTTPRedirectHandler, request.HTTPErrorProcessor),
        *(request.HTTPDefaultErrorHandler, request.UnknownHandler),
    ):
        director.add_handler(handler())
    response: AbstractContextManager[IO[bytes]] = director.open(url, timeout=60)
    return response


def fetch(
    key: str,
    into: Path,
    *,
    opener: Opener = open_https,
    limit: int = MAX_BYTES,
    sources: Mapping[str, Source] = SOURCES,
) -> list[Path]:
    """Download the files of the source `key` to `into/key/` and give their paths, replacing what stood there.

    `limit` is the largest size of a file, in bytes. A file whose sha256 is listed is checked before it is put in its
    place. Raises `FetchFailed`.
    """
    if key not in sources:
        raise FetchFailed(f"There is no source {key!r}; `python -m corpora.fetch --list` shows those there are.")
    source = sources[key]
    if not source.files:
        where = f"it is found at {source.address}" if source.address else "its address is not established"
        raise FetchFailed(f"The source {key!r} cannot be downloaded by itself; {where}. {source.note}".rstrip())
    paths = [into / key / file for file in source.files]
    for file, path in zip(source.files, paths, strict=True):
        _download(source.url(file), path, source.sha256.get(file), opener, limit)
    return paths


def _download(url: str, path: Path, digest: str | None, opener: Opener, limit: int) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with opener(url) as response, part.open("wb") as target:
                found = _copy(url, response, target, limit)
            if digest is not None and found != digest.lower():
                raise FetchFailed(f"{url} has the sha256 {found} where sources.toml says {digest}: it was not kept.")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise FetchFailed(f"{url} could not be downloaded to {path}: {error}.") from error


def _copy(url: str, response: IO[bytes], target: IO[bytes], limit: int) -> str:
    """Copy the response, at most `limit` bytes of it; gives the sha256 of what was copied."""
    digest, size = hashlib.sha256(), 0
    while block := response.read(2**16):
        size += len(block)
        if size > limit:
            raise FetchFailed(f"{url} is larger than the {limit} bytes allowed: it was not kept.")
        digest.update(block)
        target.write(block)
    promised = getattr(response, "headers", {}).get("Content-Length")
    if promised is not None and promised != str(size):
        raise FetchFailed(f"{url} broke off after {size} of {promised} bytes: it was not kept; try again.")
    return digest.hexdigest()


def main(argv: Sequence[str] | None = None) -> int:
    """The command `python -m corpora.fetch`; gives the exit code: 0, or 1 when a source could not be downloaded."""
    parser = argparse.ArgumentParser(
        prog="python -m corpora.fetch",
        description="Download public corpora from where their makers put them, in their makers' formats.",
        epilog="The texts are other people's words: see the licence of each in --list, and do not pass them on.",
    )
    parser.add_argument("keys", nargs="*", metavar="KEY", help="a source to download, by its key in --list")
    parser.add_argument("--list", action="store_true", help="list the sources: key, licence, address, what it is")
    parser.add_argument("--into", type=Path, metavar="DIR", help="the folder to download to, as DIR/KEY/...")
    arguments = parser.parse_args(argv)
    if arguments.list == bool(arguments.keys):
        parser.error("give --list, or the keys of the sources to download")
    if arguments.list:
        print("\n".join(_line(source) for source in SOURCES.values()))
        return 0
    if arguments.into is None:
        parser.error("--into DIR is needed to download")
    failed = False
    for key in arguments.keys:
        try:
            for path in fetch(key, arguments.into):
                print(f"{path} ({path.stat().st_size:,} bytes)")
        except FetchFailed as error:
            print(error, file=sys.stderr)
            failed = True
    return int(failed)


def _line(source: Source) -> str:
    how = f"{len(source.files)} to download" if source.files else "by hand"
    return "\t".join((source.key, how, source.licence, source.address or "address not established", source.what))


if __name__ == "__main__":
    sys.exit(main())
