"""`python -m service.compile`: compile every module and loop for this machine, so that no later process has to."""

from __future__ import annotations

import compileall
from pathlib import Path

import numpy as np

from model import Scorer
from service.api.results import prepare
from service.monitor.stream import StreamMonitor
from service.store.comments import StoredComment
from service.streams.scored import score_comments

_ROOT = Path(__file__).parents[1]
_PACKAGES = ("corpora", "model", "service")

# Enough comments for a stream to be past its opening; then others join, so that a new group is found and followed.
_COMMENTS, _JOIN, _STEP = 4_000, 2_000, 100
_TALK = [
    "昨晚",
    "同事",
    "说",
    "票根",
    "散场",
    "雨",
    "很大",
    "邻座",
    "爆米花",
    "凉了",
    "片尾",
    "灯",
    "亮",
    "得",
    "早",
    "地铁",
    "末班",
    "出口",
    "海报",
    "排队",
    "热茶",
    "手套",
    "围巾",
]
_OTHERS = "鱼竿 鱼漂 浮漂 鱼饵 窝料 水库 夜钓 鲫鱼 草鱼 抛竿 收线 钓位 野钓 路亚 鱼护 上钩".split()  # noqa: SIM905


def main() -> None:
    """Write the byte code of the packages; then score comments, write a reply and watch a stream."""
    for package in _PACKAGES:
        compileall.compile_dir(_ROOT / package, quiet=2)
    scorer = Scorer.load()
    prepare(scorer)
    dice = np.random.default_rng(0)
    made_up = [
        StoredComment(
            seq=place,
            stream=1,
            id=str(place),
            time=60.0 * place,
            text="".join(
                dice.choice(_OTHERS if place > _JOIN and place % 4 == 0 else _TALK, 4 if place % 9 == 0 else 12)
            ),
            author=str(place),
            thread=None,
            platform=None,
            gender=None,
            likes=0,
            late=False,
        )
        for place in range(1, _COMMENTS + 1)
    ]
    monitor, scored = StreamMonitor("compiled", scorer.facet_names.circles), score_comments(scorer, made_up)
    for start in range(0, _COMMENTS, _STEP):
        monitor.update(scored[start : start + _STEP])


if __name__ == "__main__":
    main()
