"""How near scoring is to what the memory of the machine allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model import Scorer
from model.files import read_model
from model.scorer import DEFAULT
from model.text import normalise
from tests.benchmarks.memory_rates import random_reads, sequential_read

Texts = Sequence[str]


def roofline(scorer: Scorer, sample: Texts, cost: float) -> str:
    """Give what a comment of the sample asks of memory, and how near its ``cost`` in microseconds is to that."""
    counts = scorer.vocabulary.count(*_cut(scorer, sample))
    known = counts.nnz / len(sample)
    _, arrays = read_model(DEFAULT)
    words, facets = (
        float(np.isin(counts.indices, np.asarray(arrays[name])).sum()) / len(sample)
        for name in ("vector_columns", "facet_columns")
    )
    hashes = sum(4 * len(text) + 2 * len(cut) for text, cut in zip(*_cut(scorer, sample), strict=True)) / len(sample)
    touched = {
        "dictionary of words, one a character": sum(map(len, sample)) / len(sample),
        "drawers of hashes": hashes,
        "records of known n-grams": known,
        "word vectors (two lines each)": 2 * words,
        "facet views": facets,
    }
    lines_touched = sum(touched.values())
    bandwidth, random = sequential_read(), random_reads()
    floor = lines_touched / random * 1e6
    detail = "; ".join(f"{name} {count:.0f}" for name, count in touched.items())
    length = sum(map(len, sample)) / len(sample)
    return (
        f"Roofline, at {length:.0f} characters: a comment touches {lines_touched:.0f} lines of the cache at places no "
        f"one can foretell ({detail}), {64 * lines_touched / 1e3:.1f} kB; the drawers and the networks' weights stay "
        f"in the second cache. This core reads {bandwidth / 1e9:.1f} GB/s in a row and {random / 1e6:.0f} million "
        f"lines/s at random from 256 MB. Were every line from there, a comment would cost {floor:.1f} us, and by "
        f"bandwidth alone {64 * lines_touched / bandwidth * 1e6:.2f} us; it costs {cost:.1f} us. The rest is "
        "arithmetic, dependent branches and the interpreter, less what nearer caches save."
    )


def _cut(scorer: Scorer, texts: Texts) -> tuple[list[str], list[list[str]]]:
    whole = [normalise(text) for text in texts]
    return whole, scorer.segmenter.cut(whole)
