"""Compiled: the scoring path as machine code, made by numba from the functions of this folder.

From the code points of a batch to the logits of both heads no Python object is made for a word or an n-gram, and the
lock of the interpreter is released:

- `folding`: what `model.text` says of a comment, for the comments that need no regular expression;
- `dictionary`, `kinds`, `words`, `unknown`: jieba's segmentation, as `model.segment` gives it by rjieba;
- `ngrams`: what `model.features` and `model.vocabulary` say, one comment at a time;
- `signals`: what `model.signals` says;
- `network`: the layers of `model.heads`, in tiles that round alike whatever the batch;
- `tables`: a model's arrays laid out for these loops; `reader`: the loops one after the other.

The modules they follow stay the definition: both give every probability alike to 1e-4, and where numba cannot be
loaded the others read the comments.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from model.facet_head import FacetHead
from model.heads import PolarityHead
from model.segment import Segmenter
from model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from model.compiled.reader import CompiledReader

log = logging.getLogger(__name__)


def compiled_reader(
    arrays: Mapping[str, Any],
    vocabulary: Vocabulary,
    polarity: PolarityHead,
    facets: FacetHead,
    segmenter: Segmenter,
) -> CompiledReader | None:
    """Give a reader of comments, ready to read; None, and a warning in the log, where it can't be had here. Raises
    KeyError, ValueError or IndexError where the arrays are no whole model.

    The first on a machine compiles for some 15 seconds; later ones load what it left.
    """
    try:
        from model.compiled.reader import CompiledReader

        reader = CompiledReader(arrays, vocabulary, polarity, facets, segmenter)
        reader.read(["好"])
    except (KeyError, ValueError, IndexError):
        raise
    except Exception as error:  # whatever fails in a compiler, comments can be read without one
        _warn(type(error).__name__, str(error))
        return None
    return reader


@cache
def _warn(kind: str, said: str) -> None:
    """Say once in a process what is the matter."""
    log.warning(
        "Comments are read without compiled code, 3 to 15 times slower (%s: %s). Remedy: pip install numba, and let "
        "NUMBA_CACHE_DIR name a folder that may be written.",
        kind,
        said,
    )
