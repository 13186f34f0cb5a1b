"""Readings: labels this project gave to comments of the public corpora, kept without a word of the comments.

`readings.csv` names each comment by the digest of its text and says what was read in it. The texts stay where they
are: a reading is of use where the mirror holds the comment (see `corpora.fetch`). `readings.md` says how they came to
be. A comment that was read is a labelled comment from then on and nothing else, so the starred and the unlabelled
corpora are given without it (`unread`).

>>> digest("太好看 了")
'9ae913521a41'
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from corpora.fetch import load

#: The corpora whose comments were read, as `corpora.fetch.load` names them, and the platform of those that name none.
READ_CORPORA: Mapping[str, str | None] = {
    "film/starred.train": None,
    "film/unstarred": None,
    "circle/bili_danmaku_knowledge": "bilibili",
    "circle/gender_comments": "weibo",
    "circle/kuairec_captions": "kuaishou",
    "circle/s1_boards": "s1_forum",
    "circle/s1_topics": "s1_forum",
}

_READINGS = Path(__file__).with_name("readings.csv")


def digest(text: str) -> str:
    """Give the first twelve hex digits of the SHA-1 of a text without its white space, by which a reading names it."""
    return hashlib.sha1("".join(text.split()).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:12]


@cache
def read_readings(path: Path = _READINGS) -> Mapping[str, Mapping[str, Any]]:
    """Give all readings by the digest of their comment: ``pick, polarity, sarcasm, circles, aspects``, and ``stage``
    where one was read."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row.pop("digest"): _labels(row) for row in csv.DictReader(lines)}


def _labels(row: dict[str, str]) -> dict[str, Any]:
    labels: dict[str, Any] = {"pick": row["pick"], "polarity": row["polarity"], "sarcasm": int(row["sarcasm"])}
    labels |= {name: row[name].split(";") if row[name] else [] for name in ("circles", "aspects")}
    return labels | ({"stage": row["stage"]} if row["stage"] else {})


def unread(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the rows whose text was not read."""
    readings = read_readings()
    return (row for row in rows if digest(row["text"]) not in readings)


def labelled() -> Iterator[dict[str, Any]]:
    """Give every labelled comment of the mirror there is to learn from: ``gold/train``, then the readings.

    Rows have ``text, platform, title, src`` and the labels of `read_readings`; those of the readings have ``reading``
    True. A comment that the mirror does not hold is passed over; one that stands in two corpora is given once. Raises
    as `corpora.fetch.load`.
    """
    yield from load("gold/train")
    left = dict(read_readings())
    for corpus, platform in READ_CORPORA.items():
        for row in load(corpus):
            if labels := left.pop(digest(row["text"]), None):
                place = {} if platform is None else {"platform": platform, "title": row["community"]}
                yield {"src": corpus.rpartition("/")[2], **row, **place, **labels, "reading": True}
