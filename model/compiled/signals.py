"""Signals: what `model.signals` reads in a comment, from its known n-grams to one row of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.compiled.lanes import PANEL, VIEW_PANEL, prefetch, sum_steps, sum_views
from model.compiled.machine_code import inlined
from model.compiled.tables import CUES, FACET_VIEW, IDF, VECTOR, VIEWS_AT, Readings
from model.signals import KEPT_LENGTH, MARKS, TYPICAL_LENGTH

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]

_MARK_CODES = np.array([ord(mark) for mark in MARKS], np.uint32)
_HAN_MARKS = np.array([ord(mark) for mark in MARKS if "\u4e00" <= mark <= "\u9fff"], np.uint32)
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FFF
_TYPICAL, _KEPT = np.float32(TYPICAL_LENGTH), np.float32(KEPT_LENGTH)
_NONE, _ONE = np.float32(0), np.float32(1)
_LOGS = np.log1p(np.arange(1_024, dtype=np.float32))  # those of nearly all counts


@inlined
def _log1p(count: int) -> Any:
    return _LOGS[count] if count < len(_LOGS) else np.log1p(np.float32(count))


@inlined
def weigh(columns: I32, counts: I32, floats: F32, weights: F32) -> np.float32:
    """Fill ``weights`` with ``(1 + log count) * idf``, scaled to length 1; give the length before."""
    squares = 0.0
    for index in range(len(columns)):
        weight = floats[columns[index], IDF] * (_ONE + _log1p(counts[index] - 1))
        weights[index] = weight
        squares += weight * weight
    length = np.float32(np.sqrt(max(squares, 1e-12)))
    for index in range(len(columns)):
        weights[index] /= length
    return length


@inlined
def gather(
    columns: I32, counts: I32, weights: F32, tables: Readings, vectors: I32, times: F32, views: I32, shares: F32,
    cues: I32,
) -> tuple[int, int, int]:  # fmt: skip
    """Fill ``vectors`` and ``times`` with the rows of the word vectors of n-grams and their counts, ``views`` and
    ``shares`` with those of the facet views and their weights, ``cues`` with the rows of the cues; give how many of
    each there are. Rows are asked for."""
    n_vectors, n_views, n_cues = 0, 0, 0
    for index in range(len(columns)):
        record = tables.records[columns[index]]
        vectors[n_vectors], times[n_vectors] = record[VECTOR], counts[index]
        n_vectors += record[VECTOR] >= 0
        views[n_views], shares[n_views] = record[FACET_VIEW], weights[index]
        n_views += record[FACET_VIEW] >= 0
        cues[n_cues] = record[CUES]
        n_cues += record[CUES] >= 0
    for index in range(n_vectors):
        for begin in range(0, tables.vector_width, PANEL):
            prefetch(tables.vectors, np.int64(vectors[index]) * tables.vector_width + begin)
    for index in range(n_views):
        prefetch(tables.facet_views, np.int64(views[index]) * tables.facet_view_width)
    return n_vectors, n_views, n_cues


@inlined
def read_views(columns: I32, weights: F32, tables: Readings, sums: F32, signals: F32) -> None:
    """Fill the first ``2 * n_views`` signals: values, then weights of evidence. ``sums`` is scratch, as long as a row
    of any table, as for all these functions."""
    scales = tables.view_scales
    n_views = len(scales)
    for begin in range(0, n_views, VIEW_PANEL):
        sum_views(tables.views, tables.view_width, VIEWS_AT + begin, columns, weights, len(columns), sums, 0)
        for lane in range(min(VIEW_PANEL, n_views - begin)):
            view = begin + lane
            signals[view] = sums[lane] * scales[view]
            signals[n_views + view] = sums[VIEW_PANEL + lane] * abs(scales[view])


@inlined
def read_vectors(rows: I32, counts: F32, tables: Readings, sums: F32, signals: F32) -> None:
    """Fill the signals with the sum of the word vectors in ``rows`` over the root of how many there are."""
    width, scales = tables.vector_width, tables.vector_scales
    for begin in range(0, width, PANEL):
        sum_steps(tables.vectors, width, begin, rows, counts, len(rows), sums, begin)
    root = np.float32(np.sqrt(max(len(rows), 1)))
    for lane in range(len(scales)):
        signals[lane] = sums[lane] * scales[lane] / root


@inlined
def read_shape(text: U32, n_known: int, rare: U32, signals: F32) -> None:
    """Fill the signals with the log length, log count of known n-grams, log count of each mark. ``rare`` is scratch as
    long as the text."""
    n_rare = 0
    for code in text:  # most are Chinese characters, most of which are no mark
        rare[n_rare] = code
        is_rare = (code < _FIRST_HAN) | (code > _LAST_HAN)
        for mark in _HAN_MARKS:
            is_rare |= code == mark
        n_rare += is_rare
    signals[0] = _log1p(len(text))
    signals[1] = _log1p(n_known)
    for mark in range(len(_MARK_CODES)):
        found = 0
        for place in range(n_rare):
            found += rare[place] == _MARK_CODES[mark]
        signals[2 + mark] = _log1p(found)


@inlined
def read_facet_views(rows: I32, weights: F32, length: np.float32, tables: Readings, sums: F32, signals: F32) -> None:
    """Fill the signals with the facet views in ``rows``."""
    width, scales = tables.facet_view_width, tables.facet_view_scales
    for begin in range(0, width, PANEL):
        sum_steps(tables.facet_views, width, begin, rows, weights, len(rows), sums, begin)
    scale = np.float32((max(np.float32(length), np.float32(1e-6)) / _TYPICAL) ** _KEPT)
    for facet in range(len(scales)):
        signals[facet] = sums[facet] * scales[facet] * scale


@inlined
def read_cues(rows: I32, tables: Readings, signals: F32) -> None:
    """Fill the signals with what the cues in ``rows`` weigh."""
    signals[:] = _NONE
    for row in rows:
        for cue in range(tables.cue_ends[row], tables.cue_ends[row + 1]):
            signals[tables.cue_facets[cue]] += tables.cue_weights[cue]


@inlined
def add_rows(columns: I32, weights: F32, rows: I32, table: F32, out: F32) -> None:
    """Add to ``out`` the weighted rows of ``table`` that ``rows`` ``(n_ngrams,)`` leads to."""
    for index in range(len(columns)):
        row = rows[columns[index]]
        if row >= 0:
            for label in range(table.shape[1]):
                out[label] += weights[index] * table[row, label]
