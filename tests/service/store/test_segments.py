from service.store.record import Processed
from service.store.segments import Segment
from service.store.store import Store


def test_a_segment_is_written_over_by_its_id_within_its_stream(store: Store) -> None:
    a, b = (store.find_or_create_stream(name, {}, 0.0).id for name in "ab")
    first = [Segment(a, "s-1", 5, {"size": 10}), Segment(a, "s-2", 5, {"size": 3}), Segment(b, "s-1", 5, {"size": 1})]
    store.record(Processed(0, segments=first))
    store.record(Processed(0, segments=[Segment(a, "s-2", 9, {"size": 30})]))
    assert store.segments(a) == [Segment(a, "s-2", 9, {"size": 30}), first[0]]
    assert store.segments(b) == [first[2]]
