from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Scorer, Scores, WordEffect
from service.api import results
from service.api.comments import check_comments
from service.api.results import Asked, Wanted, as_lines, scored, told, told_together
from tests.service.batch.scored import scores_of


class Fixed:
    """Gives the same scores whatever it is asked."""

    version = "fixed"

    def __init__(self, scores: Scores) -> None:
        self._scores = scores

    def score(self, texts: Sequence[str], *, explain: bool = False) -> Scores:
        return self._scores


def rows_of(scores: Scores, **wanted: bool) -> list[dict[str, Any]]:
    batch = check_comments([{"text": "好"}] * len(scores))
    return scored(cast(Scorer, Fixed(scores)), batch, Wanted(**wanted))


FACETS = [[0.9, 0.6, 0.0, 0.71239, 0.0, 0.8], [0.1, 0.1, 0.2, 0.0, 0.4, 0.0]]


def test_named_facets_have_their_probabilities_to_four_decimals() -> None:
    first, second = rows_of(scores_of([[1, 0, 0]] * 2, facets=FACETS))
    assert (first["circles"], first["aspects"], first["stage"]) == (["senior", "mine"], ["sound"], "refund")
    assert first["p_circles"] == {"senior": 0.9, "mine": 0.6}
    assert (first["p_aspects"], first["p_stages"]) == ({"sound": 0.7124}, {"refund": 0.8})
    assert (second["circles"], second["aspects"], second["stage"]) == ([], [], None)
    assert second["p_circles"] == second["p_aspects"] == second["p_stages"] == {}


def test_with_probabilities_the_named_stay_and_the_others_are_told_too() -> None:
    second = rows_of(scores_of([[1, 0, 0]] * 2, facets=FACETS), probabilities=True)[1]
    assert (second["circles"], second["aspects"], second["stage"]) == ([], [], None)
    assert second["p_circles"] == {"senior": 0.1, "mine": 0.1}
    assert second["p_aspects"] == {"story": 0.2, "sound": 0.0}
    assert second["p_stages"] == {"rewatch": 0.4, "refund": 0.0}


def test_words_are_told_only_where_the_scores_explain() -> None:
    words, facet_words = [[WordEffect("退票", -0.43219)]], [{"refund": [WordEffect("退票", 0.71239)]}]
    explained = rows_of(scores_of([[1, 0, 0]], words=words, facet_words=facet_words), explain=True)[0]
    assert explained["words"] == [{"word": "退票", "effect": -0.4322}]
    assert explained["facet_words"] == {"refund": [{"word": "退票", "effect": 0.7124}]}
    assert not {"words", "facet_words"} & set(rows_of(scores_of([[1, 0, 0]]))[0])


@pytest.mark.parametrize("probabilities", [True, False])
def test_no_comments_give_no_rows(probabilities: bool) -> None:
    batch = check_comments([])
    assert scored(Scorer.load(), batch, Wanted(probabilities=probabilities)) == []


CHANCE = st.floats(0, 1, width=32) | st.integers(0, 10_000).map(lambda steps: steps / 10_000)
ROW = st.tuples(st.lists(CHANCE, min_size=3, max_size=3), st.lists(CHANCE, min_size=6, max_size=6))
NAME = st.none() | st.text(max_size=4) | st.integers(-(2**63), 2**64 - 1)


@given(st.lists(st.tuples(ROW, NAME), max_size=4), st.booleans())
def test_the_compiled_writer_writes_what_orjson_writes_to_the_byte(
    comments: list[tuple[tuple[list[float], list[float]], str | int | None]], every: bool
) -> None:
    scorer = fixed([row for row, _ in comments])
    batch = check_comments([{"text": "", "id": name} for _, name in comments])
    expected = [orjson.dumps(row) for row in scored(scorer, batch, Wanted(probabilities=every))]
    assert told(scorer, batch, Wanted(probabilities=every)) == expected


def fixed(rows: Sequence[tuple[list[float], list[float]]]) -> Scorer:
    probabilities = np.asarray([row for row, _ in rows], np.float32).reshape(-1, 3)
    facets = np.asarray([row for _, row in rows], np.float32).reshape(-1, 6)
    return cast(Scorer, Fixed(scores_of(probabilities, facets=facets)))


@pytest.mark.parametrize("compiled", [True, False])
def test_requests_told_together_are_told_what_they_are_told_alone(
    compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not compiled:
        monkeypatch.setattr(results, "_row_writer", lambda: None)
    scorer = Scorer.load()
    texts = [["好看，值得二刷"], [], ["烂片，退票", "带着爸妈去看的，演技真好", ""], ["ok"]]
    requests = [
        Asked(check_comments([{"text": text, "id": place} for place, text in enumerate(some)]), number % 2 == 0)
        for number, some in enumerate(texts)
    ]
    together = told_together(scorer, requests)
    assert [rows for _, rows in together] == [
        told(scorer, batch, Wanted(probabilities=every)) for batch, every in requests
    ]
    assert {version for version, _ in together} == {scorer.version}


def test_lines_and_faults_stand_in_the_order_of_the_request() -> None:
    batch = check_comments([{"text": 5, "id": "a"}, {"text": "好"}, 7, {"text": "看"}])
    lines = as_lines([b"first", b"second"], batch.indices, batch.faults, "v").split(b"\n")
    assert (lines[1], lines[3], lines[4]) == (b"first", b"second", b"")
    assert [orjson.loads(lines[place])["index"] for place in (0, 2)] == [0, 2]
