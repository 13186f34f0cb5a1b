"""The comment files in a folder such as MediaCrawler's `data/`, at any depth."""

import re
from pathlib import Path

from corpora.errors import NotADump
from corpora.readers.database import CRAWLED, connected, table_names
from corpora.readers.stored import StoredFile

_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx", ".parquet", ".db", ".sqlite", ".sqlite3", ".xml")
_DATABASES = (".db", ".sqlite", ".sqlite3")
_CRAWLED_WORKBOOK = re.compile(r"[a-z]+_(?:search|detail|creator)_\d{8}_\d{6}\.xlsx")


def comment_files(folder: Path) -> list[StoredFile]:
    """The files named `*comments*`, the crawler's workbooks and its databases, in the order of their paths.

    Empty files and hidden ones are passed over. Raises `NotADump` where nothing is left.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    files = [StoredFile(path) for path in paths if not path.name.startswith((".", "~$"))]
    found = [file for file in files if _holds_comments(file)]
    if not found:
        raise NotADump(
            f"{folder} holds no comment dump: no file in it is named *comments* ({', '.join(_SUFFIXES)}), nor is there "
            "a workbook or a database of MediaCrawler."
        )
    return found


def _holds_comments(file: StoredFile) -> bool:
    name = file.name
    if not name.endswith(_SUFFIXES) or name.endswith(".rejected.jsonl"):
        return False
    if "comments" in name or _CRAWLED_WORKBOOK.fullmatch(name):
        return True
    if not name.endswith(_DATABASES):
        return False
    try:
        with connected(file) as connection:
            return not CRAWLED.keys().isdisjoint(table_names(connection))
    except NotADump:
        return False
