"""The compiled loops and the same ones as Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from service.monitor import bands, brief_copies, sketches
from service.monitor.bands import BANDS, SLOTS, bands_of, enter, look_through, tabulate
from service.monitor.brief_copies import WINDOW, bits_of, count_near
from service.monitor.detectors import SIZES
from service.monitor.duplicates import NO_GROUP
from service.monitor.loops import bet, feed
from service.monitor.sketches import PLACES, WORDS, cut, find_marked, sketch
from service.monitor.watch import QUIET


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    python: Callable[..., Any] = getattr(function, "py_func", function)
    return python


def test_bets_are_the_same_without_a_compiler() -> None:
    dice = np.random.default_rng(0)
    shape = 40, 4
    signals, weights = dice.random(shape), np.where(dice.random(shape) < 0.6, dice.random(shape), 0.0)
    ceiling = np.array([np.inf, 0.5, np.inf, 2.0])
    results = []
    functions: list[Callable[..., Any]] = [bet, plain(bet)]
    for function in functions:
        parts = [np.zeros((4, len(SIZES))), np.zeros(4)]
        course = [np.empty(shape), np.empty(shape)]
        function(signals, weights, np.full(shape, 0.3), SIZES, 2, *parts, ceiling, *course)
        results.append([*parts, *course])
    for compiled, python in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, python, rtol=1e-12)
    heights = results[0][-1]
    assert heights[:, 1].max() <= 0.5 and heights.min() >= 0


def fed(function: Callable[..., Any], signals: Any, weights: Any, limit: float = 1e9) -> dict[str, Any]:
    """Feed a panel of quiet watches, all against the bound 0.3; give what changed."""
    rows, size = signals.shape
    names = ("total", "count", "waiting_total", "waiting_count")
    parts = {name: np.zeros(size) for name in ("cusum", *names)}
    sums, zero_seq, zero_time = np.zeros((size, len(SIZES))), np.zeros(size, np.int64), np.zeros(size)
    since, changed = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    after, crossed = function(
        0,
        rows,
        np.arange(100, 100 + rows),
        np.arange(rows) * 60.0,
        signals,
        weights,
        np.zeros(rows, np.int64),
        np.full(size, 0.3),
        np.ones(size, np.bool_),
        np.full(size, limit),
        np.full(size, QUIET),
        SIZES,
        2,
        sums,
        parts["cusum"],
        np.full(size, np.inf),
        *(parts[name] for name in names),
        zero_seq,
        zero_time,
        since,
        changed,
    )
    places = {"sums": sums, "zero_seq": zero_seq, "zero_time": zero_time, "since": since, "changed": changed}
    return {**parts, **places, "after": after, "crossed": crossed}


@pytest.mark.parametrize("limit", [1e9, 300.0])
def test_a_panel_is_fed_the_same_without_a_compiler(limit: float) -> None:
    dice = np.random.default_rng(1)
    shape = 32, 5
    signals, weights = dice.random(shape), np.where(dice.random(shape) < 0.8, dice.random(shape), 0.0)
    compiled, python = (fed(function, signals, weights, limit) for function in (feed, plain(feed)))
    for name, value in compiled.items():
        np.testing.assert_allclose(value, python[name], rtol=1e-12, err_msg=name)
    assert compiled["crossed"] == (limit < 1e9) and compiled["changed"].any() == compiled["crossed"]
    taken = compiled["after"]
    heard = compiled["count"] + compiled["waiting_count"]
    np.testing.assert_allclose(heard, weights[:taken].sum(axis=0))


def test_only_what_lies_before_the_last_zero_is_learned() -> None:
    signals = np.array([[0.0], [0.1], [1.0], [1.0]])
    found = fed(feed, signals, np.ones((4, 1)))
    assert (found["total"][0], found["count"][0]) == (0.1, 2)
    assert (found["waiting_total"][0], found["waiting_count"][0]) == (2, 2)
    assert (found["zero_seq"][0], found["zero_time"][0], found["since"][0]) == (101, 60.0, 2)


def test_comments_are_entered_the_same_without_a_compiler_and_without_a_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = np.random.default_rng(2)
    sketches = dice.integers(0, 256, (60, PLACES), np.uint8)
    sketches[30:] = np.where(dice.random((30, PLACES)) < 0.25, sketches[30:], sketches[:30])
    ways: list[tuple[Callable[..., Any], int]] = [(enter, SLOTS), (enter, 0), (plain(enter), SLOTS), (plain(enter), 0)]
    results = []
    for function, slots in ways:
        if function is not enter:
            for inner in (bands.slot_of, look_through):
                monkeypatch.setattr(bands, inner.__name__, plain(inner))
        table, joined, places = np.zeros(slots, np.uint16), np.full(60, NO_GROUP), np.arange(60)
        ring = np.zeros((64, PLACES), np.uint8)
        columns = [np.zeros(64), np.zeros(64, np.int64), np.zeros(64, np.int64), np.zeros(64)]
        new = sketches, bands_of(sketches), np.arange(60.0), places, places + 7
        function(*new, 0, 64, 1_000.0, 0.55 * PLACES, ring, bands_of(ring), *columns, table, joined)
        if slots:
            again = np.zeros(SLOTS, np.uint16)
            tabulate(bands_of(ring), places, again)
            assert np.array_equal(again, table)
        results.append((joined.tolist(), [column.tolist() for column in columns]))
    assert all(result == results[0] for result in results)
    assert sum(group != NO_GROUP for group in results[0][0]) > 20 and BANDS == PLACES // 2


def test_texts_are_read_the_same_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        "剧情太拖沓了，看到一半就想走👍",
        "特效真的差",
        "",
        "看//哭@了",
        "#一# 还行，就是有点长[doge]",
        "很好" * 200,
    ]
    compiled = sketch(texts)
    for function in (cut, find_marked):
        monkeypatch.setattr(sketches, function.__name__, plain(function))
    assert [each.tolist() for each in compiled] == [each.tolist() for each in sketch(texts)]
    assert len(compiled[1]) == 2 and compiled[2].any(axis=1).sum() == 3


def test_near_ones_are_counted_the_same_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(3)
    one = dice.integers(0, 1 << 60, WORDS, np.uint64)
    characters = np.where(dice.random((90, 1)) < 0.4, one, dice.integers(0, 1 << 60, (90, WORDS), np.uint64))
    characters ^= np.uint64(1) << dice.integers(0, 60, (90, WORDS), np.uint64)
    results = []
    functions: list[Callable[..., Any]] = [count_near, plain(count_near)]
    for function in functions:
        if function is not count_near:
            monkeypatch.setattr(brief_copies, bits_of.__name__, plain(bits_of))
        ring = np.zeros((WINDOW, WORDS), np.uint64)
        columns = [np.zeros(WINDOW), np.zeros(WINDOW, np.int64), np.zeros(WINDOW, np.int64), np.zeros(WINDOW)]
        joined, near = np.full(90, NO_GROUP), np.zeros(90, np.int64)
        new = characters, np.arange(90.0), np.arange(90) % 7, np.arange(90) + 7
        function(*new, 0, WINDOW, 80.0, ring, *columns, joined, near)
        results.append([each.tolist() for each in (ring, *columns, joined, near)])
    assert results[0] == results[1]
    assert sum(group != NO_GROUP for group in results[0][-2]) > 20 and max(results[0][-1]) > 15
