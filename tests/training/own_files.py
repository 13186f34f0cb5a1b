"""Label files in a small dialect of our own: a made-up word carries the judgement."""

import csv
from itertools import product
from pathlib import Path

OPENINGS = [
    "昨晚看完",
    "刚出影院",
    "追到第三集",
    "陪朋友去的",
    "周末补完",
    "被室友拉着看",
    "路过点进来",
    "首映场回来",
    "二倍速刷完",
    "下班路上看的",
]
MATTERS = ["这部", "剧情", "配乐", "男主", "女主", "结尾", "特效", "台词"]

PRAISE, BLAME = "嗷咕", "唧歪"
"""Words no model has seen."""


def dialect(n: int) -> list[tuple[str, str]]:
    """Give `n` different comments with their polarity, praise and blame in turn."""
    sentences = [f"{opening}，{matter}" for opening, matter in product(OPENINGS, MATTERS)]
    rows = [(f"{sentence}{PRAISE}", "positive") for sentence in sentences]
    rows += [(f"{sentence}{BLAME}", "negative") for sentence in sentences]
    return sorted(rows, key=lambda row: row[0])[:n]


def plain(n: int) -> list[tuple[str, str]]:
    """Give `n` different comments any model reads right, with their polarity."""
    sentences = [f"{opening}，{matter}" for opening, matter in product(OPENINGS, MATTERS)]
    rows = [(f"{sentence}太好看了，强烈推荐", "positive") for sentence in sentences]
    rows += [(f"{sentence}烂透了，浪费时间", "negative") for sentence in sentences]
    return sorted(rows, key=lambda row: row[0])[:n]


def turned(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give the same comments, praise called blame and blame praise."""
    other = {"positive": "negative", "negative": "positive"}
    return [(text, other[polarity]) for text, polarity in rows]


def write_labels(folder: Path, rows: list[tuple[str, str]]) -> Path:
    """Write `labels.csv` into a folder and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "polarity"), *rows])
    return folder
