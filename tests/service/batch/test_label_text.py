"""Labels written at once say what `label_rows` says one by one."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Scores, WordEffect
from service.batch.columns import label_rows, plan_layout, rounded_numbers
from service.batch.encode import Encoder, as_json
from service.batch.forms import Form
from service.batch.label_text import LabelText
from tests.service.batch.scored import FACETS, scores_of

chances = st.floats(0, 1, width=32)
rows = st.lists(st.tuples(*[chances] * 3, *[chances] * len(FACETS)), max_size=20)
WORDS = [WordEffect("退票", -0.43219)]


def scores_with(given_rows: Sequence[tuple[float, ...]], explain: bool) -> Scores:
    probabilities = np.array(given_rows, np.float32).reshape(-1, 3 + len(FACETS))
    words = [WORDS] * len(given_rows) if explain else None
    facet_words = [{"senior": WORDS}] * len(given_rows) if explain else None
    return scores_of(probabilities[:, :3], words, probabilities[:, 3:], facet_words)


@given(rows, st.sampled_from([(), ("mine",), ("senior", "mine")]), st.booleans())
def test_csv_cells_and_json_members(
    given_rows: list[tuple[float, ...]], circles: tuple[str, ...], explain: bool
) -> None:
    scores, labels = scores_with(given_rows, explain), LabelText(FACETS, circles)
    layout = plan_layout(["text", "n"], explain, circles)
    records: list[dict[str, object]] = [{"text": f"第{place}条", "n": place} for place in range(len(given_rows))]
    inputs = [[record[name] for record in records] for name in ("text", "n")]
    for _ in range(2):  # the second time the pieces are there
        csv = Encoder(layout, Form("csv"))
        assert csv.table([*inputs, *labels.cells(scores)]) == csv.rows(records, label_rows(scores, circles))
        jsonl = Encoder(layout, Form("jsonl"))
        assert jsonl.lines(records, labels.members(scores)) == jsonl.rows(records, label_rows(scores, circles))


@given(st.lists(st.floats(-1, 1, width=32)))
def test_numbers_are_rounded_as_round_does(numbers: list[float]) -> None:
    rounded = rounded_numbers(np.array(numbers, np.float32)).tolist()
    assert list(map(repr, rounded)) == [repr(round(number, 4)) for number in numbers]


def test_every_number_reads_alike_in_csv_and_json() -> None:
    numbers = [step / 10_000 for step in range(-10_000, 10_001)]
    assert as_json(numbers).decode() == "[" + ",".join(map(repr, numbers)) + "]"


@pytest.mark.parametrize(
    ("columns", "record"),
    [
        (["text", "polarity"], {"text": "好", "polarity": "我标的"}),  # goes on as input_polarity
        (["text", *plan_layout([], explain=False).labels], {"text": "好", "polarity": "neutral"}),  # is replaced
        (["text"], {}),
        (["text"], {"text": "好\ud83d看"}),
        (["text", "id"], {"text": "好", "id": 2**70}),
    ],
)
def test_json_lines_of_unusual_records(columns: list[str], record: dict[str, object]) -> None:
    scores, encoder = scores_of([[0.1, 0.2, 0.7]]), Encoder(plan_layout(columns, explain=False), Form("jsonl"))
    line = encoder.lines([record], LabelText(FACETS, ()).members(scores))
    assert line == encoder.rows([record], label_rows(scores))
    assert json.loads(line)["polarity"] == "positive"
