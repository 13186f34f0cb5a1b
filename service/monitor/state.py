"""States as bytes: what a stream has learned, kept between two runs. Reading one executes nothing."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

#: What a state may hold: JSON values (text keys), NumPy arrays of numbers, and bytes, nested as you like.
State = Mapping[str, Any]


def pack(state: State) -> bytes:
    """Give a state as bytes, the same for the same state; floats and arrays come back to the last bit.

    >>> unpack(pack({"seen": 3, "evidence": np.array([0.1, np.inf])}))
    {'seen': 3, 'evidence': array([0.1, inf])}
    """
    return zlib.compress(orjson.dumps(_plain(state)), 1)


def unpack(packed: bytes) -> dict[str, Any]:
    """Give the state back. Raises ValueError where the bytes are no packed state."""
    try:
        found = orjson.loads(zlib.decompress(packed))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise ValueError(f"The stored state is damaged ({error}).") from error
    state = _whole(found)
    if not isinstance(state, dict):
        raise ValueError(f"The stored state is {type(state).__name__}, not a table.")
    return state


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.ndarray):
        raw = np.ascontiguousarray(value)
        return {"$array": [raw.dtype.str, raw.shape, base64.b64encode(raw.tobytes()).decode()]}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    return value.item() if isinstance(value, np.generic) else value


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "$array" in value:
        kind, shape, raw = value["$array"]
        if np.dtype(kind).hasobject:
            raise ValueError(f"The stored state has an array of {kind}, which is none of numbers.")
        return np.frombuffer(base64.b64decode(raw), kind).reshape(shape).copy()
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    return {key: _whole(each) for key, each in value.items()}
