"""States as bytes: everything comes back, nothing is executed, damage is told."""

import base64
import zlib
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.monitor.state import pack, unpack

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(state=st.dictionaries(st.text("abc", max_size=4), VALUES))
def test_json_values_come_back(state: dict[str, Any]) -> None:
    assert unpack(pack(state)) == orjson.loads(orjson.dumps(state))


@given(
    array=arrays.arrays(st.sampled_from([np.float64, np.int8, np.uint64, np.bool_]), arrays.array_shapes(min_side=0))
)
def test_arrays_come_back_to_the_last_bit(array: np.ndarray[Any, Any]) -> None:
    found = unpack(pack({"deep": [{"array": array}]}))["deep"][0]["array"]
    assert found.dtype == array.dtype and found.shape == array.shape and found.tobytes() == array.tobytes()


def test_the_same_state_gives_the_same_bytes() -> None:
    assert pack({"a": np.arange(3), "b": b"x"}) == pack({"a": np.arange(3), "b": b"x"})


def test_what_is_restored_can_be_changed() -> None:
    found = unpack(pack({"a": np.zeros(3)}))["a"]
    found += 1
    assert found.tolist() == [1, 1, 1]


def test_damage_is_told() -> None:
    whole = pack({"a": 1})
    with pytest.raises(ValueError, match="damaged"):
        unpack(whole[:-3])
    with pytest.raises(ValueError, match="not a table"):
        unpack(zlib.compress(b"[1]"))


def test_an_array_of_objects_is_refused() -> None:
    hostile = {"a": {"$array": ["|O", [1], base64.b64encode(b"\x00" * 8).decode()]}}
    with pytest.raises(ValueError, match="none of numbers"):
        unpack(zlib.compress(orjson.dumps(hostile)))
