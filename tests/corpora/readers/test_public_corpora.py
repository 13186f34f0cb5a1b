"""The public corpora, where they lie at hand, open without a word said about them."""

import os
from itertools import islice
from pathlib import Path

import pytest

from corpora.readers import Row, open_dump

CORPORA = Path(os.environ.get("POQUAN_CORPORA") or Path(__file__).parents[3].parent / "shared" / "data")
FILES = sorted(CORPORA.glob("*/*.jsonl.gz"))


@pytest.mark.skipif(not FILES, reason=f"no public corpora in {CORPORA}; name their folder in POQUAN_CORPORA")
def test_every_public_corpus_is_read() -> None:
    for path in FILES:
        dump = open_dump(path)
        rows = list(islice(dump.rows(), 100))
        assert dump.kind == "jsonl"
        assert rows
        assert all(isinstance(row, Row) for row in rows), path.name
