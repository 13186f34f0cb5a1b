from service.notify.outbox import Delivery, Outbox
from service.store.deliveries import DeadLetter, NewDelivery
from service.store.record import Processed
from service.store.store import Store

A, B = "https://a.example/hook", "https://b.example/hook"


def send(store: Store, *messages: tuple[str, bytes, float]) -> None:
    store.record(Processed(0, deliveries=[NewDelivery(*message) for message in messages]))


def test_the_store_is_the_outbox_of_the_notifier(store: Store) -> None:
    outbox: Outbox = store
    send(store, (A, b"1", 5.0))
    assert outbox.due(4.0, 9) == []
    assert outbox.due(5.0, 9) == [Delivery(1, A, b"1", 0)]


def test_of_each_url_only_the_oldest_is_due_even_while_it_waits(store: Store) -> None:
    send(store, (A, b"1", 5.0), (A, b"2", 0.0), (B, b"3", 0.0))
    assert [each.body for each in store.due(0.0, 9)] == [b"3"]
    assert [each.body for each in store.due(5.0, 9)] == [b"1", b"3"]
    assert [each.body for each in store.due(5.0, 1)] == [b"1"]
    store.delivered(1)
    assert [each.body for each in store.due(5.0, 9)] == [b"2", b"3"]


def test_a_failed_attempt_is_counted_and_comes_again_later(store: Store) -> None:
    send(store, (A, b"1", 0.0))
    store.failed(1, "503", next_at=30.0, dead=False)
    assert store.due(29.0, 9) == []
    assert store.due(30.0, 9) == [Delivery(1, A, b"1", 1)]


def test_a_dead_letter_lets_the_next_pass_and_can_be_sent_again(store: Store) -> None:
    send(store, (A, b"1", 0.0), (A, b"2", 0.0))
    store.failed(1, "410 Gone", next_at=0.0, dead=True)
    assert [each.body for each in store.due(0.0, 9)] == [b"2"]
    assert store.dead_letters() == [DeadLetter(1, A, b"1", 1, "410 Gone")]
    assert store.dead_letters(after=1) == []
    assert store.counts().dead_letters == 1
    assert store.retry_dead(now=50.0) == 1
    assert store.due(50.0, 9) == [Delivery(1, A, b"1", 0)]
    assert store.dead_letters() == []


def test_the_number_of_a_delivered_message_names_no_later_one(store: Store) -> None:
    send(store, (A, b"1", 0.0))
    store.delivered(1)
    send(store, (A, b"2", 0.0))
    store.failed(1, "too late", next_at=0.0, dead=True)
    assert store.due(0.0, 9) == [Delivery(2, A, b"2", 0)]
