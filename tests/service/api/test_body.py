import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.body import NotJson, parse_json, whole_characters

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_json_is_read_as_it_was_written(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary() | st.text(st.characters(exclude_categories=())).map(lambda text: json.dumps(text).encode()))
def test_any_bytes_are_read_or_refused_with_a_position(data: bytes) -> None:
    try:
        parse_json(data)
    except NotJson as error:
        assert error.line >= 1 and error.column >= 1


def test_half_an_emoji_becomes_the_replacement_character_and_the_rest_stays() -> None:
    assert parse_json(rb'{"text": "\ud83d\ude02 \ud83d \ude02"}') == {"text": "😂 \ufffd \ufffd"}


def test_not_a_number_is_read_so_that_the_comment_can_be_named() -> None:
    document = parse_json(b'{"text": NaN, "id": 7}')
    assert document["text"] != document["text"] and document["id"] == 7


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**400])
def test_a_number_beyond_64_bits_reads_alike_on_both_paths(number: int) -> None:
    plain = parse_json(b'{"id": %d}' % number) if number < 10**300 else {"id": float("inf")}
    beside_half_an_emoji = parse_json(rb'{"text": "\ud83d", "id": %d}' % number)
    assert isinstance(plain["id"], float)
    assert beside_half_an_emoji["id"] == plain["id"]


def test_a_byte_order_mark_is_no_part_of_the_json() -> None:
    assert parse_json(b"\xef\xbb\xbf[1]") == [1]


def test_bytes_of_another_encoding_are_named_by_place() -> None:
    with pytest.raises(NotJson, match="byte 0xba, which is not UTF-8, at line 2, column 11") as caught:
        parse_json('{\n "text": "好看"}'.encode("gb18030"))
    assert (caught.value.line, caught.value.column) == (2, 11)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(NotJson):
        parse_json(b"[" * 200_000)


@given(st.text(st.characters(exclude_categories=())))
def test_whole_characters_can_be_encoded_and_change_nothing_else(text: str) -> None:
    whole = whole_characters(text)
    whole.encode()
    if "\ufffd" not in whole:
        assert whole == text
