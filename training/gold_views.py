"""Views of the labelled comments, one a polarity, into which the views of public labels lean.

The values of the public views stand beside the n-grams, so that the few labelled comments have to say only where they
differ, and are folded back into the n-gram weights afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from model.heads import POLARITIES
from training.views import fit_view

F32 = NDArray[np.float32]

_LEAST = 2
_LEAN = 0.3
_C = 3.0


def fit_gold_views(weighed: csr_matrix, targets: F32, public: F32, choices: Sequence[NDArray[Any]]) -> list[F32]:
    """Give, for each choice of rows (a mask or indices), the views ``(n_ngrams, 3)`` fitted on these rows.

    ``weighed`` is ``(n, n_ngrams)``, ``targets`` ``(n, 3)``, and ``public`` ``(n_ngrams, n_public)`` the views that
    lean in. Views are fitted side by side, one a process.
    """
    values = weighed @ public
    used = np.flatnonzero(np.bincount(weighed.indices, minlength=weighed.shape[1]) >= _LEAST)
    beside = csr_matrix((values - values.mean(axis=0)) * (_LEAN / values.std(axis=0)), dtype=np.float32)
    rows = hstack([weighed[:, used], beside], format="csr")
    lean = public * (_LEAN / values.std(axis=0))
    fitted = Parallel(n_jobs=-1)(
        delayed(_fit)(rows, targets[:, column], chosen) for chosen in choices for column in range(len(POLARITIES))
    )
    views = np.stack([lean @ weights[len(used) :] for weights in fitted])
    views[:, used] += np.stack([weights[: len(used)] for weights in fitted])
    return [part.T for part in views.astype(np.float32).reshape(len(choices), len(POLARITIES), -1)]


def _fit(rows: csr_matrix, target: F32, chosen: NDArray[Any]) -> F32:
    weights, _ = fit_view(rows[chosen], target[chosen], c=_C)
    return weights
