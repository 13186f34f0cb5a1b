"""Signals: what `model.signals` reads in a comment, from its known n-grams to one row of numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.compiled.lanes import PANEL, VIEW_PANEL, prefetch, sum_evidence, sum_steps, sum_view
from model.compiled.machine_code import compiled
from model.compiled.tables import FACET_VIEW, IDF, VECTOR, VIEWS_AT, Readings
from model.signals import KEPT_LENGTH, MARKS, TYPICAL_LENGTH

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]

_MARK_CODES = np.array([ord(mark) for mark in MARKS], np.uint32)
_TYPICAL, _KEPT = np.float32(TYPICAL_LENGTH), np.float32(KEPT_LENGTH)
_NONE, _ONE = np.float32(0), np.float32(1)


@compiled
def gather(
    columns: I32, counts: I32, weights: F32, tables: Readings, vectors: I32, times: F32, views: I32, shares: F32
) -> tuple[int, int]:
    """Fill ``vectors`` and ``times`` with the rows of the word vectors of n-grams and their counts, ``views`` and
    ``shares`` with those of the facet views and their weights; give how many of each there are."""
    n_vectors, n_views = 0, 0
    for index in range(len(columns)):
        vector, view = tables.records[columns[index], VECTOR], tables.records[columns[index], FACET_VIEW]
        if vector >= 0:
            for begin in range(0, tables.vector_width, PANEL):
                prefetch(tables.vectors, vector * tables.vector_width + begin)
            vectors[n_vectors], times[n_vectors] = vector, counts[index]
            n_vectors += 1
        if view >= 0:
            prefetch(tables.facet_views, view * tables.facet_view_width)
            views[n_views], shares[n_views] = view, weights[index]
            n_views += 1
    return n_vectors, n_views


@compiled
def weigh(columns: I32, counts: I32, floats: F32, weights: F32) -> np.float32:
    """Fill ``weights`` with ``(1 + log count) * idf``, scaled to length 1; give the length before."""
    squares = 0.0
    for index in range(len(columns)):
        weight = floats[columns[index], IDF]
        if counts[index] > 1:
            weight *= _ONE + np.log(np.float32(counts[index]))
        weights[index] = weight
        squares += weight * weight
    length = np.float32(np.sqrt(max(squares, 1e-12)))
    for index in range(len(columns)):
        weights[index] /= length
    return length


@compiled
def read_views(columns: I32, weights: F32, tables: Readings, sums: F32, signals: F32) -> None:
    """Fill the first ``2 * n_views`` signals: values, then weights of evidence. ``sums`` is scratch, as long as a row
    of any table, as for all these functions."""
    scales = tables.view_scales
    for begin in range(0, len(scales), VIEW_PANEL):
        sum_view(tables.views, tables.view_width, VIEWS_AT + begin, columns, weights, len(columns), sums, begin)
    for view in range(len(scales)):
        signals[view] = sums[view] * scales[view]
    for begin in range(0, len(scales), VIEW_PANEL):
        sum_evidence(tables.views, tables.view_width, VIEWS_AT + begin, columns, weights, len(columns), sums, begin)
    for view in range(len(scales)):
        signals[len(scales) + view] = sums[view] * abs(scales[view])


@compiled
def read_vectors(rows: I32, counts: F32, tables: Readings, sums: F32, signals: F32) -> None:
    """Fill the signals with the sum of the word vectors in ``rows`` over the root of how many there are."""
    width, scales = tables.vector_width, tables.vector_scales
    for begin in range(0, width, PANEL):
        sum_steps(tables.vectors, width, begin, rows, counts, len(rows), sums, begin)
    root = np.float32(np.sqrt(max(len(rows), 1)))
    for lane in range(len(scales)):
        signals[lane] = sums[lane] * scales[lane] / root


@compiled
def read_shape(text: U32, n_known: int, signals: F32) -> None:
    """Fill the signals with the log length, log count of known n-grams, log count of each mark."""
    signals[0] = np.log1p(np.float32(len(text)))
    signals[1] = np.log1p(np.float32(n_known))
    for mark in range(len(_MARK_CODES)):
        found = 0
        for code in text:
            found += code == _MARK_CODES[mark]
        signals[2 + mark] = np.log1p(np.float32(found)) if found else _NONE


@compiled
def read_facet_views(rows: I32, weights: F32, length: np.float32, tables: Readings, sums: F32, signals: F32) -> None:
    """Fill the signals with the facet views in ``rows``."""
    width, scales = tables.facet_view_width, tables.facet_view_scales
    for begin in range(0, width, PANEL):
        sum_steps(tables.facet_views, width, begin, rows, weights, len(rows), sums, begin)
    scale = np.float32((max(np.float32(length), np.float32(1e-6)) / _TYPICAL) ** _KEPT)
    for facet in range(len(scales)):
        signals[facet] = sums[facet] * scales[facet] * scale


@compiled
def read_cues(columns: I32, rows: I32, ends: I32, facets: I32, weights: F32, signals: F32) -> None:
    """Fill the signals with what the cues among the n-grams weigh; ``rows`` ``(n_ngrams,)`` leads to their place."""
    signals[:] = _NONE
    for column in columns:
        row = rows[column]
        if row >= 0:
            for cue in range(ends[row], ends[row + 1]):
                signals[facets[cue]] += weights[cue]


@compiled
def add_rows(columns: I32, weights: F32, rows: I32, table: F32, out: F32) -> None:
    """Add to ``out`` the weighted rows of ``table`` that ``rows`` ``(n_ngrams,)`` leads to."""
    for index in range(len(columns)):
        row = rows[columns[index]]
        if row >= 0:
            for label in range(table.shape[1]):
                out[label] += weights[index] * table[row, label]
