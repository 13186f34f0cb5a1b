import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.comments import LISTED, check_comments, read_json, read_ndjson, shown
from service.api.problem import Problem

ANY_TEXT = st.text(st.characters(exclude_categories=()))
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
ANYTHING = st.recursive(
    SCALAR, lambda values: st.lists(values, max_size=3) | st.dictionaries(ANY_TEXT, values, max_size=3), max_leaves=6
)
COMMENT = st.fixed_dictionaries({}, optional={"text": ANYTHING, "id": ANYTHING, "platform": ANYTHING, "work": ANYTHING})
REQUEST = ANYTHING | COMMENT | st.fixed_dictionaries({"comments": ANYTHING | st.lists(COMMENT | ANYTHING, max_size=5)})


@given(REQUEST)
def test_any_json_gives_a_batch_or_a_problem_that_can_be_sent(request: Any) -> None:
    body = json.dumps(request).encode()
    try:
        batch, _ = read_json(body, max_comments=4)
    except Problem as problem:
        assert 400 <= problem.status < 500
        orjson.dumps(problem.document)
    else:
        orjson.dumps([batch.texts, batch.ids, batch.faults])


@given(st.lists(COMMENT | ANYTHING))
def test_every_comment_is_either_good_or_told(comments: list[Any]) -> None:
    batch = check_comments(comments)
    assert sorted(batch.indices + [fault["index"] for fault in batch.faults]) == list(range(len(comments)))
    assert len(batch.texts) == len(batch.ids) == len(batch.indices)


@given(st.binary())
def test_any_bytes_are_lines_or_a_problem(body: bytes) -> None:
    try:
        batch = read_ndjson(body, max_comments=3)
    except Problem as problem:
        assert problem.status == 413
    else:
        orjson.dumps(batch.faults)


def test_columns_keep_the_place_of_each_good_comment() -> None:
    batch = check_comments([{"text": "好看", "id": 7, "platform": "weibo"}, {"text": 5}, {"text": "", "extra": []}])
    assert (batch.texts, batch.ids, batch.indices) == (["好看", ""], [7, None], [0, 2])


@pytest.mark.parametrize("name", ["platform", "work", "time", "likes"])
@pytest.mark.parametrize("value", ["weibo", 5, None, {"name": "weibo"}])
def test_what_scoring_does_not_use_is_not_looked_at(name: str, value: Any) -> None:
    assert check_comments([{"text": "好看", name: value}]).faults == []


@pytest.mark.parametrize(
    ("comment", "field", "value", "message"),
    [
        ({"text": None}, "text", "null", "not null"),
        ({"text": 5}, "text", "5", "not a number"),
        ({"text": ["好看"]}, "text", "[…]", "not a list"),
        ({"text": True}, "text", "true", "not a boolean"),
        ({"txt": "好看"}, "text", None, "text is missing"),
        ({"text": "好看", "id": 1.5}, "id", "1.5", "send it as a string"),
        ({"text": "好看", "id": True}, "id", "true", "not a boolean"),
        ({"text": "好看", "id": {"number": 1}}, "id", "{…}", "not an object"),
        ("好看", "comment", '"好看"', "must be an object"),
    ],
)
def test_a_fault_names_field_value_and_remedy(comment: Any, field: str, value: str | None, message: str) -> None:
    [fault] = check_comments([comment]).faults
    assert (fault["index"], fault["field"], fault["value"]) == (0, field, value)
    assert message in fault["message"]


def test_a_fault_carries_the_id_where_it_can_be_read() -> None:
    faults = check_comments([{"id": "a", "text": 1}, {"id": [], "text": 1}]).faults
    assert faults[0]["id"] == "a"
    assert "id" not in faults[1]


@pytest.mark.parametrize(
    ("body", "field", "remedy"),
    [
        ('[{"text": "好看"}]', "body", '{"comments": [...]}'),
        ('"好看"', "body", 'send {"text": "..."}'),
        ("{}", "text", "neither text nor comments"),
        ('{"text": "a", "comments": []}', "text", "one of the two"),
        ('{"comments": {"text": "a"}}', "comments", "must be a list"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_the_remedy(body: str, field: str, remedy: str) -> None:
    with pytest.raises(Problem) as caught:
        read_json(body.encode(), max_comments=10)
    assert caught.value.status == 422
    assert caught.value.document["errors"][0]["field"] == field
    assert remedy in caught.value.document["detail"]


def test_a_comment_by_itself_is_told_from_a_list_of_one() -> None:
    assert read_json(b'{"text": "a"}', 1)[1] is True
    assert read_json(b'{"comments": [{"text": "a"}]}', 1)[1] is False


@pytest.mark.parametrize("count", [2, 3])
def test_the_bound_on_comments_holds_at_the_bound(count: int) -> None:
    body = orjson.dumps({"comments": [{"text": "a"}] * count})
    if count == 2:
        assert len(read_json(body, max_comments=2)[0]) == 2
        return
    with pytest.raises(Problem, match="3 comments; one request may have 2") as caught:
        read_json(body, max_comments=2)
    assert caught.value.document["max_comments"] == 2


def test_empty_lines_count_for_nothing() -> None:
    assert read_ndjson(b'\n{"text": "a"}\r\n \n{"text": "b"}', max_comments=2).texts == ["a", "b"]


def test_a_broken_line_is_named_by_its_number_and_loses_no_other() -> None:
    batch = read_ndjson(b'{"text": "a"}\n\n{"text":\n{"text": "b"}', max_comments=3)
    assert batch.texts == ["a", "b"]
    assert batch.faults[0]["index"] == 1
    assert batch.faults[0]["message"].startswith("Line 3 is not JSON: ")


def test_a_refusal_lists_at_most_so_many_faults() -> None:
    with pytest.raises(Problem) as caught:
        check_comments([5] * (LISTED + 1)).require_all()
    assert len(caught.value.document["errors"]) == LISTED
    assert f"{LISTED + 1} of {LISTED + 1} comments" in caught.value.document["detail"]


@given(ANYTHING)
def test_a_shown_value_is_short_and_can_be_sent(value: Any) -> None:
    text = shown(value)
    assert len(text) <= 81
    orjson.dumps(text)
