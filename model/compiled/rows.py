"""Rows: the loop over comments, from normalised code points and word lengths to the logits of both heads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.compiled.lanes import VIEW_PANEL
from model.compiled.machine_code import compiled, inlined
from model.compiled.network import multiply
from model.compiled.ngrams import count_each, find_known, hash_characters, hash_words, sift, slots_for
from model.compiled.signals import (
    add_rows,
    gather,
    read_cues,
    read_facet_views,
    read_shape,
    read_vectors,
    read_views,
    weigh,
)
from model.compiled.tables import Known, Layers, Readings
from model.heads import LIMIT

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]
Places = NDArray[np.int64]

#: Comments whose signals are gathered before a network reads them; no result depends on it.
BLOCK = 32

_LIMIT, _NONE = np.float32(LIMIT), np.float32(0)


class Own(NamedTuple):
    """What a user's own circles and labels add: ``layers`` is one layer over the facet head's standardised signals;
    ``cue_rows``, ``correction_rows`` and ``facet_rows`` ``(n_ngrams,)`` lead to rows below, and are empty where there
    are none. ``corrections`` are ``(n, 3)``, ``facet_corrections`` ``(n, n_facets)``."""

    n_own: int
    layers: Layers
    cue_rows: I32
    cue_ends: I32
    cue_facets: I32
    cue_weights: F32
    correction_rows: I32
    corrections: F32
    facet_rows: I32
    facet_corrections: F32


@compiled
def read_rows(
    codes: U32, bounds: Places, lengths: I32, word_counts: Places, known: Known, readings: Readings, polarity: Layers,
    facets: Layers, place: int, own: Own, polarity_out: F32, facets_out: F32, vectors_out: F32,
) -> None:  # fmt: skip
    """Fill the logits and word vectors of texts, as `model.scorer.Reading` holds them. Own circles go in before column
    ``place`` of the shipped facets."""
    n_texts = len(bounds) - 1
    longest, most_words = 0, 0
    for row in range(n_texts):
        longest = max(longest, bounds[row + 1] - bounds[row] - 1)
        most_words = max(most_words, word_counts[row])
    most = longest * known.characters + 2 * most_words
    rolling, hashes, places = np.empty(longest, np.uint64), np.empty(most, np.uint64), np.empty(most, np.int32)
    slots, columns, counts = np.empty(slots_for(most), np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    worded, viewed, cues = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    shares, times, view_shares = np.empty(most, np.float32), np.empty(most, np.float32), np.empty(most, np.float32)
    rare = np.empty(longest, np.uint32)
    sums = np.empty(max(2 * VIEW_PANEL, readings.vector_width, readings.facet_view_width), np.float32)
    n_views, n_vector = 2 * len(readings.view_scales), len(readings.vector_scales)
    width, facet_width = polarity.standard.shape[1], facets.standard.shape[1]
    n_facet_views = len(readings.facet_view_scales)
    n_shipped = n_facet_views
    signals = np.empty(BLOCK * facet_width, np.float32)
    standard = np.empty(BLOCK * max(width, facet_width), np.float32)
    deep = max(_widest(polarity), _widest(facets), _widest(own.layers))
    one, two = np.empty(BLOCK * deep, np.float32), np.empty(BLOCK * deep, np.float32)
    for first in range(0, n_texts, BLOCK):
        n_rows = min(BLOCK, n_texts - first)
        for index in range(n_rows):
            row = first + index
            text = codes[bounds[row] : bounds[row + 1] - 1]
            words = lengths[bounds[row] : bounds[row] + word_counts[row]]
            count = hash_characters(text, known.characters, rolling, hashes)
            count = hash_words(text, words, known.words, hashes, count)
            n_sifted = sift(hashes[:count], known, readings, places)
            n_found = find_known(hashes[:n_sifted], places, readings)
            n_known = count_each(places[:n_found], slots, columns, counts)
            grams, weights = columns[:n_known], shares[:n_known]
            length = weigh(grams, counts, readings.floats, weights)
            n_words, n_viewed, n_cues = gather(
                grams, counts, weights, readings, worded, times, viewed, view_shares, cues
            )
            here = signals[index * facet_width : (index + 1) * facet_width]
            read_views(grams, weights, readings, sums, here)
            read_vectors(worded[:n_words], times, readings, sums, here[n_views:])
            read_shape(text, n_known, rare, here[n_views + n_vector :])
            read_facet_views(viewed[:n_viewed], view_shares, length, readings, sums, here[width:])
            read_cues(cues[:n_cues], readings, here[width + n_facet_views : facet_width])
            _copy(here[n_views : n_views + n_vector], vectors_out[row])
            _clear(polarity_out[row])
            _clear(facets_out[row])
            if len(own.correction_rows):
                add_rows(grams, weights, own.correction_rows, own.corrections, polarity_out[row])
            if len(own.facet_rows):
                add_rows(grams, weights, own.facet_rows, own.facet_corrections, facets_out[row])
            if own.n_own:
                _add_own_cues(grams, own, facets_out[row, place : place + own.n_own])
        _standardise(signals, n_rows, facet_width, polarity, standard)
        out, step = _run(polarity, standard, n_rows, one, two)
        _add(out, step, n_rows, 0, polarity_out.shape[1], polarity_out[first:], 0)
        _standardise(signals, n_rows, facet_width, facets, standard)
        out, step = _run(facets, standard, n_rows, one, two)
        _add(out, step, n_rows, 0, place, facets_out[first:], 0)
        _add(out, step, n_rows, place, n_shipped, facets_out[first:], own.n_own)
        if own.n_own:
            out, step = _run(own.layers, standard, n_rows, one, two)
            _add(out, step, n_rows, 0, own.n_own, facets_out[first:], place)


@inlined
def _widest(layers: Layers) -> int:
    widest = 0
    for layer in range(len(layers.shapes)):
        widest = max(widest, layers.shapes[layer, 2])
    return widest


@inlined
def _standardise(signals: F32, n_rows: int, step: int, layers: Layers, standard: F32) -> None:
    """Fill ``standard`` with the first signals of each row as a network sees them."""
    centre, scale = layers.standard
    width = len(centre)
    for row in range(n_rows):
        seen, out = signals[row * step : row * step + width], standard[row * width : (row + 1) * width]
        for lane in range(width):
            value = (seen[lane] - centre[lane]) * scale[lane]
            out[lane] = min(max(value, -_LIMIT), _LIMIT)


@inlined
def _run(layers: Layers, standard: F32, n_rows: int, one: F32, two: F32) -> tuple[F32, int]:
    """Give the last layer's outputs, flat, and how far apart its rows are."""
    source, step = standard, layers.standard.shape[1]
    n_layers = len(layers.shapes)
    for layer in range(n_layers):
        n_in, _, n_out, at = layers.shapes[layer]
        out = one if layer % 2 == 0 else two
        multiply(source, n_rows, step, layers.panels, at, n_in, n_out, out)
        if layer < n_layers - 1:
            for place in range(n_rows * n_out):
                out[place] = max(out[place], _NONE)
        source, step = out, n_out
    return source, step


@inlined
def _copy(numbers: F32, out: F32) -> None:
    for lane in range(len(out)):
        out[lane] = numbers[lane]


@inlined
def _clear(out: F32) -> None:
    for lane in range(len(out)):
        out[lane] = _NONE


@inlined
def _add(logits: F32, step: int, n_rows: int, begin: int, end: int, out: F32, shift: int) -> None:
    """Add columns ``begin`` to ``end`` of flat logits to columns of ``out`` that stand ``shift`` further."""
    for row in range(n_rows):
        read, added = logits[row * step + begin : row * step + end], out[row, begin + shift : end + shift]
        for label in range(end - begin):
            added[label] += read[label]


@inlined
def _add_own_cues(columns: I32, own: Own, out: F32) -> None:
    """Add what own cues weigh for their circle and, counted from ``n_own`` on, against it."""
    for column in columns:
        row = own.cue_rows[column]
        if row >= 0:
            for cue in range(own.cue_ends[row], own.cue_ends[row + 1]):
                out[own.cue_facets[cue] % own.n_own] += own.cue_weights[cue]
