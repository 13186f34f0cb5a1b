"""The local model: the shipped base, moved by the user's own labels.

It always starts from the base, never from an earlier local model, so the same files give the same bytes. A fixed fifth
of the user's rows and of the starter comments (`training.own.held_out`) judges and is never trained on.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import Scorer
from model.files import read_model
from training.corpus import frequent, read_texts
from training.correction import choose_strength, fit_correction
from training.labels import Examples, folds
from training.own import held_out

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]

_STARTER_WEIGHT = 0.1
_NEW_NGRAM = 3
_FOLDS = 3
_ENOUGH_TO_JUDGE = 50

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


def fit_local(base: Path, own: Examples, starter: Examples) -> tuple[dict[str, Any], Arrays]:
    """Fit the base in folder ``base`` to training labels; give the manifest and the arrays of the local model."""
    manifest, stored = read_model(base)
    arrays = extend(stored, _new_ngrams(Scorer(base, manifest, stored), own))
    reader = Scorer(base, manifest, arrays)
    texts, platforms = [*own.texts, *starter.texts], [*own.platforms, *starter.platforms]
    weighed, logits = reader.weigh(texts), reader.logits(texts, platforms)
    targets = np.concatenate([own.targets, starter.targets])
    is_own = np.arange(len(texts)) < len(own)
    weights = np.where(is_own, 1.0, _STARTER_WEIGHT).astype(np.float32)
    fold = folds(map(str, range(len(texts))), _FOLDS)
    if len(own) >= _ENOUGH_TO_JUDGE:
        strength = choose_strength(weighed, logits, targets, weights, fold, is_own)
    else:
        strength = choose_strength(
            weighed, logits, targets, weights, fold, np.ones(len(texts), np.bool_), most=_CAUTIOUS
        )
    correction = fit_correction(weighed, logits, targets, weights, strength)
    moved = np.flatnonzero(np.any(correction, axis=1)).astype(np.int32)
    log.info("correction of strength %g chosen: it moves %d n-grams", strength, len(moved))
    arrays |= {"correction": correction[moved], "correction_columns": moved}
    kept = {key: value for key, value in manifest.items() if key not in ("files", "format", "metrics")}
    local = kept | {
        "version": f"local-{_digest(arrays)}",
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
    columns = place[arrays["vector_columns"]].astype(arrays["vector_columns"].dtype)
    return {**arrays, "hashes": hashes, "idf": idf, "views": views, "vector_columns": columns}


def _new_ngrams(scorer: Scorer, own: Examples) -> NDArray[np.uint64]:
    """Give the n-grams the base does not know that stand at least three times in the user's training rows."""
    if not len(own):
        return np.empty(0, np.uint64)
    often = frequent([read_texts(own.texts, scorer.segmenter, scorer.vocabulary.spec)], _NEW_NGRAM)
    new = often[scorer.vocabulary.find(often) < 0]
    log.info("%d n-grams of your labels are new to the base", len(new))
    return new


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:8]
