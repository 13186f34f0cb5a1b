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

F = TypeVar("F", bound=Callable[..., Any])

_HERE = Path(__file__).parent
_READ_BESIDE = ("features.py", "heads.py", "signals.py", "text.py")  # their constants are compiled in


def compiled(function: F) -> F:
    """Compile a function when it is first called, or load what an earlier process compiled; it runs without the lock
    of the interpreter, divides as numpy does and never reorders sums."""
    usual = config.CACHE_DIR
    config.CACHE_DIR = str(code_folder())
    try:
        code: F = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = usual
    return code


@cache
def code_folder() -> Path:
    """Give where the code of this state of the sources is kept, and what else is laid out once for all processes."""
    sources = [*sorted(_HERE.glob("*.py")), *(_HERE.parent / name for name in _READ_BESIDE)]
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
    return Path(config.CACHE_DIR or _HERE / "__pycache__") / f"poquan-{digest[:16]}"
