"""Fit: that a model's tables fit each other, for the compiled loops look at no bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.compiled.rows import Own
from model.compiled.tables import Layers, Readings
from model.heads import POLARITIES
from model.signals import MARKS


def check_fit(n_ngrams: int, readings: Readings, polarity: Layers, facets: Layers, own: Own, n_facets: int) -> None:
    """Raise ValueError naming what does not fit. ``n_facets`` are all of them, own circles among them."""
    n_shipped = n_facets - own.n_own
    shared = 2 * len(readings.view_scales) + len(readings.vector_scales) + 2 + len(MARKS)
    _same("rows of views", len(readings.records), n_ngrams)
    _same("facet views", len(readings.facet_view_scales), n_shipped)
    _within("facets of cues", readings.cue_facets, 2 * n_shipped)
    _chained("head", polarity, shared, len(POLARITIES))
    _chained("facet_head", facets, shared + 3 * n_shipped, n_shipped)
    if own.n_own:
        _chained("own circles", own.layers, shared + 3 * n_shipped, own.n_own)
        _within("facets of own cues", own.cue_facets, 2 * own.n_own)
    _same("columns of the correction", own.corrections.shape[1], len(POLARITIES))
    _same("columns of the facet correction", own.facet_corrections.shape[1], n_facets)


def _chained(name: str, layers: Layers, n_in: int, n_out: int) -> None:
    _same(f"signals of {name}", layers.standard.shape[1], n_in)
    for depth, (inputs, outputs, *_) in enumerate(layers.shapes):
        _same(f"inputs of layer {depth} of {name}", inputs, n_in)
        n_in = outputs
    _same(f"outputs of {name}", n_in, n_out)


def _within(name: str, places: Any, end: int) -> None:
    if len(places) and not 0 <= np.min(places) <= np.max(places) < end:
        raise ValueError(f"the {name} must be from 0 to {end - 1}, and reach from {np.min(places)} to {np.max(places)}")


def _same(name: str, found: int, expected: int) -> None:
    if found != expected:
        raise ValueError(f"there must be {expected} {name}, and there are {found}")
