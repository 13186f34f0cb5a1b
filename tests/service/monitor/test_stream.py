"""The monitor of a stream: what is told of praise that turns, of waves, of circles that come, and what is not."""

from collections.abc import Sequence
from itertools import cycle, islice, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.monitor.alerts import AlertChange
from service.monitor.comments import ScoredComments
from service.monitor.expectations import Expectations
from service.monitor.state import pack, unpack
from service.monitor.stream import StreamMonitor
from tests.benchmarks.waves import copies
from tests.service.monitor.said import NAMES, Said, scored


def words(seed: int, length: int = 14) -> str:
    """Words of no sense that are no near-copy of any others."""
    dice = np.random.default_rng(10**9 + seed)
    return "".join(chr(0x4E00 + place) for place in dice.integers(0, 18_000, length))


def talk(share: float, length: int, seed: int = 0, platform: str | None = None) -> list[Said]:
    """Different comments by different authors, that share of them negative."""
    negative = np.random.default_rng(seed).random(length) < share
    return [
        Said(words(10_000 * (seed + 1) + place), 0.95 if bad else 0.05, platform=platform, author=f"{seed}-{place}")
        for place, bad in enumerate(negative.tolist())
    ]


def run(monitor: StreamMonitor, said: Sequence[Said]) -> list[AlertChange]:
    return monitor.update(scored(said, first=1)).changes


def names(changes: Sequence[AlertChange]) -> set[str]:
    return {change.labels["alertname"] for change in changes if change.state == "firing"}


def new(expected: Expectations | None = None) -> StreamMonitor:
    return StreamMonitor("灯火", NAMES.circles, expected)


def test_a_turn_is_told_with_where_it_began() -> None:
    changes = run(new(), talk(0.1, 400) + talk(0.7, 150, seed=1))
    (fired,) = [change for change in changes if change.state == "firing"]
    assert fired.labels == {"alertname": "backlash", "stream": "灯火", "signal": "negative"}
    assert 400 < fired.seq < 450 and 380 <= fired.onset_seq <= 410 and fired.severity == "critical"
    assert fired.started_seq == fired.seq and fired.comments_to_alarm == fired.seq - fired.onset_seq + 1


def test_steady_talk_is_not_told() -> None:
    assert names(run(new(), talk(0.15, 3_000))) == set()


def test_a_bad_opening_is_told_as_such_and_not_as_a_turn() -> None:
    assert names(run(new(), talk(0.75, 600))) == {"poor_opening"}


def test_a_copied_comment_is_a_wave_and_no_turn() -> None:
    praise, wave = talk(0.1, 600), [Said(words(7), 0.95, author=f"w{place}") for place in range(120)]
    mixed = [each for pair in zip(talk(0.1, 120, seed=2), wave, strict=True) for each in pair]
    assert names(run(new(), praise + mixed)) == {"coordinated"}


def test_a_copied_comment_of_a_few_words_is_a_wave_and_no_turn() -> None:
    said = copies("结局太敷衍了吧", 150, seed=3)
    wave = [Said(text, 0.95, author=f"w{place}") for place, text in enumerate(said)]
    mixed = [each for pair in zip(talk(0.02, 150, seed=2), wave, strict=True) for each in pair]
    assert names(run(new(), talk(0.02, 600) + mixed)) == {"coordinated"}


def test_one_author_cannot_turn_a_stream() -> None:
    angry = [Said(words(place, 20), 0.95, author="same") for place in range(200)]
    assert names(run(new(), talk(0.1, 600) + angry)) == set()


def test_more_of_a_worse_platform_are_no_turn() -> None:
    good, bad = talk(0.05, 900, platform="maoyan"), talk(0.6, 900, seed=1, platform="tieba")
    before = [each for trio in zip(good[:600:2], good[1:600:2], bad[:300], strict=True) for each in trio]
    assert names(run(new(), before + bad[300:])) == set()


def test_a_turn_on_one_platform_is_told_of_it() -> None:
    a, b = talk(0.1, 800, platform="weibo"), talk(0.1, 800, seed=1, platform="douban")
    worse = talk(0.8, 100, seed=2, platform="weibo")
    before = [each for pair in zip(a, b, strict=True) for each in pair]
    fired = [change for change in run(new(), before + worse) if change.state == "firing"]
    assert {"platform": "weibo"}.items() <= fired[-1].labels.items() or "platform" not in fired[0].labels
    assert any(change.labels.get("platform") == "weibo" for change in fired)
    assert not any(change.labels.get("platform") == "douban" for change in fired)


def test_a_circle_beyond_what_was_expected_is_told_against_it() -> None:
    parents = [Said(words(place), 0.1, ("family",), author=str(place)) for place in range(200)]
    before = talk(0.1, 600)
    monitor = new(Expectations(core=("cinephile",)))
    changes = run(monitor, before + parents)
    assert {"circle_rise", "breakout"} <= names(changes)
    assert {change.labels.get("circle") for change in changes if change.labels["alertname"] == "circle_rise"} == {
        "family"
    }


def test_women_among_those_who_declare_are_told_against_the_expectation() -> None:
    said = [
        Said(words(place), 0.1, author=str(place), gender="female" if place % 5 else "male") for place in range(400)
    ]
    (fired,) = [change for change in run(new(Expectations(women=0.5)), said) if change.state == "firing"]
    assert fired.labels["signal"] == "women" and fired.baseline.value == 0.5 and fired.now.value > 0.7


def test_the_core_is_what_the_first_phase_spoke_from() -> None:
    circles = islice(cycle([("cinephile",), ("cinephile",), ("cinephile",), ("comedy",)]), 320)
    monitor = new()
    run(monitor, [Said(words(place), 0.1, facets, author=str(place)) for place, facets in enumerate(circles)])
    assert monitor.core == ("cinephile",)


STORY = (
    talk(0.1, 320, platform="weibo")
    + talk(0.1, 60, seed=3, platform="douban")
    + [Said(words(9), 0.9, ("family",), "weibo", author=f"w{place}") for place in range(40)]
    + [Said(text, 0.9, (), "weibo", author=f"b{place}") for place, text in enumerate(copies("结局太敷衍了吧", 30))]
    + talk(0.7, 120, seed=4, platform="weibo")
    + talk(0.1, 160, seed=5, platform="douban")
)
WHOLE = scored(STORY, first=1)


def fed(monitor: StreamMonitor, comments: ScoredComments, cuts: Sequence[int]) -> list[AlertChange]:
    bounds = [0, *sorted(cuts), len(comments)]
    return [change for start, end in pairwise(bounds) for change in monitor.update(comments[start:end]).changes]


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(0, len(STORY)), max_size=6), stop=st.integers(0, len(STORY)))
def test_neither_cuts_nor_a_restart_make_a_difference_to_the_last_bit(cuts: list[int], stop: int) -> None:
    whole = new()
    expected = fed(whole, WHOLE, [])
    first = new()
    found = fed(first, WHOLE[:stop], [cut for cut in cuts if cut <= stop])
    second = StreamMonitor.from_state("灯火", unpack(pack(first.state())))
    found += fed(second, WHOLE[stop:], [cut - stop for cut in cuts if cut > stop])
    assert found == expected and names(expected) >= {"backlash", "coordinated"}
    assert pack(second.state()) == pack(whole.state())
