"""Files as MediaCrawler writes them, while it writes."""

import json
from collections.abc import Sequence
from pathlib import Path

NOON = 1_714_564_800


class Ended(Exception):
    """The end of a test's patience, in place of a Ctrl-C."""


def write(folder: Path, day: str, numbers: Sequence[int], text: str = "说得好") -> None:
    """Append comments as MediaCrawler does, one object a line."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"search_comments_{day}.jsonl").open("a", encoding="utf-8") as file:
        for number in numbers:
            record = {
                "comment_id": str(number),
                "create_time": NOON + number,
                "note_id": "n1",
                "content": f"{text}{number}",
                "comment_like_count": "3",
                "creator_hash": "c0ffee",
                "nickname": "桥***舟",
                "last_modify_ts": 1,
            }
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
