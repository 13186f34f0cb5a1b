"""A whole model small enough to damage: three n-grams, one view, one layer."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from model import Scorer
from model.features import hash_ngrams
from model.files import write_model
from model.signals import read_shape

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return Scorer.load()


@pytest.fixture(scope="session")
def starter() -> list[dict[str, Any]]:
    files = sorted((ROOT / "corpora" / "starter").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def starter_texts(starter: Sequence[dict[str, Any]]) -> list[str]:
    return [row["text"] for row in starter]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny(tmp_path / "tiny")


def write_tiny(
    folder: Path,
    version: str = "tiny-1",
    changed: Mapping[str, Any] = MappingProxyType({}),
    said: Mapping[str, Any] = MappingProxyType({}),
) -> Path:
    """Write a model that knows the characters 好 and 烂; ``changed`` replaces arrays, None leaves one out; ``said``
    goes into the manifest."""
    arrays = tiny_arrays() | dict(changed)
    manifest = {
        "version": version,
        "lexicon": {"大烂片": 5000},
        "ngrams": {"characters": 1, "words": 0},
        "facets": {"circles": ["family"], "aspects": ["story"], "stages": []},
        **said,
    }
    return write_model(folder, manifest, {name: a for name, a in arrays.items() if a is not None}, "# tiny\n")


def tiny_arrays() -> dict[str, Any]:
    _, good_and_bad = hash_ngrams(["好烂"], [["好烂"]])
    hashes = np.sort(good_and_bad[:2])
    towards = np.where(hashes == good_and_bad[0], 1, -1).astype(np.int8)[:, None]
    width = 2 + 1 + read_shape(["好"], np.ones(1)).shape[1]
    weights = np.zeros((width, 3), np.float32)
    weights[0] = [-3, 0, 3]
    return {
        "hashes": hashes,
        "idf": np.ones(2, np.float16),
        "views": towards,
        "views_scales": np.ones(1, np.float32),
        "vectors": np.zeros((1, 1), np.int8),
        "vectors_scales": np.ones(1, np.float32),
        "vector_columns": np.zeros(1, np.int32),
        "head_centre": np.zeros(width, np.float32),
        "head_spread": np.ones(width, np.float32),
        "head_thresholds": np.ones(3, np.float32),
        "head_weights_0": weights,
        "head_biases_0": np.zeros(3, np.float32),
        "facet_views": np.array([[127, 0]], np.int8),
        "facet_views_scales": np.ones(2, np.float32),
        "facet_columns": np.zeros(1, np.int32),
        "cues_columns": np.zeros(1, np.int32),
        "cues_facets": np.zeros(1, np.int32),
        "cues_weights": np.ones(1, np.float16),
        "facet_thresholds": np.full(2, 0.5, np.float32),
        "facet_head_centre": np.zeros(width + 6, np.float32),
        "facet_head_spread": np.ones(width + 6, np.float32),
        "facet_head_weights_0": np.zeros((width + 6, 2), np.float16),
        "facet_head_biases_0": np.full(2, -3, np.float32),
    }
