"""Machine code: how the functions of this folder are compiled, and where their code is kept.

numba keeps compiled code by the file of a function and does not see that a function it calls has changed in another
file. So the code of each state of these sources has a folder of its own, named by their digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import config
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys

F = TypeVar("F", bound=Callable[..., Any])

_HERE = Path(__file__).parent
_READ_BESIDE = ("features.py", "heads.py", "signals.py", "text.py")  # their constants are compiled in


def compiled(function: F) -> F:
    """Compile a function when it is first called, or load what an earlier process compiled; it runs without the lock
    of the interpreter, divides as numpy does and never reorders sums."""
    usual = config.CACHE_DIR
    config.CACHE_DIR = str(code_folder())
    try:
        return compiled_beside(function)
    finally:
        config.CACHE_DIR = usual


def inlined(function: F) -> F:
    """Compile a function into those that call it: a call hands over every part of every array."""
    either: F = numba.njit(nogil=True, error_model="numpy", forceinline=True)(function)
    return either


def compiled_beside(function: F) -> F:
    """The same, with the code kept where numba keeps any: in the `__pycache__` of the file."""
    code = numba.njit(nogil=True, error_model="numpy")(function)
    code._cache = _KeptCode(function)
    either: F = code
    return either


@cache
def code_folder() -> Path:
    """Give where the code of this state of the sources is kept, and what else is laid out once for all processes."""
    sources = [*sorted(_HERE.glob("*.py")), *(_HERE.parent / name for name in _READ_BESIDE)]
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
    return Path(config.CACHE_DIR or _HERE / "__pycache__") / f"poquan-{digest[:16]}"


class _KeptCode(FunctionCache):  # type: ignore[misc]
    """The kept code of a function, loaded without all that numba knows of Python and NumPy: that takes longer than the
    code, and only compiling needs it, which loads it by itself."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Give the code for these types, None where none is kept."""
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)
