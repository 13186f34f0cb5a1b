from service.store.events import Event, NewEvent
from service.store.record import Processed
from service.store.store import Store


def tell(store: Store, stream: int, *kinds: str) -> list[int | None]:
    return store.record(Processed(0, events=[NewEvent(stream, kind, 3, 9.5, {"片": kind}) for kind in kinds]))


def test_events_are_numbered_in_the_order_they_are_told(store: Store) -> None:
    a, b = (store.find_or_create_stream(name, {}, 0.0).id for name in "ab")
    assert store.newest_event() == 0
    assert (tell(store, a, "alert", "segment"), tell(store, b, "alert")) == ([1, 2], [3])
    assert store.newest_event() == 3
    assert store.events_after(a, 1, 9) == [Event(2, a, "segment", 3, 9.5, {"片": "segment"})]
    assert [event.id for event in store.events_after(None, 1, 9)] == [2, 3]
    assert [event.id for event in store.events_after(None, 0, 1)] == [1]


def test_a_number_never_comes_again_so_that_who_resumes_misses_nothing(store: Store) -> None:
    tell(store, store.find_or_create_stream("a", {}, 0.0).id, "alert")
    store.delete_stream("a")
    assert tell(store, store.find_or_create_stream("b", {}, 0.0).id, "alert") == [2]
