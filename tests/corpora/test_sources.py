"""The list of public sources, the local mirror and the download."""

import gzip
import hashlib
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import unquote

import pytest

from corpora.errors import CorporaError
from corpora.fetch import (
    SOURCES,
    FetchFailed,
    MirrorAbsent,
    Opener,
    Source,
    fetch,
    load,
    main,
    mirror,
    open_https,
    read_sources,
)

# ------------------------------------------------------------------ the list


def test_every_source_says_where_it_is_or_why_not() -> None:
    for source in SOURCES.values():
        assert source.address.startswith(("https://", "http://")) or source.note, source.key
        assert all((source.title, source.what, source.licence, source.labels, source.into, source.names)), source.key


def test_every_name_in_the_mirror_is_described_with_the_file_it_stands_in() -> None:
    folder = mirror()
    if folder is None:
        pytest.skip("no local mirror of the corpora: set POQUAN_CORPORA to check the list against it")
    files = [path.relative_to(folder).as_posix().removesuffix(".jsonl.gz") for path in folder.rglob("*.jsonl.gz")]
    found = {pair for file in files for pair in _names(folder, file)}
    assert {name for name, _ in found} == {name for source in SOURCES.values() for name in source.names}
    for source in SOURCES.values():
        assert {file for name, file in found if name in source.names} == set(source.into), source.key


def _names(folder: Path, file: str) -> set[tuple[str, str]]:
    """The `src` values of a file, or for a public set, which has none, the set's own name."""
    kind, stem = file.split("/")
    if kind == "sentiment":
        return {(stem.split(".")[0], file)}
    if kind == "circle":
        return {(stem, file)} | {(row["source"], file) for row in load(file, folder) if "source" in row}
    return {(row["src"], file) for row in load(file, folder)}


TABLE = """
[rain]
title = "Rain"
what = "Comments on rain"
address = "https://example.org/rain"
licence = "none stated"
labels = "none"
into = ["film/rain"]
"""


def test_a_source_goes_by_its_key_unless_it_has_names() -> None:
    assert read_sources(TABLE)["rain"].names == ("rain",)
    assert read_sources(TABLE + 'names = ["drizzle", "hail"]')["rain"].names == ("drizzle", "hail")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('licens = "MIT"', r"\[rain\] has \['licens'\]"),
        ('base = "http://example.org/"\nfiles = ["a.csv"]', "must begin with https://"),
        ('base = "https://example.org"\nfiles = ["a.csv"]', "end with a slash"),
        ('base = "https://example.org/"\nfiles = ["../a.csv"]', "must lie below the base"),
        ('base = "https://example.org/"\nfiles = ["/a.csv"]', "must lie below the base"),
        ('base = "https://example.org/"\nfiles = ["a.csv"]\nsha256 = {"b.csv" = "00"}', "not among its files"),
    ],
)
def test_a_wrong_line_in_the_list_is_told(line: str, told: str) -> None:
    with pytest.raises(CorporaError, match=told):
        read_sources(TABLE + line)


def test_a_source_without_a_licence_line_is_refused() -> None:
    with pytest.raises(CorporaError, match=r"lacks \['licence'\]"):
        read_sources(TABLE.replace('licence = "none stated"\n', ""))


# ------------------------------------------------------------------ the mirror


@pytest.fixture
def small_mirror(tmp_path: Path) -> Path:
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "rain.jsonl.gz").write_bytes(gzip.compress('{"text": "雨停了"}\n{"text": "又下"}\n'.encode()))
    return tmp_path


def test_rows_come_in_file_order(small_mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POQUAN_CORPORA", str(small_mirror))
    assert mirror() == small_mirror
    assert list(load("film/rain")) == [{"text": "雨停了"}, {"text": "又下"}]


def test_an_empty_setting_means_no_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POQUAN_CORPORA", "")
    assert mirror() is None
    with pytest.raises(MirrorAbsent, match=r"no local mirror of the corpora\. Set POQUAN_CORPORA"):
        load("film/rain")


def test_a_mistyped_mirror_is_not_taken_for_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POQUAN_CORPORA", str(tmp_path / "nowhere"))
    with pytest.raises(MirrorAbsent, match="which is not a folder"):
        mirror()


def test_an_unknown_corpus_is_answered_with_the_known_ones(small_mirror: Path) -> None:
    with pytest.raises(CorporaError, match=r"no corpus 'film/snow'; it holds film/rain\."):
        load("film/snow", small_mirror)


def test_a_damaged_row_is_told_with_its_line(small_mirror: Path) -> None:
    (small_mirror / "film" / "rain.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n{"text":\n'))
    rows = load("film/rain", small_mirror)
    assert next(rows) == {"text": "a"}
    with pytest.raises(CorporaError, match="line 2 is not JSON"):
        next(rows)


def test_a_row_that_is_no_object_is_told(small_mirror: Path) -> None:
    (small_mirror / "film" / "rain.jsonl.gz").write_bytes(gzip.compress(b"[1]\n"))
    with pytest.raises(CorporaError, match="line 1: a row must be a JSON object"):
        list(load("film/rain", small_mirror))


def test_a_file_cut_short_is_told(small_mirror: Path) -> None:
    path = small_mirror / "film" / "rain.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(CorporaError, match="breaks off after line"):
        list(load("film/rain", small_mirror))


# ------------------------------------------------------------------ the download

BODY = "评论,星级\n雨停了,5\n".encode()


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if unquote(self.path) != "/数据/雨 1.csv":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY) + self.server.missing))  # type: ignore[attr-defined]
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.missing = 0  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opener(site: ThreadingHTTPServer) -> Opener:
    """Opens an address of example.org on the site of the test."""

    def open_here(url: str) -> AbstractContextManager[IO[bytes]]:
        here = url.replace("https://example.org", f"http://127.0.0.1:{site.server_port}")
        director = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        response: AbstractContextManager[IO[bytes]] = director.open(here, timeout=10)
        return response

    return open_here


def _sources(file: str = "数据/雨 1.csv", more: str = "") -> dict[str, Source]:
    return read_sources(TABLE + f'base = "https://example.org/"\nfiles = ["{file}"]\n{more}')


def _left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_lands_below_its_source(tmp_path: Path, opener: Opener) -> None:
    paths = fetch("rain", tmp_path, opener=opener, sources=_sources())
    assert paths == _left(tmp_path) == [tmp_path / "rain" / "数据" / "雨 1.csv"]
    assert paths[0].read_bytes() == BODY


def test_the_digest_is_checked_before_the_file_is_replaced(tmp_path: Path, opener: Opener) -> None:
    good = hashlib.sha256(BODY).hexdigest()
    (path,) = fetch("rain", tmp_path, opener=opener, sources=_sources(more=f'sha256 = {{"数据/雨 1.csv" = "{good}"}}'))
    path.write_bytes(b"mine")
    with pytest.raises(FetchFailed, match=f"has the sha256 {good}"):
        fetch("rain", tmp_path, opener=opener, sources=_sources(more=f'sha256 = {{"数据/雨 1.csv" = "{"0" * 64}"}}'))
    assert path.read_bytes() == b"mine"
    assert _left(tmp_path) == [path]


def test_a_file_over_the_limit_is_not_kept(tmp_path: Path, opener: Opener) -> None:
    assert fetch("rain", tmp_path / "a", opener=opener, sources=_sources(), limit=len(BODY))
    with pytest.raises(FetchFailed, match="larger than the"):
        fetch("rain", tmp_path / "b", opener=opener, sources=_sources(), limit=len(BODY) - 1)
    assert _left(tmp_path / "b") == []


def test_a_file_that_breaks_off_is_not_kept(tmp_path: Path, opener: Opener, site: ThreadingHTTPServer) -> None:
    site.missing = 7  # type: ignore[attr-defined]
    with pytest.raises(FetchFailed, match=f"broke off after {len(BODY)} of {len(BODY) + 7} bytes"):
        fetch("rain", tmp_path, opener=opener, sources=_sources())
    assert _left(tmp_path) == []


def test_a_file_that_is_gone_is_told_with_its_address(tmp_path: Path, opener: Opener) -> None:
    with pytest.raises(FetchFailed, match=r"https://example\.org/gone\.csv could not be downloaded to .*404"):
        fetch("rain", tmp_path, opener=opener, sources=_sources("gone.csv"))
    assert _left(tmp_path) == []


def test_a_source_to_be_got_by_hand_says_where(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"it is found at https://example\.org/rain"):
        fetch("rain", tmp_path, sources=read_sources(TABLE))
    with pytest.raises(FetchFailed, match="There is no source 'snow'"):
        fetch("snow", tmp_path, sources=read_sources(TABLE))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a", "file:///etc/hostname", "ftp://127.0.0.1/a"])
def test_nothing_but_https_is_opened(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "https://127.0.0.1:9")
    with pytest.raises(URLError, match="unknown url type"):
        open_https(url)


# ------------------------------------------------------------------ the command


def test_the_list_has_a_line_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == list(SOURCES)


def test_one_failure_does_not_hide_behind_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["snow", "hail", "--into", str(tmp_path)]) == 1
    assert [line.split("'")[1] for line in capsys.readouterr().err.splitlines()] == ["snow", "hail"]


@pytest.mark.parametrize("argv", [[], ["--list", "waimai_10k"], ["waimai_10k"]])
def test_a_command_that_asks_for_nothing_clear_is_refused(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(argv)
    assert refused.value.code == 2
