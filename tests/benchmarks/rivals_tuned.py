"""The rivals as they are, and tuned to as few false alarms as the product's detector."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np

from service.monitor.comments import F64, Ints
from service.replay.rivals import adwin, page_hinkley, vendor_rule

log = logging.getLogger(__name__)

Alarms = Callable[[F64], Ints]

# From the most sensitive setting on.
_DEVIATIONS = (2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0)
_DELTAS = (0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.002)
_THRESHOLDS = (3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)


def rivals(quiet: F64, patience: float) -> Iterator[tuple[str, Alarms]]:
    """Give each rival by name, then in the most sensitive setting that keeps to the patience on quiet comments."""
    yield "vendors' rule: 100 comments over mean + 3 sd of 7 windows", vendor_rule
    yield _tuned("vendors' rule", "deviations", _DEVIATIONS, vendor_rule, quiet, patience)
    yield "river ADWIN, default", adwin
    yield _tuned("river ADWIN", "delta", _DELTAS, adwin, quiet, patience)
    yield "river PageHinkley, default", page_hinkley
    yield _tuned("river PageHinkley", "threshold", _THRESHOLDS, page_hinkley, quiet, patience)


def _tuned(
    name: str, parameter: str, settings: Iterable[float], rule: Callable[..., Ints], quiet: F64, patience: float
) -> tuple[str, Alarms]:
    for setting in settings:
        alarms = partial(rule, **{parameter: setting})
        found = len(alarms(quiet))
        log.info("%s, %s %g: %d false alarms in %d", name, parameter, setting, found, len(quiet))
        if found * patience <= len(quiet):
            break
    return f"{name}, tuned ({parameter} {setting:g})", alarms


def first_after(alarms: Ints, onset: int) -> int | None:
    """Give the delay in comments of the first alarm behind ``onset`` quiet comments; None where there is none."""
    later = alarms[alarms > onset]
    return int(later[0]) - onset if len(later) else None


def mean_patience(alarms: Ints, comments: int) -> float:
    """Give the comments between alarms; infinite without any."""
    return comments / len(alarms) if len(alarms) else float(np.inf)
