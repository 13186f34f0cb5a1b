"""A panel of watches: from quiet to pending to firing to resolved, and what an episode must not teach."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.monitor.baseline import Prior
from service.monitor.comments import F64
from service.monitor.panel import Panel
from service.monitor.state import pack, unpack
from service.monitor.watch import RETURNED, SETTLED, UNCONFIRMED, Crossing, Watch

PRIOR = Prior(0.2, strength=4, learn=32, margin=0.01, least=0.02)
NEGATIVE = Watch("backlash", {"signal": "negative"}, PRIOR, part=0.5)
OTHER = Watch("backlash", {"signal": "exit"}, PRIOR, part=0.25)
PATIENCE = 10_000.0
HOUR = 3600.0


def shares(*parts: tuple[float, int], seed: int = 0) -> F64:
    """Yes and no with each share in turn."""
    dice = np.random.default_rng(seed)
    return np.concatenate([dice.random(length) < share for share, length in parts]).astype(np.float64)[:, None]


def feed(panel: Panel, signals: F64, start: int = 0, step: float = 60.0, cuts: Sequence[int] = ()) -> list[Crossing]:
    seq = np.arange(start + 1, start + len(signals) + 1)
    found = []
    bounds = [0, *sorted(cut for cut in cuts if cut < len(signals)), len(signals)]
    for a, b in pairwise(bounds):
        found += panel.update(seq[a:b], seq[a:b].astype(np.float64) * step, signals[a:b], np.ones_like(signals[a:b]))
    return found


def test_a_turn_is_pending_then_firing_then_resolved() -> None:
    panel = Panel([NEGATIVE], PATIENCE)
    crossings = feed(panel, shares((0.1, 400), (0.6, 200), (0.1, 400)))
    assert [each.state for each in crossings if each.reason != UNCONFIRMED][-3:] == ["pending", "firing", "resolved"]
    pending, firing, resolved = crossings[-3:]
    assert pending.seq <= firing.seq < 460 and 600 < resolved.seq < 760 and resolved.reason == RETURNED
    assert 380 <= firing.onset_seq <= 410 and resolved.onset_seq == firing.onset_seq
    assert firing.comments == firing.seq - firing.onset_seq + 1
    assert 0.05 < firing.baseline.value < 0.15 and firing.now.value > 0.4
    assert firing.now.low < firing.now.value < firing.now.high


def test_a_quiet_stream_stays_quiet() -> None:
    assert not any(each.state == "firing" for each in feed(Panel([NEGATIVE], PATIENCE), shares((0.15, 4_000))))


def test_while_it_learns_nothing_is_told() -> None:
    panel = Panel([NEGATIVE], PATIENCE)
    assert feed(panel, shares((0.9, 31))) == []  # a bad start is no turn
    assert not any(each.state == "firing" for each in feed(panel, shares((0.9, 300)), start=31))


def test_an_episode_teaches_the_baseline_nothing() -> None:
    panel = Panel([NEGATIVE], PATIENCE)
    feed(panel, shares((0.1, 400)))
    before = float(panel.baselines.mean[0])
    feed(panel, shares((0.7, 300)), start=400)
    assert abs(float(panel.baselines.mean[0]) - before) < 0.02
    feed(panel, shares((0.1, 400)), start=700)
    assert abs(float(panel.baselines.mean[0]) - 0.1) < 0.03


def test_a_level_that_stays_becomes_the_normal_one() -> None:
    panel = Panel([NEGATIVE], PATIENCE)
    crossings = feed(panel, shares((0.1, 400), (0.5, 3_000)), step=600.0)
    assert [each.reason for each in crossings if each.reason not in ("", UNCONFIRMED)] == [SETTLED]
    assert 0.45 < float(panel.baselines.mean[0]) < 0.55
    assert not any(each.state == "firing" for each in feed(panel, shares((0.5, 2_000), seed=2), start=3_400))


def test_a_watch_among_several_has_its_part_of_the_false_alarms() -> None:
    alone, both = Panel([NEGATIVE], PATIENCE), Panel([NEGATIVE, OTHER], PATIENCE)
    turn = shares((0.1, 400), (0.4, 400))
    expected = feed(alone, turn)
    together = feed(both, np.repeat(turn, 2, axis=1))
    assert [each for each in together if each.watch == NEGATIVE] == expected
    fires = {each.watch.labels["signal"]: each.seq for each in together if each.state == "firing"}
    assert fires["negative"] <= fires["exit"]  # half the part needs twice the evidence


def test_comments_are_held_against_their_own_kind() -> None:
    # One kind is always negative, the other never: as many more of the first are no turn.
    kinds = [NEGATIVE, *(Watch("backlash", {"platform": name}, PRIOR, 0.1) for name in "ab")]
    dice = np.random.default_rng(1)
    of_a = np.concatenate([dice.random(600) < 0.2, dice.random(600) < 0.9])
    signals = np.repeat(np.where(of_a, dice.random(1_200) < 0.9, dice.random(1_200) < 0.05)[:, None], 3, axis=1)
    weights = np.stack([np.ones(1_200), of_a, ~of_a], axis=1).astype(np.float64)
    seq = np.arange(1, 1_201)
    strata, time = np.where(of_a, 1, 2), seq.astype(np.float64) * 60
    crossings = Panel(kinds, PATIENCE).update(seq, time, signals.astype(np.float64), weights, strata)
    assert not any(each.state == "firing" for each in crossings)
    blind = Panel([NEGATIVE], PATIENCE).update(seq, time, signals[:, :1].astype(np.float64), weights[:, :1])
    assert any(each.state == "firing" for each in blind)


@settings(deadline=None)
@given(cuts=st.lists(st.integers(1, 899), max_size=8), stop=st.integers(1, 899))
def test_neither_cuts_nor_a_stored_state_make_a_difference(cuts: list[int], stop: int) -> None:
    signals = np.repeat(shares((0.1, 300), (0.5, 300), (0.1, 300)), 2, axis=1)
    whole, parted = Panel([NEGATIVE, OTHER], PATIENCE), Panel([NEGATIVE, OTHER], PATIENCE)
    expected = feed(whole, signals)
    found = feed(parted, signals[:stop], cuts=cuts)
    restored = Panel.from_state(unpack(pack(parted.state())), PATIENCE)
    found += feed(restored, signals[stop:], start=stop, cuts=[cut - stop for cut in cuts if cut > stop])
    assert found == expected
    for name, part in whole.detectors.state().items():
        assert np.array_equal(part, restored.detectors.state()[name])
    for name, part in whole.baselines.state().items():
        assert np.array_equal(part, restored.baselines.state()[name])


def test_a_watch_can_be_added_on_the_way() -> None:
    panel = Panel([NEGATIVE], PATIENCE)
    feed(panel, shares((0.1, 50)))
    assert panel.add(OTHER) == 1
    crossings = feed(panel, np.repeat(shares((0.1, 300), (0.6, 200)), 2, axis=1), start=50)
    assert {each.watch.labels["signal"] for each in crossings if each.state == "firing"} == {"negative", "exit"}
