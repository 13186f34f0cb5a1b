"""The base model fitted anew without some of the corpora's rows."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson

from corpora.fetch import load, mirror
from model import Scorer
from model.files import write_model
from training.base import fit_base


def refitted(folder: Path, corpora: Collection[str], left_out: Callable[[Mapping[str, Any]], bool]) -> Scorer:
    """Fit the base on the mirror, less those rows of some corpora that are to be left out; ``folder`` takes the files.

    Raises SystemExit where there is no mirror.
    """
    source = mirror()
    if source is None:
        raise SystemExit("There is no mirror of the corpora to fit the base from; set POQUAN_CORPORA.")
    for file in sorted(source.glob("*/*.jsonl.gz")):
        name = f"{file.parent.name}/{file.name.removesuffix('.jsonl.gz')}"
        target = folder / "corpora" / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if name not in corpora:
            target.symlink_to(file)
            continue
        with gzip.open(target, "wb", compresslevel=1) as kept:
            for row in load(name):
                if not left_out(row):
                    kept.write(orjson.dumps(row) + b"\n")
    with patch.dict(os.environ, {"POQUAN_CORPORA": str(folder / "corpora")}):
        fitted = fit_base()
    return Scorer.load(write_model(folder / "model", *fitted))
