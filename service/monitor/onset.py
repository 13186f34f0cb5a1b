"""When a rise began: the likeliest place of a shift of the mean, and the places that may as well be it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.monitor.comments import F64

#: How many comments to each side of the detector's onset the shift is looked for.
REACH = 200

#: The fewest comments on either side of a shift.
LEAST = 5

#: Places whose log-likelihood is at most this far below the best make up the 95 % set: half of 7.35, the critical value
#: of Hansen (2000, Econometrica 68:575, table I) for the place of a shift.
_DROP = 7.35 / 2

_LEAST_DISPERSION = 0.2


@dataclass(frozen=True, slots=True)
class Onset:
    """The place of the first comment of the change, and the first and last that may as well be it (95 %)."""

    place: int
    low: int
    high: int


def estimate_onset(signal: F64, around: int, reach: int = REACH) -> Onset | None:
    """Find where the mean of a signal ``(n,)`` in [0, 1] rose, at most ``reach`` comments from the place ``around``.

    It maximises the quasi-likelihood of one mean before and another one after (Bernoulli variance times a dispersion
    told from the signal; McCullagh and Nelder 1989, chapter 9). None where no rise can be told from one mean all along,
    or fewer than ``LEAST`` comments stand on a side.

    >>> estimate_onset(np.array([0.1] * 30 + [0.8] * 30), 36)
    Onset(place=30, low=30, high=30)
    """
    n = len(signal)
    places = np.arange(max(LEAST, around - reach), min(n - LEAST, around + reach) + 1)
    if not len(places):
        return None
    total = signal.cumsum()
    before = total[places - 1] / places
    after = (total[-1] - total[places - 1]) / (n - places)
    likelihood = places * _certainty(before) + (n - places) * _certainty(after)
    likelihood[after <= before] = -np.inf
    best = int(likelihood.argmax())
    drop = _DROP * _dispersion(signal, int(places[best]))
    if likelihood[best] < n * _certainty(total[-1:] / n)[0] + drop:
        return None
    likely = places[likelihood >= likelihood[best] - drop]
    return Onset(int(places[best]), int(likely[0]), int(likely[-1]))


def _certainty(share: F64) -> F64:
    """Give p log p + q log q, the mean log-likelihood of answers with the share p."""
    sure = np.clip(share, 1e-9, 1 - 1e-9)
    mean: F64 = sure * np.log(sure) + (1 - sure) * np.log1p(-sure)
    return mean


def _dispersion(signal: F64, place: int) -> float:
    """Tell how much less a signal spreads around its two means than yes-or-no answers would."""
    spread = most = 0.0
    for part in (signal[:place], signal[place:]):
        mean = float(part.mean())
        spread += float(((part - mean) ** 2).sum())
        most += len(part) * mean * (1 - mean)
    return min(1.0, max(_LEAST_DISPERSION, spread / most)) if most > 0 else 1.0
