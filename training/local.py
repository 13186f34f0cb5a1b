"""The local model: the shipped base, moved by the user's own labels, with the user's own circles added.

It always starts from the base, never from an earlier local model, so the same files give the same bytes. A fixed fifth
of the user's rows and of the starter comments (`training.own.held_out`) judges and is never trained on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpora.taxonomy import Facet
from model import Scorer
from model.files import digest_arrays, read_model
from training.corpus import frequent, read_texts
from training.correction import choose_strength, fit_correction
from training.cue_weights import read_cues
from training.labels import SHIPPED, Examples, folds
from training.own import held_out
from training.own_circles import THRESHOLD, fit_own_circles
from training.prevalence import add_rates

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]

_STARTER_WEIGHT = 0.1
_NEW_NGRAM = 3
_FOLDS = 3
_ENOUGH_TO_JUDGE = 50
_JOINING = 8.0  # of a cue in logits, before it is weighed: about 2 in a short comment
_EACH_SIDE = 3  # comments with a facet, and without it, from which on labels move it

#: How far to go where the user's rows are too few to say. The starter comments are harder than what audiences write:
#: they would ask for ten times as much, which makes real comments worse by 0.02 nats; this costs less than 0.001.
_CAUTIOUS = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """Labels of one origin, parted into what trains and what judges."""

    training: Examples
    evaluation: Examples


def part(examples: Examples) -> Part:
    """Part labels by the hash of their texts: about a fifth judges."""
    held = held_out(examples.texts)
    return Part(examples.take(~held), examples.take(held))


def fit_local(
    base: Path, own: Examples, starter: Examples, circles: Sequence[Facet] = ()
) -> tuple[dict[str, Any], Arrays]:
    """Fit the base in folder ``base`` to training labels; give the manifest and the arrays of the local model.

    The facets of ``own`` are the shipped ones with the user's own ``circles`` behind the shipped circles; ``starter``
    knows the shipped ones alone. A circle with the key of a shipped one adds its cues to that.
    """
    manifest, stored = read_model(base)
    reader = Scorer(base, manifest, stored)
    new = _new_ngrams(reader, own, circles)
    joining = [circle for circle in circles if circle.key in SHIPPED.circles]
    circles = [circle for circle in circles if circle.key not in SHIPPED.circles]
    kept = {key: value for key, value in manifest.items() if key not in ("files", "format", "metrics")}
    arrays = extend(stored, new)
    reader = Scorer(base, kept, arrays)
    texts = [*own.texts, *starter.texts]
    if circles:
        arrays |= _own_circles(reader, circles, texts, own.facets)
        kept["own_circles"] = [circle.key for circle in circles]
        reader = Scorer(base, kept, arrays)
    moved, strength = _polarity_correction(reader, own.take(own.told), starter)
    arrays |= moved | _facet_correction(reader, own, starter, joining)
    local = kept | {
        "version": f"local-{digest_arrays(arrays)}",
        "base": manifest["version"],
        "strength": strength,
        "moved_by": {"own": len(own), "starter": len(starter)},
    }
    return local, arrays


def extend(arrays: Mapping[str, NDArray[Any]], new: NDArray[np.uint64]) -> Arrays:
    """Give a model's arrays with n-grams added that no view knows: their hashes sorted in, their idf the greatest."""
    hashes = np.union1d(arrays["hashes"], new)
    place = np.searchsorted(hashes, arrays["hashes"])
    idf = np.full(len(hashes), arrays["idf"].max(), arrays["idf"].dtype)
    idf[place] = arrays["idf"]
    views = np.zeros((len(hashes), arrays["views"].shape[1]), arrays["views"].dtype)
    views[place] = arrays["views"]
    columns = ("vector_columns", "facet_columns", "cues_columns")
    moved = {name: place[arrays[name]].astype(arrays[name].dtype) for name in columns}
    return {**arrays, "hashes": hashes, "idf": idf, "views": views, **moved}


def _new_ngrams(reader: Scorer, own: Examples, circles: Sequence[Facet]) -> NDArray[np.uint64]:
    """Give the n-grams the base does not know: own cues, and what stands three times in the user's training rows."""
    wanted = read_cues(circles).hashes
    if len(own):
        often = frequent([read_texts(own.texts, reader.segmenter, reader.vocabulary.spec)], _NEW_NGRAM)
        wanted = np.union1d(often, wanted)
    new: NDArray[np.uint64] = wanted[reader.vocabulary.find(wanted) < 0]
    log.info("%d n-grams of your labels and cues are new to the base", len(new))
    return new


def _by_cues(reader: Scorer, joining: Sequence[Facet]) -> F32:
    """Give the correction ``(n_ngrams, n_facets)`` by which a user's cues speak for and against shipped circles."""
    correction = np.zeros((len(reader.vocabulary), len(reader.facet_names)), np.float32)
    cues = read_cues(joining)
    circle = np.asarray([SHIPPED.circles.index(each.key) for each in joining], np.int64)
    speaks_for = cues.facets < len(joining)
    columns = reader.vocabulary.find(cues.hashes)
    correction[columns, circle[cues.facets % max(1, len(joining))]] = np.where(speaks_for, _JOINING, -_JOINING)
    return correction


def _own_circles(reader: Scorer, circles: Sequence[Facet], texts: Sequence[str], facets: F32) -> Arrays:
    first = len(SHIPPED.circles)
    targets = np.full((len(texts), len(circles)), np.nan, np.float32)
    targets[: len(facets)] = facets[:, first : first + len(circles)]
    arrays = fit_own_circles(reader, circles, texts, targets)
    thresholds = np.insert(reader.facet_thresholds, first, np.full(len(circles), THRESHOLD, np.float32))
    arrays["facet_thresholds"] = thresholds
    if reader.mix_rates is not None:
        arrays |= add_rates(reader.mix_rates, len(circles)).as_arrays()
    return arrays


def _polarity_correction(reader: Scorer, own: Examples, starter: Examples) -> tuple[Arrays, float]:
    texts = [*own.texts, *starter.texts]
    weighed, logits = reader.weigh(texts), reader.read(texts).polarity
    targets = np.concatenate([own.targets, starter.targets])
    is_own = np.arange(len(texts)) < len(own)
    weights = np.where(is_own, 1.0, _STARTER_WEIGHT).astype(np.float32)
    fold = folds(map(str, range(len(texts))), _FOLDS)
    judged, most = (is_own, np.inf) if len(own) >= _ENOUGH_TO_JUDGE else (np.ones(len(texts), np.bool_), _CAUTIOUS)
    strength = choose_strength(weighed, logits, targets, weights, fold, judged, most=most)
    correction = fit_correction(weighed, logits, targets, weights, strength)
    moved = np.flatnonzero(np.any(correction, axis=1)).astype(np.int32)
    log.info("correction of strength %g chosen: it moves %d n-grams", strength, len(moved))
    return {"correction": correction[moved], "correction_columns": moved}, strength


def _facet_correction(reader: Scorer, own: Examples, starter: Examples, joining: Sequence[Facet]) -> Arrays:
    """Move the facets by the user's cues for shipped circles, and by labels that tell for and against.

    Too few rows move hardly anything, by the pull to the base; the starter comments hold a little against forgetting.
    """
    correction = _by_cues(reader, joining)
    both_sides = ((own.facets == 1).sum(axis=0) >= _EACH_SIDE) & ((own.facets == 0).sum(axis=0) >= _EACH_SIDE)
    if both_sides.any():
        more = np.full((len(starter), own.facets.shape[1] - starter.facets.shape[1]), np.nan, np.float32)
        first = len(SHIPPED.circles)
        known = np.concatenate([starter.facets[:, :first], more, starter.facets[:, first:]], axis=1)
        targets = np.where(both_sides, np.concatenate([own.facets, known]), np.nan).astype(np.float32)
        correction += _fit_facets(reader, [*own.texts, *starter.texts], targets, len(own), correction)
    moved = np.flatnonzero(np.any(correction, axis=1)).astype(np.int32)
    if not len(moved):
        return {}
    return {"facet_correction": correction[moved].astype(np.float16), "facet_correction_columns": moved}


def _fit_facets(reader: Scorer, texts: list[str], targets: F32, n_own: int, correction: F32) -> F32:
    """Give the correction ``(n_ngrams, n_facets)`` beyond what is corrected already; own rows come first."""
    is_own = np.arange(len(texts)) < n_own
    judged = is_own & ~np.isnan(targets).all(axis=1)
    log.info("%d of your labels tell circles, aspects or stages", judged.sum())
    weighed, weights = reader.weigh(texts), np.where(is_own, 1.0, _STARTER_WEIGHT).astype(np.float32)
    logits = reader.read(texts).facets + weighed @ correction
    fold = folds(map(str, range(len(texts))), _FOLDS)
    most = np.inf if judged.sum() >= _ENOUGH_TO_JUDGE else _CAUTIOUS
    strength = choose_strength(weighed, logits, targets, weights, fold, judged, most, exclusive=False)
    return fit_correction(weighed, logits, targets, weights, strength, exclusive=False)
