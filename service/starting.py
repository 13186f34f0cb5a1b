"""Starting: what makes a process of the service ready sooner."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def swift_start() -> Iterator[None]:
    """Within it modules are loaded without collecting garbage, of which loading makes none; what is there at the end is
    never looked through again, which also spares requests the pauses."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def load_compiler() -> None:
    """Load what numba needs to run code, without the linear algebra of SciPy, which it asks for but no loop here uses.

    For a process that only scores: no compiled function in it can multiply matrices by `numpy.dot`.
    """
    try:
        from numba.core.registry import cpu_target
    except Exception:  # whatever it is, `model.compiled` meets it too and tells
        return
    absent = "scipy.linalg" not in sys.modules
    if absent:
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]  # an import of it fails at once
    try:
        cpu_target.typing_context.refresh()
        cpu_target.target_context.refresh()
    finally:
        if absent:
            del sys.modules["scipy.linalg"]
