"""The work a crawled comment stands under: the title of its post, from the posts stored beside the comments.

Comments of MediaCrawler name only the id of their post. The posts lie in the same folder (`*contents*`, `*videos*`), in
the sheet `Contents` of the same workbook, or in the post table of the same database.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from corpora.errors import NotADump
from corpora.readers.database import DatabaseTable, connected, table_names
from corpora.readers.formats import open_tables
from corpora.readers.mediacrawler import CONTENT_IDS
from corpora.readers.options import ReadOptions
from corpora.readers.stored import StoredFile
from corpora.readers.tables import Table
from corpora.readers.workbook import WorkbookTable, sheet_names
from corpora.values import read_id, read_name

_TABLES = {
    "xhs": "xhs_note",
    "douyin": "douyin_aweme",
    "kuaishou": "kuaishou_video",
    "bilibili": "bilibili_video",
    "weibo": "weibo_note",
    "tieba": "tieba_note",
    "zhihu": "zhihu_content",
}
_TITLE_LENGTH = 80  # a weibo post has no title: its text, cut, stands in
_SUFFIXES = (".csv", ".json", ".jsonl")


class Posts:
    """Works by post id, each posts file read once however many comment files lie beside it."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = ReadOptions(encoding=options.encoding)
        self._by_keyword = options.work_from == "keyword"
        self._works: dict[tuple[Path, str], Mapping[str | None, str]] = {}

    def works_beside(self, table: Table, platform: str) -> Mapping[str | None, str]:
        """Post id to work for the posts stored beside a comment table; empty where there are none."""
        inside = isinstance(table, DatabaseTable | WorkbookTable)
        place = (table.file.path if inside else table.file.path.parent, platform)
        if place not in self._works:
            key = CONTENT_IDS[platform]
            self._works[place] = dict(self._read(self._post_tables(table, platform), key))
        return self._works[place]

    def _post_tables(self, table: Table, platform: str) -> Iterator[Table]:
        if isinstance(table, DatabaseTable):
            with connected(table.file) as connection:
                names = table_names(connection)
            if _TABLES[platform] in names:
                yield DatabaseTable(table.file, _TABLES[platform])
        elif isinstance(table, WorkbookTable):
            if "Contents" in sheet_names(table.file):
                yield WorkbookTable(table.file, self._options, "Contents")
        else:
            for path in sorted(table.file.path.absolute().parent.iterdir()):
                if _holds_posts(path):
                    try:
                        yield from open_tables(StoredFile(path), self._options)
                    except NotADump:  # a crawl that died leaves empty posts files; comments go without titles then
                        continue

    def _read(self, tables: Iterable[Table], key: str) -> Iterator[tuple[str | None, str]]:
        for table in tables:
            for _, record in table.records():
                if not isinstance(record, dict):
                    continue
                post = read_id(record.get(key))
                work = self._work(record)
                if post is not None and work is not None:
                    yield post, work

    def _work(self, record: Mapping[str, object]) -> str | None:
        title = next(filter(None, (read_name(record.get(name)) for name in ("title", "desc", "content"))), None)
        if title is not None:
            title = " ".join(title.split())[:_TITLE_LENGTH]
        keyword = read_name(record.get("source_keyword"))
        return (keyword or title) if self._by_keyword else (title or keyword)


def _holds_posts(path: Path) -> bool:
    name = path.name.lower().removesuffix(".gz")
    posts = ("contents" in name or "videos" in name) and "comments" not in name
    return posts and name.endswith(_SUFFIXES) and path.is_file()
