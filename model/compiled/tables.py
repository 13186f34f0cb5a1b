"""Tables: a model's arrays laid out for the compiled loops, rows padded so that they fill vector registers.

The 8-bit steps of the stored matrices stay 8 bits, with their scales beside them: they are summed first and scaled
once a comment, and four times as many rows fit a cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.compiled.lanes import PANEL, VIEW_PANEL
from model.compiled.network import pack, padded_width
from model.heads import Network
from model.vocabulary import Vocabulary

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I8 = NDArray[np.int8]
U64 = NDArray[np.uint64]
Arrays = Mapping[str, NDArray[Any]]
T = TypeVar("T", bound=tuple[Any, ...])


#: Where the 32-bit parts of a record stand, where its views begin and what its length in bytes is a multiple of.
VECTOR, FACET_VIEW, CUES, IDF = range(4)
VIEWS_AT, RECORD = 16, 32
_NAME = 8  # bytes at the end of a record: the hash of its n-gram
_DRAWERS = 3  # bits: there are 8 to 16 times as many drawers as n-grams
#: The drawer in a word of 64 bits is the last so many bits of its number.
WORD_BITS = np.uint64(6)

_LINE = 64  # bytes, of a cache


class Known(NamedTuple):
    """Which n-grams are known, and which n-grams of characters and words are taken.

    The hashes of `model.vocabulary`, in order, lie in drawers by their leading bits, ``hash >> shift``. ``drawers``
    ``(2 * n_words,)`` has two places for 64 of them: a bit for each that is not empty, and how many n-grams lie before.
    So nearly all unknown n-grams are told from what fits the second cache.
    """

    drawers: U64
    shift: np.uint64
    characters: int
    words: int


class Readings(NamedTuple):
    """What n-grams add to signals.

    ``records`` ``(n_ngrams, n) int32`` hold in half a line of the cache what every n-gram has: its row among vectors,
    facet views and cues, -1 where it has none, its inverse document frequency (which ``floats`` shows, the same
    memory), its views (which ``views`` shows, flat) and at the end its hash (which ``names`` shows). Cues of row i are
    ``cue_ends[i]`` to ``cue_ends[i + 1]``. Tables of 8-bit steps are flat, ``..._width`` steps to a row.
    """

    records: I32
    floats: F32
    names: U64
    views: I8
    view_width: int
    view_scales: F32
    vectors: I8
    vector_width: int
    vector_scales: F32
    facet_views: I8
    facet_view_width: int
    facet_view_scales: F32
    cue_ends: I32
    cue_facets: I32
    cue_weights: F32


class Layers(NamedTuple):
    """A network: ``standard`` ``(2, n_signals)`` are what is taken from signals and what they are multiplied by then;
    ``panels`` are the layers, one after the other; ``shapes`` ``(n_layers, 4)`` are inputs, outputs, padded outputs and
    where a layer begins."""

    standard: F32
    panels: F32
    shapes: NDArray[np.int64]


def known_table(vocabulary: Vocabulary) -> Known:
    """Lay out a vocabulary."""
    hashes, spec = vocabulary.hashes, vocabulary.spec
    bits = max(int(WORD_BITS), len(hashes).bit_length() + _DRAWERS)
    shift = np.uint64(64 - bits)
    drawers = hashes >> shift
    words = np.zeros((1 << (bits - int(WORD_BITS)), 2), np.uint64)
    np.bitwise_or.at(words[:, 0], drawers >> WORD_BITS, np.uint64(1) << (drawers & np.uint64(63)))
    words[:, 1] = np.searchsorted(drawers >> WORD_BITS, np.arange(len(words), dtype=np.uint64))
    return fixed(Known(words.reshape(-1), shift, spec.characters, spec.words))


def readings_table(arrays: Arrays, vocabulary: Vocabulary) -> Readings:
    """Lay out views, word vectors, facet views and cues."""
    views, idf = np.asarray(arrays["views"], np.int8), vocabulary.idf
    if len(idf) != len(vocabulary):
        raise ValueError(f"{len(vocabulary)} hashes have {len(idf)} inverse document frequencies")
    for name in ("views", "vectors", "facet_views"):
        if arrays[f"{name}_scales"].shape != arrays[name].shape[1:]:
            raise ValueError(f"{name} of shape {arrays[name].shape} have scales of {arrays[f'{name}_scales'].shape}")
    width = -(-(VIEWS_AT + padded_views(views.shape[1]) + _NAME) // RECORD) * RECORD
    steps = _aligned(len(idf), width)
    steps[:, VIEWS_AT : VIEWS_AT + views.shape[1]] = views
    records, floats, names = steps.view(np.int32), steps.view(np.float32), steps.view(np.uint64)
    names[:, -1] = vocabulary.hashes
    records[:, : CUES + 1] = -1
    records[np.asarray(arrays["vector_columns"]), VECTOR] = np.arange(len(arrays["vectors"]))
    records[np.asarray(arrays["facet_columns"]), FACET_VIEW] = np.arange(len(arrays["facet_views"]))
    cues, ends, facets, weights = sparse_rows(arrays, "cues")
    records[cues, CUES] = np.arange(len(cues))
    floats[:, IDF] = idf
    table = Readings(
        records,
        floats,
        names,
        steps.reshape(-1),
        width,
        np.asarray(arrays["views_scales"], np.float32),
        *_padded(arrays["vectors"], PANEL),
        np.asarray(arrays["vectors_scales"], np.float32),
        *_padded(arrays["facet_views"], PANEL),
        np.asarray(arrays["facet_views_scales"], np.float32),
        ends,
        facets,
        weights,
    )
    return fixed(table)


def padded_views(n_views: int) -> int:
    """Give the views that are summed, whole panels of them."""
    return -(-n_views // VIEW_PANEL) * VIEW_PANEL


def sparse_rows(arrays: Arrays, name: str) -> tuple[I32, I32, I32, F32]:
    """Give the n-grams of stored cues, each once, where the cues of each end, and the facets and weights in that
    order."""
    columns, facets, weights = (np.asarray(arrays[f"{name}_{part}"]) for part in ("columns", "facets", "weights"))
    order = np.argsort(columns, kind="stable")
    distinct, counts = np.unique(columns, return_counts=True)
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return distinct.astype(np.int32), ends, facets[order].astype(np.int32), weights[order].astype(np.float32)


def layers_table(network: Network) -> Layers:
    """Lay out a network."""
    return packed_layers(network.centre, network.spread, network.layers)


def packed_layers(centre: F32, spread: F32, layers: Sequence[tuple[F32, F32]]) -> Layers:
    """Lay out layers, pairs of weights ``(n_in, n_out)`` and biases."""
    shapes, packed, at = [], [], 0
    for weights, biases in layers:
        if biases.shape != weights.shape[1:]:
            raise ValueError(f"a layer of shape {weights.shape} has biases of shape {biases.shape}")
        shapes.append((*weights.shape, padded_width(len(biases)), at))
        packed.append(pack(np.asarray(weights, np.float32), np.asarray(biases, np.float32)))
        at += len(packed[-1])
    standard = np.stack([np.asarray(centre, np.float32), np.float32(1) / np.asarray(spread, np.float32)])
    return fixed(Layers(standard, _lined_up(np.concatenate(packed)), np.asarray(shapes, np.int64)))


def fixed(table: T) -> T:
    """Give a table of arrays, none to be written to: code is compiled for one kind of array, mapped or not."""
    return type(table)(*(_read_only(part) if isinstance(part, np.ndarray) else part for part in table))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


def _padded(table: NDArray[Any], panel: int) -> tuple[I8, int]:
    """Give a table, flat, with zero columns added up to whole panels, and its width then; the stored one where that is
    its width."""
    table = np.asarray(table, np.int8)
    width = -(-table.shape[1] // panel) * panel
    if width == table.shape[1]:
        return table.reshape(-1), width
    padded = _aligned(len(table), width)
    padded[:, : table.shape[1]] = table
    return padded.reshape(-1), width


def _lined_up(flat: F32) -> F32:
    """Give a copy of numbers that begins where a line of the cache does."""
    copy: F32 = _aligned(1, flat.nbytes).view(np.float32)[0]
    copy[:] = flat
    return copy


def _aligned(n_rows: int, width: int) -> I8:
    """Give zeros ``(n_rows, width)`` that begin where a line of the cache does."""
    room = np.zeros(n_rows * width + _LINE, np.int8)
    begin = -room.ctypes.data % _LINE
    return room[begin : begin + n_rows * width].reshape(n_rows, width)
