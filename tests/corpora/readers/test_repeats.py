"""Repeats are found whatever their number and order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.readers import repeats
from corpora.readers.repeats import Repeats

versions = st.lists(st.tuples(st.sampled_from(["xhs", "weibo"]), st.integers(0, 9), st.integers(0, 5)), max_size=60)


def newest_places(written: list[tuple[str, int, int]]) -> set[int]:
    newest: dict[tuple[str, int], tuple[int, int]] = {}
    for place, (platform, comment, time) in enumerate(written):
        key = (platform, comment)
        newest[key] = max(newest.get(key, (-1, -1)), (time, place))
    return {place for _, place in newest.values()}


@given(versions, st.sampled_from([3, 1000]))
def test_only_the_newest_version_stays(written: list[tuple[str, int, int]], held: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "_HELD", held)  # 3: spill to files
        met = Repeats()
        for place, (platform, comment, time) in enumerate(written):
            met.add(platform, str(comment), time, place)
        marks = met.superseded(len(written))
    assert {place for place, mark in enumerate(marks) if not mark} == newest_places(written)
