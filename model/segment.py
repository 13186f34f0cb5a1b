"""Words: jieba's segmentation, cut by rjieba (the same algorithm, compiled) where it is installed.

The two give the same Chinese words but for ties in the dynamic programme (about one comment in 20,000); they differ
in how they cut Latin letters, hyphens and decimals, which is why words are compared by their Chinese ones.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from itertools import chain, compress
from threading import Lock
from typing import Any

log = logging.getLogger(__name__)

_BATCH = 2_000


class Segmenter:
    """Cut normalised comments into words.

    ``lexicon`` maps extra words to their frequency in jieba's counts; ``compiled`` chooses rjieba (default: when it
    can be loaded) or jieba itself. Safe to share between threads. The dictionary is read at the first cut, a quarter of
    a second: most comments are cut by `model.compiled`, which asks only for some.

    >>> Segmenter().cut(["这部电影真好看", ""])
    [['这部', '电影', '真', '好看'], []]
    """

    def __init__(self, lexicon: Mapping[str, int] | None = None, *, compiled: bool | None = None) -> None:
        self.lexicon = dict(lexicon or {})
        self.compiled = _rjieba_loads() if compiled is None else compiled
        self._lock = Lock()
        self._cutter: Callable[[str], list[str]] | None = None

    def cut_one(self, text: str) -> list[str]:
        """Give the words of one text, or of several with line breaks between, which are words then."""
        if self._cutter is None:
            with self._lock:
                if self._cutter is None:
                    self._cutter = (_rjieba_cutter if self.compiled else _jieba_cutter)(self.lexicon)
        return self._cutter(text)

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """Give the words of each normalised text; spaces are words too, so that the words join to the text."""
        return list(chain.from_iterable(self._cut_batch(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)))

    def _cut_batch(self, texts: Sequence[str]) -> list[list[str]]:
        words = self.cut_one("\n".join(texts))
        breaks = list(compress(range(len(words)), map("\n".__eq__, words)))
        if len(breaks) != len(texts) - 1:
            return [self.cut_one(text) if text else [] for text in texts]
        starts, ends = [0, *(b + 1 for b in breaks)], [*breaks, len(words)]
        return [words[start:end] for start, end in zip(starts, ends, strict=True)]


def _rjieba_loads() -> bool:
    # Not imported here: it reads its dictionary then.
    if find_spec("rjieba") is None:
        log.warning(
            "rjieba cannot be loaded; words are cut by jieba, about 20 times slower. Remedy: pip install rjieba"
        )
        return False
    return True


def _rjieba_cutter(lexicon: Mapping[str, int]) -> Callable[[str], list[str]]:
    import rjieba

    jieba: Any = rjieba.Jieba()
    for word, frequency in lexicon.items():
        jieba.add_word(word, frequency, "")  # the third is a part of speech, which no one reads here
    cut: Callable[[str], list[str]] = jieba.cut
    return cut


def _jieba_cutter(lexicon: Mapping[str, int]) -> Callable[[str], list[str]]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer: Any = jieba.Tokenizer()
    for word, frequency in lexicon.items():
        tokenizer.add_word(word, frequency)
    cut: Callable[[str], list[str]] = tokenizer.lcut
    return cut
