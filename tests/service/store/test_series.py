from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.store.record import Processed
from service.store.series import SeriesSums
from service.store.store import Store


def test_sums_are_added_to_those_there_and_may_grow_longer(store: Store) -> None:
    stream = store.find_or_create_stream("灯火", {}, 0.0).id
    store.record(Processed(0, series=[SeriesSums(stream, 600, "weibo", [1.0, 0.5])]))
    store.record(Processed(0, series=[SeriesSums(stream, 600, "weibo", [2.0, 0.25, 9.0])]))
    store.record(Processed(0, series=[SeriesSums(stream, 600, "weibo", [1.0])]))
    assert store.series(stream, 0, 9999) == [SeriesSums(stream, 600, "weibo", (4.0, 0.75, 9.0))]


def test_streams_starts_and_platforms_are_kept_apart_and_in_order(store: Store) -> None:
    a, b = (store.find_or_create_stream(name, {}, 0.0).id for name in "ab")
    sums = [SeriesSums(a, 600, "weibo", (1.0,)), SeriesSums(a, 600, "", (2.0,)), SeriesSums(a, 0, "weibo", (3.0,))]
    store.record(Processed(0, series=[*sums, SeriesSums(b, 600, "", (4.0,))]))
    assert store.series(a, 0, 601) == sums[::-1]
    assert store.series(a, 0, 600) == sums[2:]
    assert store.series(a, 1, 9999) == [sums[1], sums[0]]


HALVES = st.integers(0, 2**24).map(lambda whole: whole / 2**24)  # what float16 probabilities are multiples of


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(HALVES, min_size=1, max_size=12), cut=st.integers(0, 12))
def test_sums_of_rounded_scores_are_the_same_to_the_last_bit_wherever_the_steps_are_cut(
    store: Store, values: list[float], cut: int
) -> None:
    store.delete_stream("灯火")
    stream = store.find_or_create_stream("灯火", {}, 0.0).id
    for some in (values[:cut], values[cut:]):
        store.record(Processed(0, series=[SeriesSums(stream, 0, "", [sum(some)])]))
    assert store.series(stream, 0, 1)[0].sums == (sum(values),)
