"""The facet head: the probability of every circle, aspect and stage, a user's own circles among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.facets import FacetNames, decide_facets
from model.heads import Network
from model.signals import CueReader, FacetViewReader

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OwnCircles:
    """Circles a user has added: linear in the standardised signals of the base, plus what their own cues weigh.

    ``weights`` is ``(n_signals, n_own)``, ``biases`` ``(n_own,)``.
    """

    names: tuple[str, ...]
    weights: F32
    biases: F32
    cues: CueReader

    def logits(self, standard: F32, counts: csr_matrix) -> F32:
        """Give ``(n_texts, n_own)``."""
        for_it, against = np.split(self.cues(counts), 2, axis=1)
        read: F32 = standard @ self.weights + self.biases + for_it + against
        return read


@dataclass(frozen=True, slots=True)
class FacetHead:
    """A network over all signals, facet views and cues; then own circles and the correction, where a user has any.

    ``thresholds`` ``(n_facets,)`` are the probabilities from which a facet is named.
    """

    names: FacetNames
    views: FacetViewReader
    cues: CueReader
    network: Network
    thresholds: F32
    own: OwnCircles | None = None
    correction: csr_matrix | None = None

    def signals(self, signals: F32, counts: csr_matrix, weighed: csr_matrix, lengths: F32) -> F32:
        """Give ``(n_texts, n_signals)`` what the network reads: the signals of both heads, then views and cues."""
        return np.concatenate([signals, self.views(weighed, lengths), self.cues(counts)], axis=1)

    def logits(self, signals: F32, counts: csr_matrix, weighed: csr_matrix, lengths: F32) -> F32:
        """Give ``(n_texts, n_facets)``."""
        seen = self.signals(signals, counts, weighed, lengths)
        logits = self.network.logits(seen)
        if self.own is not None:
            place = self.names.circle_columns.stop - len(self.own.names)
            logits = np.concatenate(
                [logits[:, :place], self.own.logits(self.network.standardise(seen), counts), logits[:, place:]], axis=1
            )
        return logits if self.correction is None else logits + (weighed @ self.correction).toarray()

    def decide(self, chances: F32) -> NDArray[np.bool_]:
        """Tell which facets ``(n_texts, n_facets)`` are named."""
        return decide_facets(chances, self.thresholds, self.names)
