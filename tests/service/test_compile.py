"""Compiling everything beforehand."""

import sys

import pytest

from service.compile import main


def test_no_loop_is_left_for_a_later_process() -> None:
    dispatcher = pytest.importorskip("numba.core.registry").CPUDispatcher
    main()
    loops = [
        (name, each)
        for module in ("service.api.rows", "service.monitor.bands", "service.monitor.brief_copies",
                       "service.monitor.followed", "service.monitor.loops", "service.monitor.regions",
                       "service.monitor.signals", "service.monitor.sketches")
        for name, each in vars(sys.modules[module]).items()
        if isinstance(each, dispatcher) and each.py_func.__module__ == module
    ]  # fmt: skip
    inner = {
        "_copy",
        "_list",
        "_null",
        "_number",
        "slot_of",
        "look_through",
        "bits_of",
        "place_bet",
        "evidence_of",
        "bet",
    }
    assert loops and {name for name, each in loops if not each.signatures} <= inner
