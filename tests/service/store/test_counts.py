from service.store.counts import Counts
from service.store.record import Processed
from service.store.store import Store
from tests.service.store.making import accept, alert, comment, stream_id


def test_an_empty_store_counts_nothing(store: Store) -> None:
    assert store.counts() == Counts(0, 0, 0, 0, 0)


def test_what_there_is_is_counted(store: Store) -> None:
    accept(store, "a", comment("1"), comment("2"), comment("2"))
    accept(store, "b", comment("1"))
    stream = stream_id(store, "a")
    alerts = [alert(stream, "1"), alert(stream, "2", state="pending"), alert(stream, "3")]
    store.record(Processed(1, alerts=alerts))
    assert store.counts() == Counts(streams=2, comments=3, pending=2, firing=2, dead_letters=0)
