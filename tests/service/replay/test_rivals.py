import sys
from collections.abc import Callable

import numpy as np
import pytest

from service.monitor.comments import F64, Ints
from service.replay.rivals import NoRiver, adwin, always, page_hinkley, vendor_rule

Rival = Callable[[F64], Ints]

WAVES = np.resize([0.1, 0.2], 700)  # every window of a hundred has the same mean


def test_always_fires_at_every_hundredth_comment() -> None:
    assert always(350).tolist() == [100, 200, 300]
    assert always(350, every=150).tolist() == [150, 300]
    assert always(99).tolist() == []


def test_the_vendor_rule_fires_at_the_end_of_the_window_that_stands_out() -> None:
    signal = np.repeat([0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.4, 0.2], 100)
    assert vendor_rule(signal).tolist() == [900]


def test_the_vendor_rule_needs_seven_windows_before() -> None:
    assert vendor_rule(np.repeat([0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.9], 100)).tolist() == []


def test_the_vendor_rule_lets_pass_what_is_within_three_deviations() -> None:
    before = [0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.15]  # mean 0.15, deviation 0.0463
    for last, alarms in ((0.28, []), (0.30, [800])):
        assert vendor_rule(np.repeat([*before, last], 100)).tolist() == alarms


def test_the_vendor_rule_leaves_an_unfinished_window_alone() -> None:
    assert vendor_rule(np.concatenate([WAVES, np.ones(99)])).tolist() == []
    assert vendor_rule(np.concatenate([WAVES, np.ones(100)])).tolist() == [800]


@pytest.mark.parametrize("rival", [adwin, page_hinkley])
def test_rivers_detectors_see_a_large_rise_and_only_a_rise(rival: Rival) -> None:
    pytest.importorskip("river")
    rise = np.concatenate([np.resize([0.0, 0.2], 600), np.resize([0.8, 1.0], 600)])
    alarms = rival(rise).tolist()
    assert alarms and all(alarm > 600 for alarm in alarms)
    assert rival(1 - rise).tolist() == []


@pytest.mark.parametrize("rival", [adwin, page_hinkley])
def test_without_river_the_remedy_is_told(rival: Rival, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "river.drift", None)
    with pytest.raises(NoRiver, match=r"pip install 'poquan\[bench\]'"):
        rival(WAVES)
