from datetime import UTC, date, datetime

import pytest

from service.batch.kinds import Kinds, kinds_of, merge_kinds


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1", "text"),
        (True, "bool"),
        (2**63 - 1, "int"),
        (2**63, "long"),
        (0.5, "float"),
        (date(2024, 1, 2), "day"),
        (datetime(2024, 1, 2), "time"),
        (datetime(2024, 1, 2, tzinfo=UTC), "moment"),
        (["a", "b"], "list"),
        ([1], "json"),
        ({"a": 1}, "json"),
    ],
)
def test_the_kind_of_a_value(value: object, kind: str) -> None:
    assert kinds_of([{"column": value}]) == {"column": {kind}}


def test_missing_values_have_no_kind() -> None:
    assert kinds_of([{"a": None}, {}]) == {"a": set()}


def test_kinds_of_further_rows_are_added() -> None:
    kinds: Kinds = {"a": {"int"}}
    merge_kinds(kinds, {"a": ["float"], "b": []})
    assert kinds == {"a": {"int", "float"}, "b": set()}
