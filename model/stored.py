"""Stored: from the arrays of a model file to the parts that read comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.facet_head import FacetHead, OwnCircles
from model.facets import FacetNames
from model.heads import Network, PolarityHead
from model.signals import CueReader, FacetViewReader, SignalReader, VectorReader, ViewReader

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

F32 = NDArray[np.float32]
Arrays = Mapping[str, NDArray[Any]]


def signal_reader(arrays: Arrays, n_ngrams: int) -> SignalReader:
    """Give the reader of the signals that both heads use."""
    vectors = VectorReader(_whole(arrays, "vectors"), np.asarray(arrays["vector_columns"]), n_ngrams)
    return SignalReader(ViewReader(_whole(arrays, "views")), vectors)


def polarity_head(arrays: Arrays) -> PolarityHead:
    """Give the polarity head."""
    return PolarityHead(_network(arrays, "head"), np.asarray(arrays["head_thresholds"]))


def facet_head(arrays: Arrays, manifest: Mapping[str, Any], n_ngrams: int) -> FacetHead:
    """Give the facet head, a user's own circles included (they follow the shipped ones)."""
    names = FacetNames.of(manifest)
    own = _own_circles(arrays, tuple(manifest.get("own_circles", ())), n_ngrams)
    n_shipped = len(names) - (len(own.names) if own else 0)
    return FacetHead(
        names,
        FacetViewReader(_whole(arrays, "facet_views"), np.asarray(arrays["facet_columns"]), n_ngrams),
        cue_reader(arrays, "cues", n_ngrams, n_shipped),
        _network(arrays, "facet_head"),
        np.asarray(arrays["facet_thresholds"]),
        own,
        correction(arrays, "facet_correction", n_ngrams, len(names)),
    )


def cue_reader(arrays: Arrays, name: str, n_ngrams: int, n_facets: int) -> CueReader:
    """Give a reader of cues, stored as ``{name}_columns``, ``{name}_facets`` and ``{name}_weights``, all ``(n_cues,)``;
    the facet of a counter-cue is counted from ``n_facets`` on."""
    columns, facets, weights = (np.asarray(arrays[f"{name}_{part}"]) for part in ("columns", "facets", "weights"))
    return CueReader(columns, facets, weights.astype(np.float32), (n_ngrams, 2 * n_facets))


def correction(arrays: Arrays, name: str, n_ngrams: int, n_labels: int) -> csr_matrix | None:
    """Give what a user's own labels add to logits, ``(n_ngrams, n_labels)``; None in the shipped model."""
    if name not in arrays:
        return None
    from scipy.sparse import csr_matrix  # here: the shipped model needs none

    rows, weights = arrays[f"{name}_columns"], np.asarray(arrays[name], np.float32)
    ends = np.concatenate([[0], np.cumsum(n_labels * np.bincount(rows, minlength=n_ngrams))])
    return csr_matrix((weights.ravel(), np.tile(np.arange(n_labels), len(rows)), ends), (n_ngrams, n_labels))


def _own_circles(arrays: Arrays, names: tuple[str, ...], n_ngrams: int) -> OwnCircles | None:
    if not names:
        return None
    weights, biases = np.asarray(arrays["own_weights"]), np.asarray(arrays["own_biases"])
    return OwnCircles(names, weights, biases, cue_reader(arrays, "own_cues", n_ngrams, len(names)))


def _network(arrays: Arrays, name: str) -> Network:
    depth = sum(each.startswith(f"{name}_weights_") for each in arrays)
    layers = tuple(
        (np.asarray(arrays[f"{name}_weights_{layer}"], np.float32), np.asarray(arrays[f"{name}_biases_{layer}"]))
        for layer in range(depth)
    )
    return Network(np.asarray(arrays[f"{name}_centre"]), np.asarray(arrays[f"{name}_spread"]), layers)


def _whole(arrays: Arrays, name: str) -> F32:
    """Give a matrix stored as 8-bit steps with one scale a column."""
    whole: F32 = arrays[name] * np.asarray(arrays[f"{name}_scales"], np.float32)
    return whole
