"""New groups are found, followed under one id, and proposed once their growth is sure."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.facets import FacetNames
from model.words import Words
from service.monitor.comments import ScoredComments
from service.monitor.followed import Followed, count, null_share
from service.monitor.naming import name_segment
from service.monitor.regions import UNIT, Cap, Seed, Space, dots, fit_cap, rounded, seeds
from service.monitor.segment import SegmentChange
from service.monitor.segments import Segments
from service.monitor.state import pack, unpack
from service.monitor.taking_part import SegmentsConfig

DIMENSIONS = 32
SMALL = SegmentsConfig(
    first_phase=300,
    window=400,
    block=20,
    dimensions=DIMENSIONS,
    least_members=10,
    early_every=100,
    late_every=200,
    early=1_000,
    comments_between_false_alarms=5_000,
)
NAMES = FacetNames(("anime",), (), ())
OLD, NEW, OTHER = 0, 10, 11  # topics: the first ten are there from the start


def comments(topics: Sequence[int] | NDArray[np.int64], seed: int = 0) -> ScoredComments:
    """Give one comment a topic, its vector near the topic's direction."""
    directions = np.random.default_rng(100).normal(size=(12, DIMENSIONS))
    vectors = directions[np.asarray(topics)] + 0.6 * np.random.default_rng(seed).normal(size=(len(topics), DIMENSIONS))
    return of_vectors((vectors * 4).astype(np.float32))


def of_vectors(vectors: NDArray[np.float32]) -> ScoredComments:
    n = len(vectors)
    nothing = [None] * n
    return ScoredComments(
        names=NAMES,
        seq=np.arange(1, n + 1),
        time=np.arange(n, dtype=np.float64) * 10,
        text=[""] * n,
        author=nothing,
        thread=nothing,
        platform=nothing,
        gender=nothing,
        likes=np.zeros(n, np.int64),
        polarity=np.zeros((n, 3), np.float32),
        facets=np.zeros((n, 1), np.float32),
        decided=np.zeros((n, 1), np.bool_),
        vectors=vectors,
        copy=np.zeros(n, np.bool_),
    )


def mixed(n: int, new: float = 0.0, topic: int = NEW, seed: int = 0) -> NDArray[np.int64]:
    """Give the topics of ``n`` comments, a share of them of a new one."""
    dice = np.random.default_rng(seed)
    return np.where(dice.random(n) < new, topic, dice.integers(0, 10, n))


GROWING = np.concatenate([mixed(500), mixed(400, 0.06, seed=1), mixed(1_100, 0.2, seed=2)])


def watched(batch: ScoredComments, config: SegmentsConfig = SMALL) -> tuple[Segments, list[SegmentChange]]:
    segments = Segments(config)
    return segments, segments.update(batch)


def test_a_new_group_is_proposed_before_two_hundred_of_its_comments() -> None:
    batch = comments(GROWING)
    segments, (change,) = watched(batch)
    assert change.kind == "proposed" and change.time == batch.time[change.seq - 1]
    assert (GROWING[: change.seq] == NEW).sum() <= 200
    (segment,) = segments.current()
    assert segment.id == change.segment.id and segment.proposed_seq == change.seq
    assert (GROWING[segments.members(segment.id) - 1] == NEW).mean() >= 0.8


def test_what_is_told_of_a_segment_fits_its_members() -> None:
    segments, _ = watched(comments(GROWING))
    (segment,) = segments.current()
    members = segments.members(segment.id)
    assert segment.size == len(members) and segment.share == len(members) / SMALL.window
    assert segment.growth >= 5 and segment.share_first < 0.04
    assert segment.coherence > segment.coherence_of_all + 0.3
    assert set(segment.examples) <= set(members.tolist())
    assert (GROWING[np.array(segment.examples) - 1] == NEW).all()
    assert segment.total >= (GROWING[SMALL.first_phase :] == NEW).sum() * 0.6
    assert not set(segments.others().tolist()) & set(members.tolist())
    assert len(segments.others()) + len(members) == SMALL.window


def test_two_new_groups_are_two_segments() -> None:
    both = np.where(np.random.default_rng(5).random(2_000) < 0.5, mixed(2_000, 0.25), mixed(2_000, 0.25, OTHER, 1))
    topics = np.concatenate([mixed(300, seed=2), both])
    segments, changes = watched(comments(topics))
    assert len({change.segment.id for change in changes}) == len(changes) == 2
    told = [np.bincount(topics[segments.members(each.id) - 1]).argmax() for each in segments.current()[:2]]
    assert sorted(told) == [NEW, OTHER]


@pytest.mark.parametrize("seed", range(8))
def test_a_stream_that_stays_as_it_was_proposes_nothing(seed: int) -> None:
    assert watched(comments(mixed(2_500, seed=seed), seed))[1] == []


def test_a_group_that_was_there_from_the_start_is_not_proposed() -> None:
    assert watched(comments(mixed(2_500, 0.2)))[1] == []


def test_nothing_is_said_before_the_first_phase_is_over() -> None:
    segments, changes = watched(comments(mixed(SMALL.first_phase - 1, 0.3)))
    assert changes == [] and segments.current() == []


def test_a_group_that_goes_is_followed_no_more_and_its_id_is_not_given_again() -> None:
    topics = np.concatenate([GROWING, mixed(1_000, seed=3), mixed(1_000, 0.2, OTHER, seed=4)])
    segments, changes = watched(comments(topics))
    first, second = (change.segment.id for change in changes)
    assert first != second
    assert [each.id for each in segments.current()] == [second]
    with pytest.raises(KeyError, match=first):
        segments.members(first)


@pytest.mark.parametrize("why", ["a circle", "left out", "too short"])
def test_comments_that_take_no_part_leave_no_trace(why: str) -> None:
    batch = comments(GROWING)
    new = GROWING == NEW
    vectors = np.where(new[:, None] & (why == "too short"), batch.vectors / 10, batch.vectors)
    batch = replace(batch, decided=new[:, None] & (why == "a circle"), vectors=vectors)
    segments = Segments(SMALL)
    assert segments.update(batch, leave_out=new & (why == "left out")) == []
    without = Segments(SMALL)
    without.update(batch[np.flatnonzero(~new)])
    assert pack(segments.state()) == pack(without.state())


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, len(GROWING)), max_size=12).map(sorted), st.booleans())
def test_neither_batches_nor_restarts_change_anything(cuts: list[int], restarts: bool) -> None:
    batch = comments(GROWING)
    whole, told = watched(batch)
    parts, told_in_parts = Segments(SMALL), []
    for start, end in zip([0, *cuts], [*cuts, len(batch)], strict=True):
        told_in_parts += parts.update(batch[start:end])
        if restarts:
            parts = Segments.from_state(unpack(pack(parts.state())), SMALL)
    assert told_in_parts == told
    assert pack(parts.state()) == pack(whole.state())
    assert parts.current() == whole.current()


def test_a_full_stream_keeps_less_than_400_kilobytes() -> None:
    config = SegmentsConfig()
    dice = np.random.default_rng(0)
    segments = Segments(config)
    full = config.first_phase + config.window + config.block - 1
    segments.update(of_vectors(dice.normal(0, 2, (full, 128)).astype(np.float32)))
    held = segments.state()
    arrays = [each for each in held.values() if isinstance(each, np.ndarray)] + held["space"]
    assert len(held["window"]) == config.window
    assert sum(array.nbytes for array in arrays) < 400_000
    assert len(pack(held)) < 400_000


def test_a_model_of_fewer_dimensions_is_watched_as_well() -> None:
    _, changes = watched(comments(GROWING), replace(SMALL, dimensions=48))
    assert len(changes) == 1


# ------------------------------------------------------------------ evidence


def followed(share_in_first: int = 5) -> Followed:
    kept = Followed(1, Cap(np.zeros(4, np.int8), 1), born_seq=0, total=0)
    kept.null = null_share(share_in_first, 1_000, 1.5, 0.01)
    return kept


def test_a_share_no_greater_than_the_null_takes_as_many_blocks_as_the_limit_says() -> None:
    limit, blocks = 50.0, []
    for seed in range(150):
        dice, kept = np.random.default_rng(seed), followed()
        blocks.append(0)
        while kept.evidence.mean() < limit:
            count([kept], np.array([dice.binomial(20, kept.null)]), 20)
            blocks[-1] += 1
    assert np.mean(blocks) >= limit


def test_a_share_three_times_the_null_is_sure_within_fifty_blocks() -> None:
    dice, kept = np.random.default_rng(0), followed()
    for _ in range(50):
        count([kept], np.array([dice.binomial(20, 3 * kept.null)]), 20)
    assert kept.evidence.mean() > 10_000


def test_evidence_without_end_stays_a_number() -> None:
    kept = followed()
    for _ in range(500):
        count([kept], np.array([50]), 50)
    assert np.isfinite(kept.evidence).all()


# ------------------------------------------------------------------ regions


def test_dot_products_are_whole_numbers_whatever_their_order() -> None:
    rows = rounded(np.random.default_rng(0).normal(size=(50, 64)))
    others = rounded(np.random.default_rng(1).normal(size=(7, 64)))
    assert np.array_equal(dots(rows, others), rows.astype(np.int64) @ others.astype(np.int64).T)


def test_rows_are_of_length_one_and_nothing_stays_nothing() -> None:
    rows = rounded(np.array([[3.0, -3.0, 3.0, 3.0], [0, 0, 0, 0]]))
    assert rows.tolist() == [[UNIT // 2, -UNIT // 2, UNIT // 2, UNIT // 2], [0, 0, 0, 0]]


def test_a_space_evens_out_what_varies_anyway() -> None:
    loud = np.random.default_rng(0).normal(size=(500, 8)) * [6, 1, 1, 1, 1, 1, 1, 1]
    before = rounded(loud)
    after = Space.of(before, shrinkage=0.1)(before)
    assert before.std(axis=0).max() / before.std(axis=0).min() > 2
    assert after.std(axis=0).max() / after.std(axis=0).min() < 1.5


def test_a_cap_holds_the_new_rows_and_few_that_were_to_be_expected() -> None:
    dice = np.random.default_rng(0)
    first, old = rounded(dice.normal(size=(600, 48))), rounded(dice.normal(size=(550, 48)))
    new = rounded(dice.normal(size=(50, 48)) * 0.3 + np.eye(48)[3] * 2)
    window = np.concatenate([old, new])
    for seed in list(seeds(window, first))[:2]:  # where the window moved to, and its densest row
        cap = fit_cap(window, first, seed, 1.0, purity=0.8, least=10)
        assert cap is not None
        assert cap.holds(new).mean() > 0.9 and cap.holds(old).mean() < 0.1


def test_where_nothing_is_new_there_is_no_cap() -> None:
    dice = np.random.default_rng(1)
    first, window = rounded(dice.normal(size=(600, 48))), rounded(dice.normal(size=(600, 48)))
    tried = [*seeds(window, first), Seed(window[0], None)]
    assert [fit_cap(window, first, seed, 1.0, purity=0.8, least=10) for seed in tried] == [None, None]


# ------------------------------------------------------------------ naming


def test_a_segment_is_named_by_its_own_words_and_not_by_those_of_everyone() -> None:
    inside = ["直播 回放 好看"] * 20 + ["直播 联动 好看"] * 20 + [""] * 5
    outside = ["演技 好看"] * 60 + ["配乐 好看"] * 60
    found = name_segment(inside, outside, lambda texts: Words.of([text.split() for text in texts]))
    assert {each.term for each in found} == {"直播", "回放", "联动"}
    assert found[0].term == "直播" and found[0].after == 1


def test_where_no_text_is_kept_there_is_no_name() -> None:
    assert name_segment(["", ""], ["好看"], lambda texts: Words.of([text.split() for text in texts])) == []
